"""Group commit: many concurrent appends become few transactions, with gap-free positions in commit order."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, NamedTuple

import pymongo
from bson.errors import BSONError
from msgspec import Struct
from pymongo.errors import DocumentTooLarge, PyMongoError

from domain.errors import Invalid, Unavailable
from domain.events.event import NewEvent
from engine.capture.event_store import (
    EncodedEvent,
    EventIdConflict,
    EventStore,
    Known,
    NotStored,
    PositionConflict,
    encode,
)
from engine.privacy.lead_key import key_id_of
from engine.process.tasks import cancel_and_wait
from engine.store.mongo import TRANSACTION_SECONDS, Client, Session, transact

__all__ = ["Appended", "Appender", "Preparation"]

_log = logging.getLogger(__name__)

_LOOKS_AFTER_A_REPEAT = 50
"""Batches that are looked up before they are inserted once a repeated event has been seen."""

_QUESTIONS_AFTER_A_RIVAL = 10
"""Batches before which the newest position is asked for once somebody else has appended."""

_FEW_REQUESTS = 24
"""Requests that are written together even if they are more than half of those that are open."""

APPEND_SECONDS = 15
"""Longest that a caller waits for its events to be durable."""

CLOSE_SECONDS = 5
"""Longest that closing waits for what waits to be written."""

_REPEAT = "The store is not available; repeat the request with the same event ids."

DATA_FAULTS = (DocumentTooLarge, BSONError, OverflowError, TypeError, ValueError)
"""What only the events themselves can be the cause of; everything else may pass when repeated."""


Preparation = Callable[[Sequence[NewEvent]], Awaitable[Sequence[NewEvent]]]
"""What has to be done with the events of one call before they can be stored: as many come out as went in."""


class Appended(Struct, frozen=True, rename="camel"):
    """What became of one event. `position` is that of the stored event with this id."""

    event_id: str
    lead_id: str
    status: Literal["accepted", "duplicate", "conflict"]
    position: int


class _Request(NamedTuple):
    """The events of one call. Its caller waits for `done`, by the time of the event loop until `expires`."""

    events: Sequence[EncodedEvent]
    done: asyncio.Future[list[Appended]]
    expires: float


class Appender:
    """Collects what is appended within a few milliseconds and writes it at once.

    Events of one call are stored together or not at all. One appender serves a process. Several processes may append
    at once: of those that mean the same position one is stored, and the others go on after it. `stored` is called
    whenever events have been stored.
    """

    def __init__(
        self,
        client: Client,
        store: EventStore,
        *,
        batch_events: int,
        linger_seconds: float,
        queue_events: int,
        stored: Callable[[], None] = lambda: None,
    ) -> None:
        self._client = client
        self._store = store
        self._batch_events = batch_events
        self._linger_seconds = linger_seconds
        self._queue_events = queue_events
        self._stored = stored
        self._waiting: deque[_Request] = deque()
        self._waiting_events = 0
        self._preparing_events = 0
        self._open: dict[asyncio.Future[list[Appended]], _Request] = {}
        self._expiry: asyncio.TimerHandle | None = None
        self._unanswered: list[tuple[list[_Request], list[Appended]]] = []
        self._last: int | None = None
        """The newest position, as far as is known: nobody else may have appended since."""
        self._looks = 0
        self._questions = 0
        self._arrived = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    @property
    def waiting_events(self) -> int:
        """Events that wait for a group commit, or for what has to be done before it."""
        return self._waiting_events + self._preparing_events

    def start(self) -> None:
        """Begin to write, on the running event loop."""
        self._writer = asyncio.create_task(self._write_for_ever(), name="appender")

    async def close(self) -> None:
        """Take nothing more, write what waits, then stop. What cannot be written in time is refused."""
        writer, self._writer = self._writer, None
        if writer is not None:
            if self._open:
                await asyncio.wait(self._open, timeout=CLOSE_SECONDS)
            await cancel_and_wait(writer)
            self._fail(list(self._open.values()), Unavailable("The engine is stopping; repeat the request."))
        if self._expiry is not None:
            self._expiry.cancel()

    def require_room(self) -> None:
        """Raise `Unavailable` when `append` would: when as many events wait as may, or nothing more is taken.

        To be asked before a request is decoded, so that under pressure a refusal costs a tenth of what taking it would.
        """
        if self.waiting_events >= self._queue_events:
            raise Unavailable(
                "More events are waiting than can be stored now; nothing of this request was taken."
            )
        self._require_writer()

    async def append(
        self, events: Sequence[NewEvent], preparation: Preparation | None = None
    ) -> list[Appended]:
        """Store the events durably; one result each, in their order.

        A `preparation` happens here, so that the events count as waiting and the time of the caller runs meanwhile.
        Raises what it raises, and `Unavailable` when too many wait already, or when it is not known in time whether
        they are stored: then repeating the call with the same event ids is safe.
        """
        return await self.begin(events, preparation)

    def begin(
        self, events: Sequence[NewEvent], preparation: Preparation | None = None
    ) -> asyncio.Future[list[Appended]]:
        """`append` for a caller that wants no task of its own: it raises, or what it returns raises."""
        self.require_room()
        expires = asyncio.get_running_loop().time() + APPEND_SECONDS
        if preparation is None:
            return self._enqueue(events, expires)
        self._preparing_events += len(events)
        held = [len(events)]

        def release() -> None:
            if held:
                self._preparing_events -= held.pop()

        async def prepare_and_append() -> list[Appended]:
            try:
                async with asyncio.timeout_at(expires):
                    prepared = await preparation(events)
            except TimeoutError as error:
                raise _too_late() from error
            release()
            return await self._enqueue(prepared, expires)

        task = asyncio.create_task(prepare_and_append(), name="append")
        task.add_done_callback(lambda _: release())  # also when it is cancelled before it begins
        return task

    def _enqueue(self, events: Sequence[NewEvent], expires: float) -> asyncio.Future[list[Appended]]:
        self._require_writer()  # it may have stopped during the preparation
        try:
            encoded = [encode(event) for event in events]
        except DATA_FAULTS as error:
            raise _cannot_be_stored(error) from error
        done = asyncio.get_running_loop().create_future()
        request = self._open[done] = _Request(encoded, done, expires)
        self._waiting.append(request)
        self._waiting_events += len(events)
        self._arrived.set()
        if self._expiry is None or expires < self._expiry.when():
            self._look_again_at(expires)
        return done

    def _require_writer(self) -> None:
        if self._writer is None:
            raise Unavailable("The engine is stopping.")

    def _look_again_at(self, moment: float) -> None:
        """Look then for who has waited too long: one timer for all of them."""
        if self._expiry is not None:
            self._expiry.cancel()
        self._expiry = asyncio.get_running_loop().call_at(moment, self._expire)

    def _expire(self) -> None:
        self._expiry = None
        now = asyncio.get_running_loop().time()
        self._fail([request for request in self._open.values() if request.expires <= now], _too_late())
        if self._open:
            self._look_again_at(min(request.expires for request in self._open.values()))

    async def _write_for_ever(self) -> None:
        while True:
            if not self._waiting:
                await self._arrived.wait()
                await asyncio.sleep(self._linger_seconds)
            batch = self._next_batch()
            await self._settle(batch)

    def _next_batch(self) -> list[_Request]:
        most = max(len(self._open) // 2, _FEW_REQUESTS)
        batch = [self._waiting.popleft()]
        size = len(batch[0].events)
        while (
            self._waiting and len(batch) < most and size + len(self._waiting[0].events) <= self._batch_events
        ):
            batch.append(self._waiting.popleft())
            size += len(batch[-1].events)
        if not self._waiting:
            self._arrived.clear()
        self._waiting_events -= size
        return batch

    async def _settle(self, batch: list[_Request]) -> None:
        """Write the batch; if it fails for a reason of its own, halve it until the bad request stands alone."""
        size = sum(len(request.events) for request in batch)
        try:
            results = await self._store_all(batch)
        except DATA_FAULTS as error:
            await self._halve(batch, error)
        except PyMongoError as error:
            _log.warning("Append of %d events failed: %s", size, error)
            self._fail(batch, Unavailable(_REPEAT))
        except Exception:  # noqa: BLE001 - whatever it is, it must not end the writer that all later calls wait for
            _log.exception("Append of %d events failed.", size)
            self._fail(batch, Unavailable(_REPEAT))
        else:
            self._stored()
            self._answer(batch, results)

    def _answer(self, batch: list[_Request], results: list[Appended]) -> None:
        """Tell the callers: at once, or when the next batch is on its way if there is one.

        What callers do then, and the requests that they send next, keep this event loop busy. It had better be busy
        while MongoDB inserts the next batch than before.
        """
        self._unanswered.append((batch, results))
        if not self._waiting:
            self._answer_all()

    def _answer_all(self) -> None:
        unanswered, self._unanswered = self._unanswered, []
        for batch, results in unanswered:
            start = 0
            for events, done, _ in batch:
                if self._open.pop(done, None) and not done.done():
                    done.set_result(results[start : start + len(events)])
                start += len(events)

    def _fail(self, batch: Sequence[_Request], error: Exception) -> None:
        for request in batch:
            if self._open.pop(request.done, None) and not request.done.done():
                request.done.set_exception(error)

    async def _halve(self, batch: list[_Request], error: Exception) -> None:
        if len(batch) == 1:
            self._fail(batch, _cannot_be_stored(error))
            return
        middle = len(batch) // 2
        await self._settle(batch[:middle])
        await self._settle(batch[middle:])

    async def _store_all(self, batch: Sequence[_Request]) -> list[Appended]:
        """Store the events of a batch at the positions after all others.

        Nearly always nobody else has appended and no event is a repeat. So they are put after the last that was
        stored here, without a look; the unique indexes on position and event id tell when it was not so.
        """
        events = [event for request in batch for event in request.events]
        asyncio.get_running_loop().call_soon(self._answer_all)  # while MongoDB is busy with these
        last, self._last = self._last, None
        done: list[Appended] = []
        with pymongo.timeout(TRANSACTION_SECONDS):
            if last is not None and not self._looks and not self._questions:
                try:
                    await self._store_at(last + 1, events, alone=all(len(one.events) == 1 for one in batch))
                except NotStored as refused:
                    done = _accepted(events[: refused.stored], last + 1)
                    last += refused.stored
                except DATA_FAULTS:
                    raise
                except PyMongoError as error:  # it may be stored all the same
                    _log.info("Append of %d events is looked for: %s", len(events), error)
                else:
                    self._last = last + len(events)
                    return _accepted(events, last + 1)
            return done + await self._store_after(last, events[len(done) :])

    async def _store_at(self, first: int, events: Sequence[EncodedEvent], *, alone: bool) -> None:
        """Store at these positions: in one transaction, unless each event was sent `alone` and is whole by itself."""
        if alone:
            await self._store.append(events, first)
        else:
            await transact(self._client, lambda session: self._store.append(events, first, session))

    async def _store_after(self, expected: int | None, events: Sequence[EncodedEvent]) -> list[Appended]:
        """Ask for the newest position first, and which of the events are stored already if there may be some."""
        look = self._looks > 0
        while True:
            try:
                return await self._ask_and_store(expected, events, look=look)
            except EventIdConflict:
                look = True
            except PositionConflict:
                await asyncio.sleep(0)

    async def _ask_and_store(
        self, expected: int | None, events: Sequence[EncodedEvent], *, look: bool
    ) -> list[Appended]:
        ids = {one.event.event_id for one in events}

        async def ask_and_store(session: Session) -> tuple[dict[str, Known], dict[str, EncodedEvent], int]:
            known = await self._store.known(ids, session) if look else {}
            fresh: dict[str, EncodedEvent] = {}
            for one in events:
                if one.event.event_id not in known:
                    fresh.setdefault(one.event.event_id, one)
            last = await self._store.last_position(session)
            if fresh:
                await self._store.append(list(fresh.values()), last + 1, session)
            return known, fresh, last

        known, fresh, last = await transact(self._client, ask_and_store)
        if look:
            self._looks = _LOOKS_AFTER_A_REPEAT if known else max(self._looks - 1, 0)
        overtaken = expected is not None and expected != last
        self._questions = _QUESTIONS_AFTER_A_RIVAL if overtaken else max(self._questions - 1, 0)
        if fresh:
            self._last = last + len(fresh)
        stored = known | {
            event_id: Known(position, one.event.lead_id, one.event.body_hash)
            for position, (event_id, one) in enumerate(fresh.items(), last + 1)
        }
        return [
            _result(one.event, stored[one.event.event_id], fresh.get(one.event.event_id) is one)
            for one in events
        ]


def _accepted(events: Sequence[EncodedEvent], first: int) -> list[Appended]:
    return [
        Appended(one.event.event_id, one.event.lead_id, "accepted", position)
        for position, one in enumerate(events, first)
    ]


def _result(event: NewEvent, stored: Known, is_new: bool) -> Appended:  # noqa: FBT001
    status: Literal["accepted", "duplicate", "conflict"] = "duplicate"
    if is_new:
        status = "accepted"
    elif not _says_the_same(stored, event):
        status = "conflict"
    return Appended(event.event_id, event.lead_id, status, stored.position)


def _says_the_same(stored: Known, event: NewEvent) -> bool:
    """Whether an event is what is stored under its id, as far as can be told.

    What was sealed under a key of the lead that is gone cannot be compared any more; then id and lead decide.
    """
    if stored.lead_id != event.lead_id:
        return False  # hashes under the keys of two leads differ whatever they are of
    if stored.body_hash == event.body_hash:
        return True
    then, now = key_id_of(stored.body_hash), key_id_of(event.body_hash)
    if then:
        return now not in ("", then)
    return stored.body_hash == event.plain_hash  # it was stored when none of its fields was personal yet


def _too_late() -> Unavailable:
    return Unavailable(
        "The store did not answer in time; repeat the request with the same event ids.", retry_after=5
    )


def _cannot_be_stored(error: Exception) -> Invalid:
    return Invalid(f"These events cannot be stored: {error}")
