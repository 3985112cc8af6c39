"""The library of sequences in MongoDB: published once and never changed; of each name one version at most is active."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from domain.errors import Conflict, NotFound
from domain.instant import Millis
from domain.sequences.compiler import compile_sequence
from domain.sequences.definition import SequenceDefinition
from domain.sequences.program import Program
from engine.process.clock import to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session

__all__ = ["SEQUENCES", "PublishedSequence", "SequenceLibrary"]

SEQUENCES = CollectionSpec(
    "sequences",
    Distribution.UNSHARDED,
    (
        IndexModel([("name", ASCENDING), ("version", DESCENDING)]),
        IndexModel(
            [("name", ASCENDING)], name="active", unique=True, partialFilterExpression={"active": True}
        ),
    ),
    free_of_personal_data="steps and texts with fields that are not filled in, written by operators",
)
_MAX_COMPILED = 64


class PublishedSequence(Struct, frozen=True):
    """A sequence with the text it was published as."""

    definition: SequenceDefinition
    source: str
    is_active: bool


class SequenceLibrary:
    """Publishes and finds sequences."""

    def __init__(self, database: Database) -> None:
        self._sequences = SEQUENCES.of(database)
        self._compiled: dict[str, Program] = {}

    async def publish(self, definition: SequenceDefinition, source: str, at: Millis) -> None:
        """Store the sequence under its name and version. Raises `Conflict` if they had other steps before."""
        document: Document = {
            "_id": definition.label,
            "name": definition.name,
            "version": definition.version,
            "content": _content(definition),
            "source": source,
            "active": False,
            "publishedAt": to_bson(at),
        }
        try:
            await self._sequences.insert_one(document)
        except DuplicateKeyError:
            await self.require_unused(definition)

    async def require_unused(self, definition: SequenceDefinition) -> None:
        """Raise `Conflict` if another definition was published under this name and version."""
        doc = await self._sequences.find_one({"_id": {"$eq": definition.label}})
        if doc is not None and _read(doc).definition != definition:
            raise Conflict(
                f"Sequence {definition.label} was published before with other steps, and enrolments refer to it: "
                f"raise its version to {definition.version + 1}."
            )

    async def activate(self, name: str, version: int | None, session: Session) -> str | None:
        """Make this version the one that leads are enrolled in, or with None no version. Returns the label before."""
        before = await self._sequences.find_one_and_update(
            {"name": {"$eq": name}, "active": True}, {"$set": {"active": False}}, session=session
        )
        if version is not None:
            label = f"{name}@{version}"
            found = await self._sequences.update_one(
                {"_id": label}, {"$set": {"active": True}}, session=session
            )
            if not found.matched_count:
                raise NotFound("sequence", label)
        return before["_id"] if before else None

    async def get(self, label: str) -> PublishedSequence:
        """The sequence that was published as `name@version`. Raises `NotFound`."""
        doc = await self._sequences.find_one({"_id": {"$eq": label}})
        if doc is None:
            raise NotFound("sequence", label)
        return _read(doc)

    async def active(self, name: str) -> Program:
        """The active version, in executable form. Raises `NotFound` if none is."""
        doc = await self._sequences.find_one({"name": {"$eq": name}, "active": True}, {"_id": 1})
        if doc is None:
            raise NotFound("active sequence", name)
        return await self.program(doc["_id"])

    async def program(self, label: str) -> Program:
        """A published sequence in executable form; it is compiled once, since it never changes. Raises `NotFound`."""
        found = self._compiled.get(label)
        if found is None:
            found = compile_sequence((await self.get(label)).definition)
            if len(self._compiled) >= _MAX_COMPILED:
                self._compiled.clear()
            self._compiled[label] = found
        return found

    async def page(self, after: tuple[str, int] | None, limit: int) -> Sequence[PublishedSequence]:
        """Published sequences by name, the newest version first; a page goes on behind `after`."""
        keys = [("name", 1), ("version", -1)]
        cursor = self._sequences.find({})
        if after is not None:
            cursor = cursor.min([("name", after[0]), ("version", after[1] - 1)])
        docs = await cursor.hint(keys).sort(keys).limit(limit).to_list()
        return [_read(doc) for doc in docs]


def _content(definition: SequenceDefinition) -> Document:
    return definition.model_dump(mode="json", by_alias=True, exclude_none=True)


def _read(doc: Document) -> PublishedSequence:
    return PublishedSequence(
        SequenceDefinition.model_validate(doc["content"]), doc["source"], is_active=doc["active"]
    )
