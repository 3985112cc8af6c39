"""What exports show of operations on a lead: its dead letter and its entries in the audit log."""

from __future__ import annotations

from collections.abc import AsyncIterator

from domain.instant import to_datetime
from engine.operations.audit_log import AUDIT_LOG, AuditEntry, AuditLog
from engine.operations.dead_letters import DEAD_LETTERS, DeadLetter, DeadLetters
from engine.privacy.personal_data import EncryptedDataStore, Exported, Record

__all__ = ["AuditData", "DeadLetterData"]

_PAGE = 200


class DeadLetterData(EncryptedDataStore):
    """The registration of dead letters. Their reasons can quote an event only as it is stored, encrypted."""

    collections = (DEAD_LETTERS,)

    def __init__(self, dead_letters: DeadLetters) -> None:
        self._dead_letters = dead_letters

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        letter = await self._dead_letters.of_lead(lead_id)
        return {"deadLetters": [] if letter is None else [_letter_record(letter)]}


class AuditData(EncryptedDataStore):
    """The registration of the audit log, which is kept: it names actors and lead ids, not the person behind a lead."""

    collections = (AUDIT_LOG,)

    def __init__(self, audit: AuditLog) -> None:
        self._audit = audit

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {"auditLog": self._records(lead_id)}

    async def _records(self, lead_id: str) -> AsyncIterator[Record]:
        after = None
        while page := await self._audit.page(lead_id, after, _PAGE):
            for entry in page:
                yield _entry_record(entry)
            after = (page[-1].at, page[-1].entry_id)


def _letter_record(letter: DeadLetter) -> Record:
    return {
        "leadId": letter.lead_id,
        "state": letter.state,
        "eventId": letter.event_id or None,
        "position": letter.position or None,
        "reason": letter.reason,
        "attempts": letter.attempts,
        "firstAt": to_datetime(letter.first_at),
        "lastAt": to_datetime(letter.last_at),
    }


def _entry_record(entry: AuditEntry) -> Record:
    actor, action = entry.actor, entry.action
    return {
        "id": entry.entry_id,
        "at": to_datetime(entry.at),
        "who": {
            "kind": actor.kind,
            "name": actor.name,
            "keyId": actor.id if actor.kind == "key" else None,
            "personId": actor.id if actor.kind == "person" else None,
        },
        "action": action.name,
        "target": action.target,
        "before": action.before,
        "after": action.after,
    }
