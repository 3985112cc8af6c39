"""The personal data in messages and suppression lists: their export and their erasure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from domain.instant import to_datetime
from engine.outreach.message import Message
from engine.outreach.message_store import MESSAGES, MessageStore
from engine.outreach.sealed_content import open_content
from engine.outreach.suppression_store import SUPPRESSIONS, SuppressionStore
from engine.privacy.lead_key_store import LeadKeyStore
from engine.privacy.personal_data import Exported, PersonalDataStore, Record
from engine.process.clock import now

__all__ = ["MessageData", "SuppressionData"]

_PAGE = 200
_MESSAGES = "messages"


class MessageData(PersonalDataStore):
    """The registration of messages: what waits is not sent any more, what was sent cannot be read any more.

    `outbox` is the folder in which messages lie that were tried out; their files are removed.
    """

    collections = (MESSAGES,)

    def __init__(self, messages: MessageStore, keys: LeadKeyStore, outbox: Path) -> None:
        self._messages = messages
        self._keys = keys
        self._outbox = outbox

    async def find(self, lead_id: str) -> Mapping[str, bool]:
        return {_MESSAGES: await self._messages.has_content(lead_id)}

    async def erase(self, lead_id: str) -> Mapping[str, int]:
        await self._messages.cancel_waiting(lead_id, now())
        async for message in self._every(lead_id):
            for suffix in (".eml", ".txt"):
                (self._outbox / f"{message.unit_id}{suffix}").unlink(missing_ok=True)
        return {_MESSAGES: await self._messages.forget(lead_id)}

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {_MESSAGES: self._records(lead_id)}

    async def _records(self, lead_id: str) -> AsyncIterator[Record]:
        key = await self._keys.find(lead_id)
        async for message in self._every(lead_id):
            content = open_content(message.sealed, key)
            yield {
                "id": message.unit_id,
                "channel": message.channel,
                "state": message.state,
                "to": content.to if content else None,
                "subject": content.subject if content else None,
                "text": content.text if content else None,
                "html": content.html if content else None,
                "template": content.template if content else None,
                "variables": content.variables if content else None,
                "createdAt": to_datetime(message.created_at),
                "attempts": [
                    {"at": to_datetime(one.at), "outcome": one.outcome, "detail": one.detail}
                    for one in message.attempts
                ],
            }

    async def _every(self, lead_id: str) -> AsyncIterator[Message]:
        after = None
        while page := await self._messages.of_lead(lead_id, after=after, limit=_PAGE):
            for message in page:
                yield message
            after = (page[-1].created_at, page[-1].unit_id)


class SuppressionData(PersonalDataStore):
    """The registration of suppression lists. Addresses go, hashes stay: an erased person is still not written to."""

    collections = (SUPPRESSIONS,)

    def __init__(self, suppressions: SuppressionStore) -> None:
        self._suppressions = suppressions

    async def find(self, lead_id: str) -> Mapping[str, bool]:
        return {"suppressions": bool(await self._suppressions.of_lead(lead_id))}

    async def erase(self, lead_id: str) -> Mapping[str, int]:
        return {"suppressions": await self._suppressions.forget(lead_id)}

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {
            "suppressions": [
                {
                    "scope": entry.scope,
                    "kind": entry.kind,
                    "value": entry.value,
                    "why": entry.why,
                    "at": to_datetime(entry.at).isoformat(),
                }
                for entry in await self._suppressions.of_lead(lead_id)
            ]
        }
