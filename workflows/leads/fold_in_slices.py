"""The fold of a long lead again in slices: one short transaction per slice, so that other leads go on meanwhile.

A slice folds some events in the order of time and stores their history rows. The lead itself is written last, by the
ordinary transaction, which finds the last events left to fold; until then it is as it was, and behind. A process that
ends in between leaves its progress to the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Self
from uuid import uuid4

from msgspec.structs import replace

from domain.events.applied_positions import AppliedPositions
from domain.events.event import Event
from domain.instant import Millis
from domain.leads.fold import is_late, refold
from domain.leads.history_row import HistoryRow
from domain.leads.late import TAIL
from domain.leads.state import LeadState, initial_state
from engine.leads.slice_store import SliceConflict, SliceProgress
from engine.process.tasks import cancel_and_wait
from engine.runtime import Runtime
from engine.store.mongo import Session, transact
from workflows.leads.fold_arrived import decode_arrived
from workflows.leads.fold_failure import FoldFailure, failure_of
from workflows.leads.fold_in_turns import merged_in_time_order
from workflows.leads.read_events import runs_up_to
from workflows.leads.retractions import apply_retractions

__all__ = ["MOST_AT_ONCE", "fold_late_in_slices", "rebuild_in_slices"]

MOST_AT_ONCE = 5000
"""Events that are folded again in one transaction."""
_SLICE = 500
_TURN = 100
"""Events that are folded before other tasks, and the storing of the slice before, get their turn."""
_LEASE: Millis = 30_000
_ALL: Millis = -(2**62)
"""Before every event."""


async def fold_late_in_slices(runtime: Runtime, lead_id: str) -> FoldFailure | None:
    """Fold the lead again with the late events that have arrived, all but the last events of all.

    Does nothing if another process is at it. An arrived event that cannot be folded is left out, with those that arrived
    after it; if it is the first one its failure is returned, and the history has to be rebuilt.
    """
    run, before = uuid4().hex, None
    while True:
        begun = await transact(runtime.store.client, partial(_begin_late, runtime, lead_id, run, before))
        if begun is None:
            return None
        try:
            progress, arrived = begun
            await _Slices(runtime, progress, frozenset(arrived)).run()
            return None
        except SliceConflict:
            return None
        except _CannotFold as error:
            if progress.based_on.includes(error.event.position):
                await _end(runtime, lead_id)
                return failure_of(lead_id, error.reason)
            if arrived[0] == error.event.position:
                await _end(runtime, lead_id)
                reason = f"{type(error.reason).__name__}: {error.reason}"
                return FoldFailure(lead_id, error.event.position, error.event.event_id, reason)
            before = error.event.position


async def rebuild_in_slices(runtime: Runtime, lead_id: str, up_to: AppliedPositions) -> SliceProgress | None:
    """Fold the lead from its first event up to these positions, all but the last events; None if another process is at it.

    Raises what the fold raises.
    """
    run = uuid4().hex
    progress = await transact(
        runtime.store.client,
        lambda session: _begin(runtime, _new(runtime, lead_id, run, up_to, up_to, _ALL), session),
    )
    if progress is None:
        return None
    try:
        return await _Slices(runtime, progress).run()
    except SliceConflict:
        return None
    except _CannotFold as error:
        await _end(runtime, lead_id)
        raise error.reason from None


async def _end(runtime: Runtime, lead_id: str) -> None:
    await transact(runtime.store.client, lambda session: runtime.leads.slices.end(lead_id, session))


def _new(  # noqa: PLR0917 - the fields of a fold in slices
    runtime: Runtime,
    lead_id: str,
    run: str,
    based_on: AppliedPositions,
    up_to: AppliedPositions,
    since: Millis,
) -> SliceProgress:
    return SliceProgress(
        lead_id=lead_id,
        run=run,
        leased_until=runtime.now() + _LEASE,
        rulebook=runtime.rulebook.label,
        based_on=based_on,
        up_to=up_to,
        since=since,
        state=initial_state(lead_id, runtime.rulebook),
    )


async def _begin(runtime: Runtime, new: SliceProgress, session: Session) -> SliceProgress | None:
    """Begin a fold in slices, or go on with a stored one; None while another process is at the lead."""
    stored = (await runtime.leads.slices.get_many([new.lead_id], session)).get(new.lead_id)
    if stored is not None and stored.leased_until > runtime.now() and stored.run != new.run:
        return None
    if stored is not None and stored.is_of(new.based_on, new.rulebook) and stored.up_to == new.up_to:
        new = replace(stored, run=new.run, leased_until=new.leased_until)
    elif stored is not None:  # its rows are to be written once more
        new = replace(new, since=min(new.since, stored.since))
    await runtime.leads.slices.begin(new, session)
    return new


async def _begin_late(
    runtime: Runtime, lead_id: str, run: str, before: int | None, session: Session
) -> tuple[SliceProgress, list[int]] | None:
    """Begin with the events that have arrived, and mark what the retractions among them are about."""
    state = (await runtime.leads.states.get_many([lead_id], session)).get(lead_id)
    if state is None:
        return None
    applied = {lead_id: state.applied}
    stored = (await runtime.leads.slices.get_many([lead_id], session)).get(lead_id)
    if stored is not None and stored.is_of(state.applied, runtime.rulebook.label) and not before:
        events = await runtime.capture.events.since(lead_id, state.applied, stored.up_to, session)
    else:
        events = await runtime.capture.events.after(applied, runtime.settings.fold_batch_events, session)
        events = [one for one in events if not before or one.position < before]
    found, replaced = await apply_retractions(runtime, events, applied, session)
    arrived = decode_arrived(found, replaced.get(lead_id, ()))
    if not arrived.events:
        return None
    positions = [event.position for event in arrived.events]
    new = replace(
        _new(runtime, lead_id, run, state.applied, state.applied.moved_to(positions), arrived.since()),
        replaced=tuple(sorted(arrived.replaced_positions)),
    )
    progress = await _begin(runtime, new, session)
    return None if progress is None else (progress, positions)


class _CannotFold(Exception):
    """An event that the fold raises at, and why."""

    def __init__(self, event: Event, reason: Exception) -> None:
        super().__init__(str(reason))
        self.event = event
        self.reason = reason


class _Slices:
    """The slices of one fold. Events that come after the lead's last one are left for the ordinary transaction.

    While a slice is stored the next one is folded. `_state` has all that are folded, `_progress` what is stored of it.
    """

    def __init__(
        self, runtime: Runtime, progress: SliceProgress, arrived: Collection[int] = frozenset()
    ) -> None:
        self._runtime = runtime
        self._progress = progress
        self._arrived = arrived
        self._rules = runtime.rulebook
        self._state = progress.state
        self._last: Event | None = None

    async def run(self) -> SliceProgress:
        """Fold all but the last events. Raises `SliceConflict`, also after a change of rules, and `_CannotFold`."""
        events, count = await self._read()
        done = self._progress.folded
        for event in islice(events, done):
            self._last = event
        async with _OneAtATime() as storing:
            while some := list(islice(events, min(_SLICE, max(count - TAIL - done, 0)))):
                done += len(some)
                rows = await self._fold(some)
                await storing.start(partial(self._advance, self._state, some, rows))
        await self._advance(self._state, (), (), later=tuple(event.position for event in events))
        return self._progress

    async def _read(self) -> tuple[Iterator[Event], int]:
        runtime, progress, arrived = self._runtime, self._progress, self._arrived
        state = progress.state
        if arrived:
            state = (await runtime.leads.states.get_many([progress.lead_id]))[progress.lead_id]

        def is_folded(event: Event) -> bool:
            return event.position not in arrived or is_late(event, state)

        runs = await runs_up_to(runtime, progress.lead_id, progress.up_to, is_folded)
        return iter(merged_in_time_order(runs)), sum(len(run) for run in runs)

    async def _fold(self, events: Sequence[Event]) -> list[HistoryRow]:
        rows: list[HistoryRow] = []
        for start in range(0, len(events), _TURN):
            some = events[start : start + _TURN]
            try:
                folded = refold(self._state, some, self._rules)
            except Exception:
                self._raise_at_event(some)
                raise
            self._state = folded.state
            rows += folded.rows
            await asyncio.sleep(0)
        return rows

    def _raise_at_event(self, events: Sequence[Event]) -> None:
        state = self._state
        for event in events:
            try:
                state = refold(state, [event], self._rules).state
            except Exception as error:
                raise _CannotFold(event, error) from error

    async def _advance(
        self,
        state: LeadState,
        events: Sequence[Event],
        rows: Sequence[HistoryRow],
        *,
        later: tuple[int, ...] | None = None,
    ) -> None:
        """Store one slice: its rows if any of them can have changed, and how far the fold has come."""
        runtime, before = self._runtime, self._progress
        if before.rulebook != runtime.rulebook.label:
            await _end(runtime, before.lead_id)
            raise SliceConflict(before.lead_id)
        following = replace(
            before,
            state=state,
            folded=before.folded + len(events),
            leased_until=runtime.now() + _LEASE,
            later=later,
        )
        has_changed = bool(rows) and rows[-1].at >= before.since
        place = None if self._last is None else (self._last.occurred_at, self._last.position)

        async def store(session: Session) -> None:
            await runtime.leads.slices.advance(following, before.folded, session)
            if has_changed:
                await runtime.leads.history.rewrite(before.lead_id, place, rows, session)

        await transact(runtime.store.client, store)
        self._progress = following
        if events:
            self._last = events[-1]


class _OneAtATime:
    """Runs one piece of work after the other in the background, each once the one before has succeeded."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Start the work when the one before has ended. Raises what that raised."""
        await self._wait()
        self._task = asyncio.create_task(work())

    async def _wait(self) -> None:
        if (task := self._task) is not None:
            self._task = None
            try:
                await task
            except asyncio.CancelledError:
                await cancel_and_wait(task)
                raise

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._wait()
