"""Admission control of appends: a bounded queue with back-pressure, and a deadline per call.

A call reserves room before its events are encrypted, so that a refusal costs nothing, and the reservation counts until
its events are taken out of the queue by a group commit.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple, Self

from domain.errors import Unavailable
from domain.events.event import NewEvent
from engine.capture.codec import DATA_FAULTS, EncodedEvent, cannot_be_stored, encode
from engine.capture.deduplication import Appended

__all__ = ["APPEND_SECONDS", "Admission", "Request", "Slot"]

APPEND_SECONDS = 15
"""Longest from the reservation of a call until its events are durable."""

_BYTES_PER_TURN = 256 * 1024
"""Bytes that are encoded before other tasks get their turn: some milliseconds where all of it is small numbers."""


class Request(NamedTuple):
    """The events of one call in the queue; `done` is resolved when they are durable."""

    events: Sequence[EncodedEvent]
    done: asyncio.Future[list[Appended]]


class Admission:
    """The queue in front of the group commit. Calls reserve and append; the group commit takes.

    Used on the event loop on which it was opened.
    """

    def __init__(self, max_events: int) -> None:
        self._max_events = max_events
        self._loop: asyncio.AbstractEventLoop | None = None
        """None while it is closed."""
        self._queue: deque[Request] = deque()
        self._queued_events = 0
        self._reserved_events = 0
        self._has_arrived = asyncio.Event()
        self._slots: dict[Slot, None] = {}
        self._deadline: asyncio.TimerHandle | None = None
        """One timer for all open slots: a timeout per call would cost a twentieth of the whole append."""

    @property
    def waiting_events(self) -> int:
        """Events that wait for a group commit, or are being prepared for it."""
        return self._queued_events + self._reserved_events

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in the queue."""
        return not self._queue

    @property
    def open_calls(self) -> int:
        """Calls that are not answered yet."""
        return len(self._slots)

    def open(self) -> None:
        """Admit calls from now on."""
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        """Refuse further calls, and the events of calls that are still being prepared."""
        self._loop = None

    def require_room(self) -> None:
        """Raise `Unavailable` when a reservation would: when the queue is full, or closed.

        To be called before a request is decoded, so that under pressure a refusal costs a tenth of what taking it would.
        """
        if self.waiting_events >= self._max_events:
            raise Unavailable(
                "More events are waiting than can be stored now; nothing of this request was taken."
            )
        self._require_open()

    def _require_open(self) -> asyncio.AbstractEventLoop:
        """The event loop. Raises `Unavailable` when the queue is closed."""
        if self._loop is None:
            raise Unavailable("The engine is stopping.")
        return self._loop

    async def until_answered(self, seconds: float) -> None:
        """Return when every call whose events are in the queue or being written is answered, or after so long."""
        if unanswered := [slot.done for slot in self._slots if slot.done is not None]:
            await asyncio.wait(unanswered, timeout=seconds)

    def fail_all(self, error: Exception) -> None:
        """Answer every such call that is not answered yet with this error."""
        for slot in self._slots:
            if slot.done is not None and not slot.done.done():
                slot.done.set_exception(error)

    # The calls' side, through their slots

    def admit(self, slot: Slot) -> None:
        """Reserve the room of a slot and start its time. Raises `Unavailable` when there is no room."""
        self.require_room()
        slot.expires = self._require_open().time() + APPEND_SECONDS
        self._reserved_events += slot.reserved
        self._slots[slot] = None
        if self._deadline is None or slot.expires < self._deadline.when():
            self._expire_at(slot.expires)

    def enqueue(self, slot: Slot, encoded: Sequence[EncodedEvent]) -> asyncio.Future[list[Appended]]:
        """Put the events of a slot into the queue."""
        loop = self._require_open()  # it may have closed while the events were prepared
        self._give_back(slot)
        slot.done = done = loop.create_future()
        self._queue.append(Request(encoded, done))
        self._queued_events += len(encoded)
        self._has_arrived.set()
        return done

    def release(self, slot: Slot) -> None:
        """End a slot, however its call ended."""
        self._give_back(slot)
        del self._slots[slot]

    def _give_back(self, slot: Slot) -> None:
        self._reserved_events -= slot.reserved
        slot.reserved = 0

    def _expire_at(self, moment: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = asyncio.get_running_loop().call_at(moment, self._expire)

    def _expire(self) -> None:
        self._deadline = None
        now = asyncio.get_running_loop().time()
        for slot in self._slots:
            if slot.expires <= now:
                slot.expire()  # it is released when its body has ended
        if left := [slot.expires for slot in self._slots if slot.expires > now]:
            self._expire_at(min(left))

    # The group commit's side

    async def arrived(self, linger_seconds: float) -> None:
        """Return when anything is in the queue; after a wait, `linger_seconds` later, so that more can gather."""
        if not self._queue:
            await self._has_arrived.wait()
            await asyncio.sleep(linger_seconds)

    def take(self, max_events: int, max_requests: int) -> list[Request]:
        """The next requests of the queue, at least one. Their events no longer count as waiting."""
        batch = [self._queue.popleft()]
        events = len(batch[0].events)
        while self._queue and len(batch) < max_requests and events + len(self._queue[0].events) <= max_events:
            batch.append(self._queue.popleft())
            events += len(batch[-1].events)
        if not self._queue:
            self._has_arrived.clear()
        self._queued_events -= events
        return batch


class Slot:
    """Room in the queue for the events of one call, and the time until they must be durable.

        async with Slot(admission, len(events)) as slot:
            results = await slot.append(await encrypt(events))

    When the time is over the body is cancelled and `Unavailable` raised, as `asyncio.timeout` would.
    """

    __slots__ = ("_admission", "_cancellations", "_is_expired", "_task", "done", "expires", "reserved")

    def __init__(self, admission: Admission, events: int) -> None:
        self._admission = admission
        self.reserved = events
        """Events that count as waiting by this slot."""
        self.done: asyncio.Future[list[Appended]] | None = None
        """The answer, once the events are in the queue."""
        self.expires = 0.0
        """By the time of the event loop."""
        self._is_expired = False

    async def __aenter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None, "only tasks append"
        self._task, self._cancellations = task, task.cancelling()
        self._admission.admit(self)
        return self

    async def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        """Store the events durably, all or none; one result each, in their order. To be called once, and awaited.

        Raises `Invalid` for events that cannot be stored, and `Unavailable` when it is not known in time whether they
        are stored: then repeating the call with the same event ids is safe.
        """
        return await self._admission.enqueue(self, await _encoded(events))

    def expire(self) -> None:
        """End the body of the context, because its time is over."""
        if not self._is_expired:
            self._is_expired = True
            self._task.cancel()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._admission.release(self)
        if (
            self._is_expired
            and self._task.uncancel() <= self._cancellations
            and kind is asyncio.CancelledError
        ):
            raise Unavailable(
                "The store did not answer in time; repeat the request with the same event ids.", retry_after=5
            ) from error


async def _encoded(events: Sequence[NewEvent]) -> list[EncodedEvent]:
    """The events as they will be stored. Raises `Invalid` for what MongoDB cannot hold."""
    encoded, bytes_of_turn = [], 0
    for event in events:
        if bytes_of_turn > _BYTES_PER_TURN:
            bytes_of_turn = 0
            await asyncio.sleep(0)
        try:
            encoded.append(encode(event))
        except DATA_FAULTS as error:
            raise cannot_be_stored(error) from error
        bytes_of_turn += len(encoded[-1].tail)
    return encoded
