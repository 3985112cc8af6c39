"""Drafts in MongoDB. Every change is a compare-and-set on state and revision, so that no decision is taken twice."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from domain.errors import Conflict, NotFound
from domain.instant import Millis
from engine.assistant.assistant import Origin
from engine.drafts.draft import Draft, DraftState
from engine.outreach.message import Author
from engine.process.clock import from_bson, to_bson
from engine.store import keyset
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import Keyset
from engine.store.mongo import Database, Document, Session

__all__ = ["DRAFTS", "DraftStore"]

_NEWEST = [("createdAt", DESCENDING), ("_id", ASCENDING)]

DRAFTS = CollectionSpec(
    "drafts",
    Distribution.BY_LEAD,
    (
        IndexModel([("leadId", ASCENDING), *_NEWEST]),
        IndexModel([("state", ASCENDING), *_NEWEST]),
        IndexModel(_NEWEST),
    ),
)

_OPEN = ("waiting", "approving")


class DraftStore:
    """Adds, finds and changes drafts."""

    def __init__(self, database: Database) -> None:
        self._drafts = DRAFTS.of(database)

    async def add(self, draft: Draft) -> tuple[Draft, bool]:
        """Store a draft. Returns what is stored under its id, and whether it is new.

        Raises `Conflict` if another request was made under the same id.
        """
        try:
            await self._drafts.insert_one(_document(draft))
        except DuplicateKeyError:
            stored = await self.get(draft.draft_id)
            if stored.request_hash != draft.request_hash:
                raise Conflict(
                    "Another draft for this lead was asked for with the same Idempotency-Key."
                ) from None
            return stored, False
        return draft, True

    async def find(self, draft_id: str) -> Draft | None:
        """The draft, if there is one."""
        doc = await self._drafts.find_one({"_id": draft_id})
        return _read(doc) if doc else None

    async def get(self, draft_id: str) -> Draft:
        """The draft. Raises `NotFound`."""
        found = await self.find(draft_id)
        if found is None:
            raise NotFound("draft", draft_id)
        return found

    async def page(
        self,
        *,
        lead_ids: Sequence[str] | None = None,
        state: DraftState | None = None,
        after: Keyset | None,
        limit: int,
    ) -> list[Draft]:
        """Drafts, newest first: of one lead with its streams or of all, in one state or in any."""
        query: Document = keyset.after("createdAt", after)
        query |= {} if lead_ids is None else {"leadId": {"$in": list(lead_ids)}}
        query |= {} if state is None else {"state": state}
        cursor = self._drafts.find(query).sort(_NEWEST).limit(limit)
        return [_read(doc) async for doc in cursor]

    async def edit(self, draft: Draft, sealed: str, by: Author, session: Session) -> Draft | None:
        """Replace the content of a waiting draft. None if it is not as it was read any more."""
        change: Document = {"$set": {"sealed": sealed, "editedBy": _author(by)}, "$inc": {"revision": 1}}
        return await self._changed(draft, "waiting", change, session)

    async def approve(self, draft: Draft, by: Author, at: Millis, session: Session) -> Draft | None:
        """Note that a waiting draft is approved, before its message is planned. None as for `edit`."""
        noted = {"state": "approving", "decidedBy": _author(by), "decidedAt": to_bson(at)}
        return await self._changed(draft, "waiting", {"$set": noted}, session)

    async def planned(self, draft: Draft, message_id: str) -> Draft:
        """Note the message that an approved draft has become."""
        await self._drafts.update_one(
            {"_id": draft.draft_id, "state": "approving"},
            {"$set": {"state": "approved", "messageId": message_id}},
        )
        return await self.get(draft.draft_id)

    async def not_planned(self, draft: Draft) -> None:
        """Let a draft wait again whose message could not be planned."""
        await self._drafts.update_one(
            {"_id": draft.draft_id, "state": "approving"},
            {"$set": {"state": "waiting"}, "$unset": {"decidedBy": "", "decidedAt": ""}},
        )

    async def reject(self, draft: Draft, by: Author, why: str, at: Millis, session: Session) -> Draft | None:
        """End a waiting draft. None as for `edit`."""
        noted = {"state": "rejected", "decidedBy": _author(by), "decidedAt": to_bson(at), "why": why}
        return await self._changed(draft, "waiting", {"$set": noted}, session)

    async def has_content(self, lead_id: str) -> bool:
        """Whether a draft for the lead can still be read or approved."""
        found = await self._drafts.find_one({"leadId": lead_id, "sealed": {"$gt": ""}}, {"_id": 1})
        return found is not None

    async def forget(self, lead_id: str, at: Millis) -> int:
        """Reject what waits and blank all contents of a lead's drafts. Returns the number of drafts changed."""
        await self._drafts.update_many(
            {"leadId": lead_id, "state": {"$in": list(_OPEN)}},
            {"$set": {"state": "rejected", "decidedAt": to_bson(at), "why": "the lead was erased"}},
        )
        result = await self._drafts.update_many(
            {"leadId": lead_id, "sealed": {"$gt": ""}}, {"$set": {"sealed": ""}}
        )
        return result.modified_count

    async def _changed(
        self, draft: Draft, state: DraftState, change: Document, session: Session
    ) -> Draft | None:
        doc = await self._drafts.find_one_and_update(
            {"_id": draft.draft_id, "state": state, "revision": draft.revision},
            change,
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        return _read(doc) if doc else None


def _author(author: Author) -> Document:
    return {"kind": author.kind, "id": author.id}


def _document(draft: Draft) -> Document:
    return {
        "_id": draft.draft_id,
        "leadId": draft.lead_id,
        "channel": draft.channel,
        "purpose": draft.purpose,
        "language": draft.language,
        "state": draft.state,
        "revision": draft.revision,
        "createdAt": to_bson(draft.created_at),
        "author": _author(draft.author),
        "origin": msgspec.to_builtins(draft.origin),
        "sealed": draft.sealed,
        "requestHash": draft.request_hash,
        "replyTo": draft.reply_to,
        "answers": draft.answers,
    }


def _read(doc: Document) -> Draft:
    edited, decided, at = doc.get("editedBy"), doc.get("decidedBy"), doc.get("decidedAt")
    return Draft(
        draft_id=doc["_id"],
        lead_id=doc["leadId"],
        channel=doc["channel"],
        purpose=doc["purpose"],
        language=doc["language"],
        state=doc["state"],
        revision=doc["revision"],
        created_at=from_bson(doc["createdAt"]),
        author=Author(**doc["author"]),
        origin=msgspec.convert(dict(doc["origin"]), Origin),
        sealed=doc["sealed"],
        request_hash=doc["requestHash"],
        reply_to=doc.get("replyTo"),
        answers=doc.get("answers"),
        edited_by=Author(**edited) if edited else None,
        decided_by=Author(**decided) if decided else None,
        decided_at=from_bson(at) if at else None,
        why=doc.get("why", ""),
        message_id=doc.get("messageId"),
    )
