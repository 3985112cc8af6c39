"""The decay job: a pass over all leads that records what time has changed, for whatever the due pass has missed.

Scores are right without it, because decay is computed on reading.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.errors import Invalid
from domain.instant import Millis, date_bucket
from domain.leads.share import ALL_LEADS, Share
from engine.leads.lead_document import StoredLead
from engine.runtime import Runtime
from workflows.decay.time_events import Recorded, record_time

__all__ = ["DecayMark", "DecayReport", "apply_decay", "check_moment"]

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


class DecayMark(Protocol):
    """Where a pass begins, and what is called as it goes on."""

    async def last_lead(self) -> str:
        """The last lead that is finished, empty if the pass begins."""

    def note(self, lead_id: str, report: DecayReport) -> None:
        """All leads up to this one are finished, with this report since the pass began."""

    async def passed(self) -> None:
        """What was noted may be stored. What this raises ends the pass, after what is under way was noted too."""

    async def complete(self) -> None:
        """All leads are finished."""


async def apply_decay(
    runtime: Runtime,
    as_of: Millis | None = None,
    *,
    share: Share = ALL_LEADS,
    mark: DecayMark | None = None,
    on_progress: Callable[[DecayReport], None] = lambda _: None,
) -> DecayReport:
    """Pass over the leads of a share at `as_of` (default: now). Idempotent: one event per lead and moment of change.

    A pass that was stopped continues from its `mark`, by default a checkpoint of its day. Outdated leads are rebuilt on the way.
    Raises `Invalid` for a moment in the future.
    """
    at = runtime.now() if as_of is None else as_of
    check_moment(runtime, at)
    report = DecayReport(day=date_bucket("day", at))
    mark = mark or _Checkpoint(runtime, report.day)
    moment = min(at, runtime.now())
    await _Pass(runtime, moment, share=share, mark=mark, report=report, on_progress=on_progress).run()
    return report


def check_moment(runtime: Runtime, at: Millis) -> None:
    """Raises `Invalid` for a moment in the future."""
    if at > runtime.now() + _MAX_FUTURE:
        raise Invalid(
            "Decay cannot be written for the future; to look ahead, read a lead's intelligence with asOf."
        )


class _Checkpoint:
    """The mark of a pass over all leads of a day, stored from time to time."""

    def __init__(self, runtime: Runtime, day: str) -> None:
        self._checkpoints = runtime.store.checkpoints
        self._name = f"decay:{day}"
        self._noted = ""
        self._leads = self._saved = 0
        self._is_stored = False

    async def last_lead(self) -> str:
        after = await self._checkpoints.last_lead(self._name)
        self._is_stored = bool(after)
        return after

    def note(self, lead_id: str, report: DecayReport) -> None:
        self._noted, self._leads = lead_id, report.leads

    async def passed(self) -> None:
        if self._leads - self._saved >= _CHECKPOINT_LEADS:
            await self._checkpoints.advance_lead(self._name, self._noted)
            self._saved, self._is_stored = self._leads, True

    async def complete(self) -> None:
        if self._is_stored:
            await self._checkpoints.clear(self._name)


class _Pass:
    """One pass: some batches are under way at a time, and the mark follows them in order."""

    def __init__(
        self,
        runtime: Runtime,
        at: Millis,
        *,
        share: Share,
        mark: DecayMark,
        report: DecayReport,
        on_progress: Callable[[DecayReport], None],
    ) -> None:
        self._runtime = runtime
        self._at = at
        self._share = share
        self._mark = mark
        self._report = report
        self._on_progress = on_progress
        self._writing: deque[asyncio.Task[None]] = deque()

    async def run(self) -> None:
        """Continue from the mark, to the end."""
        try:
            async for leads in _batches(self._runtime, self._share, await self._mark.last_lead()):
                await self._until_writing(_MAX_WRITING - 1)
                before = self._writing[-1] if self._writing else None
                self._writing.append(asyncio.create_task(self._record(leads, before), name="decay"))
            await self._until_writing(0)
        finally:
            if self._writing:
                await asyncio.wait(self._writing)
        await self._mark.complete()

    async def _until_writing(self, max_batches: int) -> None:
        while len(self._writing) > max_batches:
            await self._writing[0]
            self._writing.popleft()
            await self._mark.passed()
            self._on_progress(self._report)

    async def _record(self, leads: Sequence[StoredLead], before: asyncio.Task[None] | None) -> None:
        """Record one batch, and note it once the batch before is done."""
        min_delta = self._runtime.rulebook.decay_min_delta
        recorded = await record_time(self._runtime, leads, self._at, min_delta=min_delta)
        if before is not None:
            await before
        self._report.add(recorded)
        self._mark.note(leads[-1].lead_id, self._report)


async def _batches(runtime: Runtime, share: Share, after: str) -> AsyncIterator[list[StoredLead]]:
    """The leads of a share, some at a time, in the order of their ids."""
    states = runtime.leads.states
    if share == ALL_LEADS:
        async for leads in states.scan(after, at_a_time=_BATCH):
            yield leads
        return
    while page := await states.ids_after(after, _BATCH * share.of):
        after = page[-1]
        ours = [lead_id for lead_id in page if share.holds(lead_id)]
        for start in range(0, len(ours), _BATCH):
            found = await states.get_encoded(ours[start : start + _BATCH])
            if found:
                yield [found[lead_id] for lead_id in sorted(found)]
