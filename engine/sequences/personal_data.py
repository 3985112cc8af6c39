"""The personal data in enrolments: their export, and their end when the lead is erased."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from domain.errors import Conflict
from domain.instant import to_datetime
from engine.privacy.personal_data import Exported, PersonalDataStore, Record
from engine.process.clock import now
from engine.sequences.enrolment import Ending, Enrolment
from engine.sequences.enrolment_store import ENROLMENTS, EnrolmentStore

__all__ = ["EnrolmentData"]

_PAGE = 200
_NAME = "enrolments"


class EnrolmentData(PersonalDataStore):
    """The registration of enrolments, which hold why people enrolled the lead: an erased one is in no sequence any more."""

    collections = (ENROLMENTS,)

    def __init__(self, enrolments: EnrolmentStore) -> None:
        self._enrolments = enrolments

    async def find(self, lead_id: str) -> Mapping[str, bool]:
        return {_NAME: any([_is_left(one) async for one in self._every(lead_id)])}

    async def erase(self, lead_id: str) -> Mapping[str, int]:
        ended = 0
        async for one in self._every(lead_id):
            if one.is_active:
                try:
                    await self._enrolments.stop(one.unit_id, Ending("erased", now()))
                except Conflict:
                    continue  # it has ended by itself meanwhile
                ended += 1
        await self._enrolments.forget_touches(lead_id)
        return {_NAME: max(ended, await self._enrolments.forget_reasons(lead_id))}

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {_NAME: self._records(lead_id)}

    async def _records(self, lead_id: str) -> AsyncIterator[Record]:
        async for one in self._every(lead_id):
            yield {
                "enrolmentId": one.unit_id,
                "sequence": one.label,
                "enrolledAt": to_datetime(one.enrolled_at),
                "why": one.why,
                "state": one.state,
                "ended": one.ending.reason if one.ending else None,
                "endedAt": to_datetime(one.ending.at) if one.ending else None,
            }

    async def _every(self, lead_id: str) -> AsyncIterator[Enrolment]:
        after = None
        while page := await self._enrolments.of_lead([lead_id], after=after, limit=_PAGE):
            for one in page:
                yield one
            after = (page[-1].created_at, page[-1].unit_id)


def _is_left(enrolment: Enrolment) -> bool:
    """Whether it goes on, or says why somebody began or ended it."""
    return bool(enrolment.ending is None or enrolment.why or enrolment.ending.why)
