"""The hub of the live stream: one catch-up subscription to the log per process, for all of its clients.

It reads the log behind its watermark, and learns from the workers' notifications which leads have been applied. While
Redis does not answer it looks at the leads it waits for. What a client has been given up to is the watermark: resuming
from it, a client may be given a change twice, and never misses one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from pymongo.errors import PyMongoError

from domain.errors import LeadEngineError, Unavailable
from domain.events.applied_positions import NOTHING_APPLIED, AppliedPositions
from domain.events.log_cursor import LogCursor
from domain.events.partition import are_in_one
from engine.capture.log import subscription as log_subscription
from engine.capture.log.event_log import Span, joined
from engine.process.tasks import cancel_and_wait, raise_if_cancelled
from engine.runtime import Runtime
from workflows.dispatch.reconcile import APPLIED
from workflows.stream.applied_watermark import AppliedWatermark
from workflows.stream.recent_changes import Changes, RecentChanges, batch_interval

__all__ = ["StreamHub", "Subscription"]

_log = logging.getLogger(__name__)

_PAGE = 5_000
_POLL_SECONDS = 0.25
"""Longest pause between two looks at the log and at the leads that are waited for."""
_QUARANTINED_EVERY = 20
"""Looks after which those are included whose leads are quarantined."""
_LOOK_AT = 1_000
"""Leads, of those that have waited longest, that one look includes."""
_MAX_WAITING = 20_000
"""Leads that are waited for; with more of them the log is not read further, and the stream is as late as the workers."""
_MAX_RESUME_EVENTS = 100_000
_MAX_RESUME_LEADS = 2_000
_RETRY_SECONDS = 1.0
WAKE_SECONDS = 1.0
"""Pause between two wake-ups of all clients, which look at their rights and their heartbeat then: one timer for all of them."""
_BEGIN_SECONDS = 5.0
_LOST = -1
"""A number before that of the first batch."""


class Subscription:
    """The place of one client in the changes: what it was resumed with, then the batches from a number on."""

    def __init__(
        self, changes: RecentChanges, number: int, place: LogCursor, backlog: Changes | None = None
    ) -> None:
        self._changes = changes
        self._number = number
        self._backlog = backlog
        self.place = place
        """The client has been given everything up to this place in the log, and may resume from it."""

    async def wait(self) -> None:
        """Return when there may be something to take, or when all clients are woken: within a second."""
        if self._backlog is None and self._number == self._changes.next_number:
            await self._changes.wait()

    def take(self) -> Changes | None:
        """What has changed since the last call; None if the client has to read everything again."""
        taken, self._backlog = self._backlog, None
        if taken is None:
            taken = self._changes.since(self._number)
            self._number = self._changes.next_number
        if taken is None:
            return None
        self.place = self.place.moved_to(taken.place.positions)
        return taken


class StreamHub:
    """Follows the log while at least one client is subscribed."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._log = log_subscription.Subscription(runtime.capture.log)
        self._changes = RecentChanges()
        self._pending: dict[str, int] = {}
        self._batching: asyncio.TimerHandle | None = None
        self._batched_at = 0.0
        self._clients = 0
        self._following: asyncio.Task[None] | None = None
        self._waking: asyncio.TimerHandle | None = None
        self._begun = asyncio.Event()
        self._watermark = AppliedWatermark(LogCursor.start(runtime.capture.log.partitions))
        self._rulebook = ""

    @property
    def place(self) -> LogCursor:
        """Every event up to this place in the log has been applied."""
        return self._watermark.place

    def wake(self) -> None:
        """Let all clients look, whether there is anything or not."""
        self._changes.wake()

    @contextlib.asynccontextmanager
    async def subscribed(self, after: LogCursor | None = None) -> AsyncIterator[Subscription]:
        """A subscription to the changes behind a place in the log, or from now on.

        Raises `Unavailable`, or what PyMongo raises, when MongoDB does not answer.
        """
        self._clients += 1
        if self._waking is None:
            self._wake_again()
        try:
            await self._begin_following()
            yield self._from_now() if after is None else await self._resumed(after)
        finally:
            self._clients -= 1
            if not self._clients:
                await self._end()

    def _wake_again(self) -> None:
        self._waking = asyncio.get_running_loop().call_later(WAKE_SECONDS, self._wake_again)
        self._changes.wake()

    async def _end(self) -> None:
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None
        if self._following is not None:
            following, self._following = self._following, None
            await cancel_and_wait(following)

    async def _begin_following(self) -> None:
        if self._following is None:
            self._begun, self._changes, self._rulebook = asyncio.Event(), RecentChanges(), ""
            self._following = asyncio.create_task(self._follow_for_ever(), name="stream hub")
        try:
            async with asyncio.timeout(_BEGIN_SECONDS):
                await self._begun.wait()
        except TimeoutError:
            raise Unavailable("The log cannot be followed, MongoDB does not answer.") from None

    def _from_now(self) -> Subscription:
        return Subscription(self._changes, self._changes.next_number, self._watermark.place)

    async def _resumed(self, after: LogCursor) -> Subscription:
        """A subscription whose backlog is what has changed behind a place.

        A client that is too far behind, or ahead of a log that has been restored, has to read everything again.
        """
        number, read = (
            self._changes.next_number,
            self._watermark.read_place,
        )  # nothing is missed from here on
        lost = Subscription(self._changes, _LOST, self._watermark.place)
        if after.events_until(read) > _MAX_RESUME_EVENTS:
            return lost
        if read.events_until(after) and (await self._runtime.capture.log.end()).events_until(after):
            return lost
        spans = await self._changed_between(after, read)
        if len(spans) > _MAX_RESUME_LEADS:
            return lost
        applied = await self._applied(spans)
        self._watermark.expect(
            {
                one: left
                for one, of_lead in spans.items()
                if (left := _not_applied(of_lead, applied.get(one, NOTHING_APPLIED)))
            }
        )
        changed = {one: applied[one].last for one in spans if one in applied}
        place = read.held_back(self._watermark.place.positions)
        begin = after.held_back(place.positions)
        return Subscription(self._changes, number, begin, Changes(changed, place))

    async def _changed_between(self, after: LogCursor, read: LogCursor) -> dict[str, tuple[Span, ...]]:
        """The leads of the events behind a place in the log, up to another one; of too many only so many."""
        spans: dict[str, tuple[Span, ...]] = {}
        while after.events_until(read) and len(spans) <= _MAX_RESUME_LEADS:
            found, after = await self._log.leads_after(after, _PAGE, up_to=read)
            for lead_id, of_lead in (await self._of_leads(found)).items():
                spans[lead_id] = joined((*spans.get(lead_id, ()), *of_lead))
            if not found:
                break
        return spans

    async def _follow_for_ever(self) -> None:
        notifications = self._runtime.leads.notifications
        begun = False
        async with self._runtime.capture.notifications.subscribed():
            with notifications.listener(self._on_applied, self._on_gap):
                while True:
                    raise_if_cancelled()
                    try:
                        if not begun:
                            self._watermark, begun = AppliedWatermark(await self._reconciled()), True
                        await self._follow()
                    except (LeadEngineError, PyMongoError) as error:
                        _log.warning("The stream cannot follow the log, trying again in a second: %s", error)
                        await asyncio.sleep(_RETRY_SECONDS)

    async def _follow(self) -> None:
        appended, clock = self._runtime.capture.notifications, asyncio.get_running_loop()
        looked_at, looks, seen = 0.0, 0, frozenset(self._watermark.waiting)
        while True:
            raise_if_cancelled()
            more = await self._read_log()
            if clock.time() - looked_at >= _POLL_SECONDS:
                await self._look_at(seen, quarantined=looks % _QUARANTINED_EVERY == 0)
                looked_at, looks, seen = clock.time(), looks + 1, frozenset(self._watermark.waiting)
            self._forget_under_another_rulebook()
            if not more:
                if not self._begun.is_set():
                    await self._look_at(frozenset(self._watermark.waiting), quarantined=False)
                    self._pending.clear()  # nobody is subscribed yet
                    self._begun.set()
                await appended.wait(_POLL_SECONDS)

    async def _read_log(self) -> bool:
        """Read the next events. Returns whether there may be more."""
        if len(self._watermark.waiting) > _MAX_WAITING:
            return False
        before = self._watermark.read_place
        spans, last = await self._log.leads_after(before, _PAGE)
        self._mark(self._watermark.read(await self._of_leads(spans), last))
        return before.events_until(last) >= _PAGE

    async def _reconciled(self) -> LogCursor:
        partitions = self._runtime.capture.log.partitions
        return await self._runtime.store.checkpoints.cursor(APPLIED, partitions)

    async def _look_at(self, seen: frozenset[str], *, quarantined: bool) -> None:
        """Look whether leads that waited at the last look already have been applied, and no notification said so."""
        waiting = [one for one in self._watermark.waiting if one in seen][:_LOOK_AT]
        if quarantined:
            waiting += self._watermark.quarantined[:_LOOK_AT]
        if not waiting:
            return
        applied = await self._applied(waiting)
        letters = await self._runtime.operations.dead_letters.states(waiting)
        self._mark(self._watermark.applied(applied))
        await self._leave_parted(applied)
        self._watermark.quarantine([one for one in waiting if letters.get(one) == "quarantined"])

    async def _leave_parted(self, applied: Mapping[str, AppliedPositions]) -> None:
        """Wait no more for events whose stream an un-merge has parted from their lead since they were read.

        All of them were applied before it. Only what is stored says so: a notification may be from before a merge.
        """
        events = self._runtime.capture.events
        for lead_id, at in applied.items():
            for span in self._watermark.spans_of(lead_id):
                if not at.elsewhere and are_in_one(at.last, span.last):
                    continue  # an un-merge takes its position in this partition forward
                if await events.all_applied(lead_id, at, span.last):
                    self._watermark.applied({lead_id: AppliedPositions(span.last)})

    async def _of_leads(self, spans: Mapping[str, Span]) -> dict[str, tuple[Span, ...]]:
        """The spans of streams as those of their leads: one per partition."""
        lead_of = (await self._runtime.identity.streams.membership(spans)).lead_of if spans else {}
        found: dict[str, tuple[Span, ...]] = {}
        for stream_id, span in spans.items():
            lead_id = lead_of.get(stream_id, stream_id)
            found[lead_id] = joined((*found[lead_id], span)) if lead_id in found else (span,)
        return found

    async def _applied(self, lead_ids: Iterable[str]) -> dict[str, AppliedPositions]:
        """The applied positions of each, also of those that have been merged since their events were read."""
        wanted = list(lead_ids)
        membership = await self._runtime.identity.streams.membership(wanted)
        positions = await self._runtime.leads.states.positions(membership.leads(wanted))
        by_id = {one: positions.get(membership.lead_of.get(one, one)) for one in wanted}
        return {one: applied for one, applied in by_id.items() if applied is not None}

    def _on_applied(self, positions: Mapping[str, AppliedPositions]) -> None:
        self._watermark.applied(positions)
        self._mark(positions)

    def _on_gap(self) -> None:
        """What was announced meanwhile and is no event, such as a claim, is in no log: clients read everything again."""
        self._changes.forget()

    def _mark(self, positions: Mapping[str, AppliedPositions]) -> None:
        """These leads are in the next batch, which is made at once, or some tenths of a second after the one before."""
        if not positions:
            return
        for lead_id, applied in positions.items():
            self._pending[lead_id] = max(applied.last, self._pending.get(lead_id, 0))
        if self._batching is None:
            loop = asyncio.get_running_loop()
            self._batching = loop.call_at(self._batched_at + batch_interval(self._clients), self._batch)

    def _batch(self) -> None:
        self._batching, self._batched_at = None, asyncio.get_running_loop().time()
        pending, self._pending = self._pending, {}
        if pending:
            self._changes.add(Changes(pending, self._watermark.place))

    def _forget_under_another_rulebook(self) -> None:
        """Under another rulebook every lead has changed, without an event."""
        label = self._runtime.rulebook.label
        if self._rulebook and self._rulebook != label:
            self._changes.forget()
        self._rulebook = label


def _not_applied(spans: Sequence[Span], applied: AppliedPositions) -> tuple[Span, ...]:
    return tuple(one for one in spans if not applied.includes(one.last))
