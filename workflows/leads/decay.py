"""Makes the passing of time visible: appends a `score.decayed` event where it has changed enough.

Scores are right without it, because decay is computed on reading. The events put it into history and let
automations see it.
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
from domain.leads.state import LeadState
from domain.rulebooks.compiled import CompiledRulebook
from engine.runtime import Runtime

__all__ = ["DecayReport", "apply_decay"]

_BATCH = 500
"""Leads whose events are stored together."""
_MAX_WRITING = 4
"""Batches that are being stored while further leads are looked at."""
_NOTE_LEADS = 10_000
"""Leads after which it is noted how far the pass has come; so many are looked at again after a stop, in half a second."""
_AT_ONCE = 50
"""Leads that are read and judged before what is being stored gets its turn: less than a millisecond."""
_MAX_FUTURE: Millis = 5 * 60_000


@dataclass
class DecayReport:
    """What one pass did: leads looked at, events written, and events that an earlier pass had written."""

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
    """Pass over all leads at `as_of` (default: now). At most one event a lead and UTC day, however often it runs.

    A pass that was stopped goes on about where it was. Leads that another rulebook has scored are left to be rebuilt
    first. Raises `Invalid` for a moment in the future.
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
    """One pass: looks at leads while the events of those before are stored."""

    def __init__(
        self, runtime: Runtime, at: Millis, report: DecayReport, on_progress: Callable[[DecayReport], None]
    ) -> None:
        self._runtime = runtime
        self._at = at
        self._report = report
        self._on_progress = on_progress
        self._mark = f"decay:{report.day}"
        self._noted = 0
        self._writing: deque[asyncio.Task[None]] = deque()

    async def run(self) -> None:
        """Go on where a pass of this day was stopped, and to the end."""
        runtime, batch = self._runtime, _Batch()
        after = await runtime.store.checkpoints.last_lead(self._mark)
        try:
            async for states in runtime.leads.states.scan(after, at_a_time=min(_AT_ONCE, _BATCH)):
                batch.judge(states, runtime.rulebook, self._at, runtime.now())
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
        if after or self._noted:
            await runtime.store.checkpoints.clear(self._mark)

    async def _until_writing(self, most: int) -> None:
        while len(self._writing) > most:
            await self._writing[0]
            self._writing.popleft()
            self._on_progress(self._report)

    def _begin_to_write(self, batch: _Batch) -> None:
        before = self._writing[-1] if self._writing else None
        self._writing.append(asyncio.create_task(self._write(batch, before), name="decay"))

    async def _write(self, batch: _Batch, before: asyncio.Task[None] | None) -> None:
        """Append the events; once the batch before is done, note from time to time how far the pass has come."""
        runtime, report = self._runtime, self._report
        results = await runtime.capture.appender.append(batch.events) if batch.events else []
        if before is not None:
            await before
        accepted = sum(result.status == "accepted" for result in results)
        report.leads += batch.leads
        report.written += accepted
        report.already += len(results) - accepted
        if report.leads - self._noted >= _NOTE_LEADS:
            await runtime.store.checkpoints.advance_lead(self._mark, batch.last_lead)
            self._noted = report.leads


class _Batch:
    """Leads in a row, and the events of those of which time has changed enough."""

    def __init__(self) -> None:
        self.leads = 0
        self.last_lead = ""
        self.events: list[NewEvent] = []

    def judge(
        self, states: Sequence[LeadState], rulebook: CompiledRulebook, at: Millis, received_at: Millis
    ) -> None:
        """Look at the next leads."""
        for state in states:
            if state.rulebook == rulebook.label and is_worth_recording(state, at, rulebook):
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
