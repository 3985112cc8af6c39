"""The read of all events of a lead that a fold of this moment may see, in runs that other tasks get their turn between."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable

from domain.errors import NotFound
from domain.events.applied_positions import NOTHING_APPLIED, AppliedPositions
from domain.events.event import Event
from domain.instant import Millis
from domain.leads.fold import in_time_order
from engine.runtime import Runtime

__all__ = ["runs_of_lead", "runs_up_to"]

_LONG = 1000
"""Events beyond which a read waits for its turn to fold."""
_NONE: list[Event] = []


@contextlib.asynccontextmanager
async def runs_of_lead(
    runtime: Runtime,
    lead_id: str,
    *,
    until: Millis | None,
    known_at: Millis | None = None,
    keep: Callable[[Event], bool] = lambda _: True,
) -> AsyncIterator[list[list[Event]]]:
    """The lead's events in runs for `fold_in_turns`; while the context is open, no other long lead is folded.

    `until` and `known_at` as for the event store. Without the event at which the lead is blocked, and those after it.
    Raises `NotFound` for a lead without any such event.
    """
    runs: list[list[Event]] = []
    count, is_long = 0, False
    async with contextlib.AsyncExitStack() as turn:
        up_to = await _last_foldable(
            runtime, lead_id
        )  # before any event is decoded: one behind it may be unreadable
        slices = runtime.capture.events.slices_of_lead(lead_id, until=until, known_at=known_at, up_to=up_to)
        some = await anext(slices, _NONE)
        while some:
            count += len(some)
            runs.append(in_time_order(event for event in some if keep(event)))
            if not is_long and count > _LONG:
                is_long = True
                await turn.enter_async_context(runtime.leads.long_folds)
            some = await anext(slices, _NONE)
        if not count:
            raise await _nothing_yet(runtime, lead_id)
        yield runs


async def runs_up_to(
    runtime: Runtime, lead_id: str, up_to: AppliedPositions, keep: Callable[[Event], bool]
) -> list[list[Event]]:
    """The lead's events up to these positions in runs for `merged_in_time_order`, without any that is not to be kept."""
    slices = runtime.capture.events.slices_of_lead(lead_id, up_to=up_to)
    runs = [in_time_order(event for event in some if keep(event)) async for some in slices]
    return [run for run in runs if run]


async def _last_foldable(runtime: Runtime, lead_id: str) -> AppliedPositions | None:
    """What comes before the event at which a lead is blocked; None for a lead that is not blocked."""
    if not await runtime.operations.dead_letters.states([lead_id]):
        return None
    applied = (await runtime.leads.states.positions([lead_id])).get(lead_id, NOTHING_APPLIED)
    with contextlib.suppress(NotFound):  # it has recovered meanwhile
        letter = await runtime.operations.dead_letters.get(lead_id)
        if letter.position and applied.includes(letter.position):  # an earlier rulebook could fold it
            return applied.held_back(letter.position)
    return applied


async def _nothing_yet(runtime: Runtime, lead_id: str) -> NotFound:
    """That there is no such lead, or no event of it at the moment asked about."""
    if not await runtime.capture.events.last_of_lead(lead_id):
        return NotFound("lead", lead_id)
    return NotFound(
        "lead", lead_id, f"There is a lead '{lead_id}', but no event of it by the moment that is asked about."
    )
