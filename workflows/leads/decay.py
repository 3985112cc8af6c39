"""The decay job: appends a `score.decayed` event for each lead that the passing of time has moved enough.

Scores are right without it, because decay is computed on reading. The events make it visible in history and to
automations.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.errors import Invalid
from domain.events.event import ENGINE_SOURCE, NewEvent
from domain.events.vocabulary import SCORE_DECAYED
from domain.instant import Millis, date_bucket
from domain.leads.decay import decay_event_id, is_worth_recording
from domain.leads.state import LeadState, is_current
from domain.rulebooks.compiled import CompiledRulebook
from engine.runtime import Runtime

__all__ = ["DecayReport", "apply_decay"]

_BATCH = 500
"""Leads whose events are appended together."""
_MAX_WRITING = 4
"""Batches that are being appended while further leads are checked."""
_CHECKPOINT_LEADS = 10_000
"""Leads between two checkpoints; after a stop so many are checked again, in half a second."""
_LEADS_PER_TURN = 50
"""Leads that are checked in one turn of the event loop: less than a millisecond."""
_MAX_FUTURE: Millis = 5 * 60_000


@dataclass
class DecayReport:
    """The result of one pass: leads checked, events appended, and events that an earlier pass had appended."""

    day: str
    leads: int = 0
    written: int = 0
    already: int = 0


async def apply_decay(
    runtime: Runtime,
    as_of: Millis | None = None,
    *,
    on_progress: Callable[[DecayReport], None] = lambda _: None,
) -> DecayReport:
    """Pass over all leads at `as_of` (default: now). Idempotent: at most one event per lead and UTC day.

    A pass that was stopped continues from its checkpoint. Outdated leads are left out until they are rebuilt.
    Raises `Invalid` for a moment in the future.
    """
    at = runtime.now() if as_of is None else as_of
    if at > runtime.now() + _MAX_FUTURE:
        raise Invalid(
            "Decay cannot be written for the future; to look ahead, read a lead's intelligence with asOf."
        )
    report = DecayReport(day=date_bucket("day", at))
    await _Pass(runtime, at, report, on_progress).run()
    return report


class _Pass:
    """One pass: checks leads while the events of earlier ones are appended."""

    def __init__(
        self, runtime: Runtime, at: Millis, report: DecayReport, on_progress: Callable[[DecayReport], None]
    ) -> None:
        self._runtime = runtime
        self._at = at
        self._report = report
        self._on_progress = on_progress
        self._checkpoint = f"decay:{report.day}"
        self._saved = 0
        """Leads up to the last checkpoint of this run."""
        self._writing: deque[asyncio.Task[None]] = deque()

    async def run(self) -> None:
        """Continue from the checkpoint of this day, to the end."""
        runtime, batch = self._runtime, _Batch()
        after = await runtime.store.checkpoints.last_lead(self._checkpoint)
        try:
            async for states in runtime.leads.states.scan(after, at_a_time=min(_LEADS_PER_TURN, _BATCH)):
                batch.check(states, runtime.rulebook, self._at, runtime.now())
                await asyncio.sleep(0)
                if batch.leads >= _BATCH:
                    await self._until_writing(_MAX_WRITING - 1)
                    self._begin_to_write(batch)
                    batch = _Batch()
            self._begin_to_write(batch)
            await self._until_writing(0)
        finally:
            if self._writing:
                await asyncio.wait(self._writing)
        if after or self._saved:
            await runtime.store.checkpoints.clear(self._checkpoint)

    async def _until_writing(self, max_batches: int) -> None:
        while len(self._writing) > max_batches:
            await self._writing[0]
            self._writing.popleft()
            self._on_progress(self._report)

    def _begin_to_write(self, batch: _Batch) -> None:
        before = self._writing[-1] if self._writing else None
        self._writing.append(asyncio.create_task(self._write(batch, before), name="decay"))

    async def _write(self, batch: _Batch, before: asyncio.Task[None] | None) -> None:
        """Append the events; once the batch before is done, save a checkpoint from time to time."""
        runtime, report = self._runtime, self._report
        results = await runtime.capture.appender.append(batch.events) if batch.events else []
        if before is not None:
            await before
        accepted = sum(result.status == "accepted" for result in results)
        report.leads += batch.leads
        report.written += accepted
        report.already += len(results) - accepted
        if report.leads - self._saved >= _CHECKPOINT_LEADS:
            await runtime.store.checkpoints.advance_lead(self._checkpoint, batch.last_lead)
            self._saved = report.leads


class _Batch:
    """Consecutive leads, and the events of those that have decayed enough."""

    def __init__(self) -> None:
        self.leads = 0
        self.last_lead = ""
        self.events: list[NewEvent] = []

    def check(
        self, states: Sequence[LeadState], rulebook: CompiledRulebook, at: Millis, received_at: Millis
    ) -> None:
        """Add leads, and the events of those that have decayed enough."""
        for state in states:
            if is_current(state, rulebook) and is_worth_recording(state, at, rulebook):
                self.events.append(_event(state.lead_id, at, received_at))
            self.last_lead = state.lead_id
        self.leads += len(states)


def _event(lead_id: str, at: Millis, received_at: Millis) -> NewEvent:
    return NewEvent(
        event_id=decay_event_id(lead_id, at),
        lead_id=lead_id,
        type=SCORE_DECAYED,
        occurred_at=at,
        received_at=received_at,
        body_hash=SCORE_DECAYED,
        source=ENGINE_SOURCE,
    )
