"""What exports show of a stored lead: its summary, its folded state and its score history."""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec import to_builtins

from domain.events.event import Json
from domain.instant import to_datetime
from domain.leads.history_row import HistoryRow
from engine.identity.stream_store import StreamStore
from engine.leads.checkpoint_store import LEAD_CHECKPOINTS
from engine.leads.history_store import SCORE_HISTORY, HistoryStore, Place
from engine.leads.lead_document import LEADS, LeadSummary, UnreadableLead
from engine.leads.lead_lists import LeadLists
from engine.leads.lead_store import LeadStore
from engine.privacy.lead_key_store import LeadKeyStore
from engine.privacy.personal_data import EncryptedDataStore, Exported, Record
from engine.privacy.sealed_properties import open_value

__all__ = ["HistoryData", "LeadData"]

_PAGE = 200


class LeadData(EncryptedDataStore):
    """The registration of leads. The state is exported as it is remembered, with its encrypted texts opened.

    Checkpoints are earlier states of the same lead, with no other fields.
    """

    whole_leads = True
    collections = (LEADS, LEAD_CHECKPOINTS)

    def __init__(self, states: LeadStore, lists: LeadLists, keys: LeadKeyStore, streams: StreamStore) -> None:
        self._states = states
        self._lists = lists
        self._keys = keys
        self._streams = streams

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        summary = await self._lists.summary(lead_id)
        return {
            "lead": None if summary is None else _summary_record(summary),
            "state": await self._state(lead_id),
        }

    async def _state(self, lead_id: str) -> Json:
        """The folded state; None when nothing is stored or it cannot be read."""
        try:
            state = await self._states.get(lead_id)
        except UnreadableLead:
            return None
        if state is None:
            return None
        plain: Json = to_builtins(state)
        return open_value("", plain, await self._keys.of_streams(await self._streams.of_lead(lead_id)))


class HistoryData(EncryptedDataStore):
    """The registration of score history, which is numbers and names of rules and stages."""

    whole_leads = True
    collections = (SCORE_HISTORY,)

    def __init__(self, history: HistoryStore) -> None:
        self._history = history

    async def export(self, lead_id: str, until: int) -> Exported:
        return {"history": self._rows(lead_id, until)}

    async def _rows(self, lead_id: str, until: int) -> AsyncIterator[Record]:
        before: Place | None = None
        while page := await self._history.page_of_lead(lead_id, _PAGE, up_to=until, before=before):
            for row in page:
                yield _row_record(row)
            before = (page[-1].at, page[-1].position)


def _summary_record(lead: LeadSummary) -> Record:
    last = lead.last_activity_at
    return {
        "leadId": lead.lead_id,
        "position": lead.position,
        "score": round(lead.score, 2),
        "stage": lead.stage,
        "outcome": lead.outcome,
        "status": lead.status,
        "velocity": lead.velocity,
        "risk": lead.risk,
        "nextAction": lead.next_action,
        "scoredAt": to_datetime(lead.scored_at),
        "lastActivityAt": None if last is None else to_datetime(last),
        "tags": list(lead.tags),
        "ownerId": lead.owner_id,
        "rulebook": lead.rulebook,
        "accountId": lead.account_id,
    }


def _row_record(row: HistoryRow) -> Record:
    return {
        "position": row.position,
        "eventId": row.event_id,
        "type": row.type,
        "occurredAt": to_datetime(row.occurred_at),
        "at": to_datetime(row.at),
        "previousScore": row.previous_score,
        "decay": row.decay,
        "contributions": row.contributions,
        "newScore": row.new_score,
        "stageBefore": row.stage_before,
        "stageAfter": row.stage_after,
        "rulebook": row.rulebook,
    }
