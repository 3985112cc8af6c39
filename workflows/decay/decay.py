"""The decay job: a pass over all leads that records what time has changed, for whatever the due pass has missed.

Scores are right without it, because decay is computed on reading.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.errors import Invalid
from domain.instant import Millis, date_bucket
from engine.leads.lead_document import StoredLead
from engine.runtime import Runtime
from workflows.decay.time_events import Recorded, record_time

__all__ = ["DecayReport", "apply_decay"]

_BATCH = 500
"""Leads that are looked at, and whose events are appended, together."""
_MAX_WRITING = 4
"""Batches under way at a time."""
_CHECKPOINT_LEADS = 10_000
"""Leads between two checkpoints; after a stop so many are looked at again."""
_MAX_FUTURE: Millis = 5 * 60_000


@dataclass
class DecayReport:
    """The result of one pass.

    Leads looked at, events appended, events that an earlier pass had appended, leads refreshed in lists, and leads that
    cannot be folded.
    """

    day: str
    leads: int = 0
    written: int = 0
    already: int = 0
    refreshed: int = 0
    failed: int = 0

    def add(self, recorded: Recorded) -> None:
        """Count one batch more."""
        self.leads += recorded.looked_at
        self.written += recorded.written
        self.already += recorded.already
        self.refreshed += recorded.refreshed
        self.failed += recorded.failed


async def apply_decay(
    runtime: Runtime,
    as_of: Millis | None = None,
    *,
    on_progress: Callable[[DecayReport], None] = lambda _: None,
) -> DecayReport:
    """Pass over all leads at `as_of` (default: now). Idempotent: one event per lead and moment of change.

    A pass that was stopped continues from its checkpoint. Outdated leads are rebuilt on the way.
    Raises `Invalid` for a moment in the future.
    """
    at = runtime.now() if as_of is None else as_of
    if at > runtime.now() + _MAX_FUTURE:
        raise Invalid(
            "Decay cannot be written for the future; to look ahead, read a lead's intelligence with asOf."
        )
    report = DecayReport(day=date_bucket("day", at))
    await _Pass(runtime, min(at, runtime.now()), report, on_progress).run()
    return report


class _Pass:
    """One pass: some batches are under way at a time, and checkpoints follow them in order."""

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
        runtime = self._runtime
        after = await runtime.store.checkpoints.last_lead(self._checkpoint)
        try:
            async for leads in runtime.leads.states.scan(after, at_a_time=_BATCH):
                await self._until_writing(_MAX_WRITING - 1)
                before = self._writing[-1] if self._writing else None
                self._writing.append(asyncio.create_task(self._record(leads, before), name="decay"))
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

    async def _record(self, leads: Sequence[StoredLead], before: asyncio.Task[None] | None) -> None:
        """Record one batch; once the batch before is done, save a checkpoint from time to time."""
        runtime, report = self._runtime, self._report
        min_delta = runtime.rulebook.decay_min_delta
        recorded = await record_time(runtime, leads, self._at, min_delta=min_delta)
        if before is not None:
            await before
        report.add(recorded)
        if report.leads - self._saved >= _CHECKPOINT_LEADS:
            await runtime.store.checkpoints.advance_lead(self._checkpoint, leads[-1].lead_id)
            self._saved = report.leads
