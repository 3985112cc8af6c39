"""A database in memory with what the engine relies on of MongoDB: snapshots, write conflicts, atomic commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, Self

from pymongo.errors import AutoReconnect, PyMongoError

__all__ = ["Client", "Conflict", "Key", "Memory", "Session", "View"]

Key = tuple[str, Any]
_MAX_TRIES = 30


class Conflict(PyMongoError):
    """Another transaction has written the document: this one starts again."""


class View(Protocol):
    """Documents by collection and key, as a transaction or everybody sees them."""

    def get(self, collection: str, key: Any) -> Any: ...
    def all(self, collection: str) -> dict[Any, Any]: ...
    def put(self, collection: str, key: Any, document: Any) -> None: ...
    def remove(self, collection: str, key: Any) -> None: ...


class Memory:
    """What is committed. Also the view of reads and writes outside transactions."""

    def __init__(self) -> None:
        self.collections: defaultdict[str, dict[Any, Any]] = defaultdict(dict)
        self.commits = 0
        self.changed: dict[Key, int] = {}
        self.locks: dict[Key, Transaction] = {}
        self.stored_at: dict[int, tuple[int, int]] = {}
        """The number of commits before the transaction of each event began, and that of its own."""
        self.steps_back: list[str] = []
        """Leads whose applied position went back."""

    def get(self, collection: str, key: Any) -> Any:
        return self.collections[collection].get(key)

    def all(self, collection: str) -> dict[Any, Any]:
        return self.collections[collection]

    def put(self, collection: str, key: Any, document: Any) -> None:
        """Write at once. Raises `Conflict` while a transaction holds the document: try again."""
        self.put_together({(collection, key): document})

    def put_together(self, writes: dict[Key, Any]) -> None:
        """Write all of these at once. Raises `Conflict` while a transaction holds one of them: try again."""
        if not self.locks.keys().isdisjoint(writes):
            raise Conflict("a transaction holds this document")
        self.apply(writes)

    def remove(self, collection: str, key: Any) -> None:
        self.put(collection, key, None)

    def apply(self, writes: dict[Key, Any], began: int | None = None) -> None:
        """Commit writes; None removes."""
        began = self.commits if began is None else began
        self.commits += 1
        parted = {key for kind, key in writes if kind == "leads" and self._has_parted(key, writes)}
        for (collection, key), document in writes.items():
            self.changed[collection, key] = self.commits
            if collection == "leads" and key not in parted:
                self._watch(key, document)
            if collection == "events":
                self.stored_at[key] = began, self.commits
            if document is None:
                self.collections[collection].pop(key, None)
            else:
                self.collections[collection][key] = document

    def _has_parted(self, lead_id: str, writes: dict[Key, Any]) -> bool:
        """Whether these writes take a stream out of the lead: how far its others have been applied is all that it has then."""
        before = self.collections["leadStreams"]
        return any(
            document[0] != lead_id and before.get(key, (key,))[0] == lead_id
            for (collection, key), document in writes.items()
            if collection == "leadStreams"
        )

    def _watch(self, lead_id: str, state: Any) -> None:
        before = self.collections["leads"].get(lead_id)
        if before is not None and (state is None or not state.applied.reaches(before.applied)):
            self.steps_back.append(f"{lead_id} went back from {before.applied}")


class Transaction:
    """A snapshot and what is written on top of it. The first of two that write the same document wins."""

    def __init__(self, memory: Memory, *, isolated: bool = True) -> None:
        self._memory = memory
        self._isolated = isolated
        self._began = memory.commits
        self._documents: defaultdict[str, dict[Any, Any]] = defaultdict(dict)
        for name, collection in memory.collections.items():
            self._documents[name] = dict(collection)
        self._writes: dict[Key, Any] = {}

    def get(self, collection: str, key: Any) -> Any:
        return self._documents[collection].get(key)

    def all(self, collection: str) -> dict[Any, Any]:
        return self._documents[collection]

    def put(self, collection: str, key: Any, document: Any) -> None:
        if self._isolated:
            holder = self._memory.locks.setdefault((collection, key), self)
            if holder is not self or self._memory.changed.get((collection, key), 0) > self._began:
                raise Conflict("another transaction has written this document")
        self._writes[collection, key] = document
        if document is None:
            self._documents[collection].pop(key, None)
        else:
            self._documents[collection][key] = document

    def remove(self, collection: str, key: Any) -> None:
        self.put(collection, key, None)

    def commit(self) -> None:
        self._memory.apply(self._writes, self._began)
        self.end()

    def end(self) -> None:
        """Give back what it holds."""
        locks = self._memory.locks
        for key in [key for key in self._writes if locks.get(key) is self]:
            del locks[key]
        for key in [key for key, holder in locks.items() if holder is self]:
            del locks[key]  # taken in vain


class Session:
    """Runs a transaction again until it commits, as PyMongo's does."""

    def __init__(self, memory: Memory, process, *, isolated: bool = True) -> None:
        self._memory = memory
        self._process = process
        self._isolated = isolated
        self.view: Transaction

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def with_transaction(self, body: Callable[[Session], Awaitable[Any]], **_: object) -> Any:
        process = self._process
        for _ in range(_MAX_TRIES):
            self.view = process.open[id(self)] = Transaction(self._memory, isolated=self._isolated)
            try:
                result = await body(self)
                await process.step()
                self.view.commit()
            except (Conflict, AutoReconnect):
                self._end()
                await process.step(faulty=False)
                continue
            except BaseException:
                if not process.dead:
                    self._end()
                raise
            self._end()
            await process.step(faulty=False)  # here a process can die after the commit and before its answer
            if process.has_bad_luck():
                raise AutoReconnect("it is not known whether this is committed")
            return result
        raise AutoReconnect("too many conflicts")

    def _end(self) -> None:
        self.view.end()
        self._process.open.pop(id(self), None)


class Client:
    """Hands out sessions to one process."""

    session = Session

    def __init__(self, memory: Memory, process, *, isolated: bool = True) -> None:
        self._memory = memory
        self._process = process
        self._isolated = isolated

    def start_session(self) -> Session:
        return self.session(self._memory, self._process, isolated=self._isolated)
