"""Previews of rulebooks in MongoDB. Every step is a compare-and-set, in one transaction with the leads that it adds."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from pymongo import ASCENDING, DESCENDING, IndexModel

from domain.decisions.goal import Goal
from domain.errors import NotFound
from domain.instant import Millis
from domain.rule_lab.simulation import Window
from domain.rulebooks.rulebook import Rulebook
from engine.process.clock import from_bson, to_bson
from engine.rule_lab.preview import Preview, Progress
from engine.store import keyset
from engine.store.collection import CollectionSpec, Distribution
from engine.store.concurrency import ConcurrencyConflict
from engine.store.keyset import Keyset
from engine.store.mongo import Database, Document, Session

__all__ = ["RULEBOOK_PREVIEWS", "PreviewMoved", "PreviewStore"]

RULEBOOK_PREVIEWS = CollectionSpec(
    "rulebookPreviews",
    Distribution.UNSHARDED,
    (
        IndexModel([("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("state", ASCENDING), ("createdAt", ASCENDING)]),
        IndexModel([("digest", ASCENDING), ("createdAt", DESCENDING)]),
    ),
    free_of_personal_data="rules, written by operators, figures over many leads, and the id of a lead as a place in a list",
)
_DELETED = "deleted"
_SHOWN = {"$ne": _DELETED}
_progress = msgspec.json.Decoder(Progress)


class PreviewMoved(ConcurrencyConflict):
    """Another process has moved the preview on, or it was deleted."""


class PreviewStore:
    """Adds, finds, moves on and deletes previews."""

    def __init__(self, database: Database) -> None:
        self._previews = RULEBOOK_PREVIEWS.of(database)

    async def add(self, preview: Preview, rulebook: Rulebook, claimed_until: Millis) -> None:
        """Store a new preview with its rulebook; nobody else works on it before `claimed_until`."""
        content = rulebook.model_dump(mode="json", by_alias=True, exclude_none=True)
        await self._previews.insert_one(
            _document(preview) | {"rulebook": content, "claimedUntil": to_bson(claimed_until)}
        )

    async def get(self, preview_id: str) -> Preview:
        """The preview. Raises `NotFound`."""
        doc = await self._previews.find_one({"_id": preview_id, "state": _SHOWN}, {"rulebook": 0})
        if doc is None:
            raise NotFound("preview", preview_id)
        return _read(doc)

    async def rulebook(self, preview_id: str) -> Rulebook:
        """The rulebook that it tries. Raises `NotFound`."""
        doc = await self._previews.find_one({"_id": preview_id}, {"rulebook": 1})
        if doc is None:
            raise NotFound("preview", preview_id)
        return Rulebook.model_validate(doc["rulebook"])

    async def page(self, after: Keyset | None, limit: int) -> list[Preview]:
        """Previews, the newest first."""
        cursor = self._previews.find({"state": _SHOWN, **keyset.after("createdAt", after)}, {"rulebook": 0})
        return [_read(doc) async for doc in cursor.sort([("createdAt", -1), ("_id", 1)]).limit(limit)]

    async def running(self, limit: int) -> list[Preview]:
        """Previews that are not complete, the oldest first."""
        cursor = self._previews.find({"state": "running"}, {"rulebook": 0})
        return [_read(doc) async for doc in cursor.sort("createdAt", 1).limit(limit)]

    async def next_to_work_on(self, now: Millis) -> Preview | None:
        """The oldest preview that is not complete, and that no other process has claimed."""
        query = {"state": "running", "claimedUntil": {"$lte": to_bson(now)}}
        found = self._previews.find(query, {"rulebook": 0}).sort("createdAt", 1).limit(1)
        return next((_read(doc) for doc in await found.to_list()), None)

    async def of_digest(self, digest: str, limit: int) -> list[Preview]:
        """Previews of this content, the newest first."""
        cursor = self._previews.find({"digest": digest, "state": _SHOWN}, {"rulebook": 0})
        return [_read(doc) async for doc in cursor.sort("createdAt", -1).limit(limit)]

    async def move_on(
        self, preview: Preview, progress: Progress, claimed_until: Millis, session: Session | None = None
    ) -> Preview:
        """Store the next step, and claim the preview until a moment.

        Raises `PreviewMoved` unless it is still where it was read.
        """
        after = preview.moved_on(progress)
        found = await self._previews.update_one(
            {"_id": preview.preview_id, "step": preview.step},
            {"$set": {**_changing(after), "claimedUntil": to_bson(claimed_until)}},
            session=session,
        )
        if not found.matched_count:
            raise PreviewMoved(f"Preview {preview.preview_id} was moved on by another process, or deleted.")
        return after

    async def delete(self, preview_id: str) -> None:
        """Show the preview no more, and let one that is running end. Raises `NotFound`.

        It is removed, with its leads, in the background: there may be a million of them.
        """
        found = await self._previews.update_one(
            {"_id": preview_id, "state": _SHOWN}, {"$set": {"state": _DELETED}, "$inc": {"step": 1}}
        )
        if not found.matched_count:
            raise NotFound("preview", preview_id)

    async def to_be_removed(self, kept: int) -> Sequence[str]:
        """The ids of those that were deleted, and of all others but so many of the newest."""
        deleted = self._previews.find({"state": _DELETED}, {"_id": 1})
        older = self._previews.find({"state": _SHOWN}, {"_id": 1}).sort([("createdAt", -1), ("_id", 1)])
        return [doc["_id"] for doc in [*await deleted.to_list(), *await older.skip(kept).to_list()]]

    async def remove(self, preview_id: str) -> None:
        """Remove the preview itself, whose leads are removed already."""
        await self._previews.delete_one({"_id": preview_id})


def _document(preview: Preview) -> Document:
    return {
        "_id": preview.preview_id,
        "digest": preview.digest,
        "label": preview.label,
        "text": preview.text,
        "before": preview.before,
        "class": preview.change_class,
        "sample": preview.sample,
        "allLeads": preview.all_leads,
        "since": to_bson(preview.window.since),
        "at": to_bson(preview.window.at),
        "position": preview.position,
        "goal": msgspec.to_builtins(preview.goal),
        "createdAt": to_bson(preview.created_at),
        "createdBy": preview.created_by,
        **_changing(preview),
    }


def _changing(preview: Preview) -> Document:
    progress = msgspec.json.encode(preview.progress).decode()
    return {"step": preview.step, "state": preview.progress.state, "progress": progress}


def _read(doc: Document) -> Preview:
    return Preview(
        preview_id=doc["_id"],
        digest=doc["digest"],
        label=doc["label"],
        text=doc["text"],
        before=doc["before"],
        change_class=doc["class"],
        sample=doc["sample"],
        all_leads=doc["allLeads"],
        window=Window(from_bson(doc["since"]), from_bson(doc["at"])),
        position=doc["position"],
        goal=msgspec.convert(doc["goal"], Goal),
        created_at=from_bson(doc["createdAt"]),
        created_by=doc["createdBy"],
        step=doc["step"],
        progress=_progress.decode(doc["progress"]),
    )
