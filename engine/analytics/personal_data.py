"""Message results as data about leads: ids and moments, which an erasure removes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from domain.instant import Millis, to_datetime
from engine.analytics.result_store import MESSAGE_RESULTS, ResultStore
from engine.privacy.personal_data import Exported, PersonalDataStore, Record

__all__ = ["ResultData"]

_NAME = "messageResults"


class ResultData(PersonalDataStore):
    """The registration of message results. It comes after that of messages, by which a rebuild knows what was erased."""

    collections = (MESSAGE_RESULTS,)

    def __init__(self, results: ResultStore) -> None:
        self._results = results

    async def find(self, lead_id: str) -> Mapping[str, bool]:
        return {_NAME: bool(await self._results.having([lead_id]))}

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {_NAME: self._records(lead_id)}

    async def erase(self, lead_id: str) -> Mapping[str, int]:
        return {_NAME: await self._results.remove(lead_id)}

    async def _records(self, lead_id: str) -> AsyncIterator[Record]:
        async for one in self._results.of_stream(lead_id):
            yield {
                "messageId": one.message_id,
                "channel": one.channel,
                "sequence": one.sequence or None,
                "step": one.step or None,
                "variant": one.variant or None,
                "campaign": one.campaign or None,
                "fate": one.fate,
                "at": _moment(one.at),
                "openedAt": _moment(one.opened_at),
                "clickedAt": _moment(one.clicked_at),
                "repliedAt": _moment(one.replied_at),
                "intents": list(one.intents),
                "meetingAt": _moment(one.meeting_at),
                "optedOutAt": _moment(one.opted_out_at),
                "wonAt": _moment(one.won_at),
            }


def _moment(at: Millis | None) -> object:
    return None if at is None else to_datetime(at)
