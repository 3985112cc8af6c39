"""A share of the decay job on a worker: what time has changed in its leads is recorded, from the mark on."""

from __future__ import annotations

from engine.passes.report import PassReport
from engine.passes.share_store import PassShare
from engine.runtime import Runtime
from workflows.decay.decay import DecayReport, apply_decay
from workflows.passes.progress import ShareProgress

__all__ = ["decay_share", "summary_of"]


async def decay_share(runtime: Runtime, unit: PassShare, progress: ShareProgress) -> None:
    """Look at the rest of the share. Raises what the progress raises."""
    await apply_decay(runtime, unit.as_of, share=unit.share, mark=_Mark(unit, progress))


class _Mark:
    """The mark of a share as a decay pass keeps one."""

    def __init__(self, unit: PassShare, progress: ShareProgress) -> None:
        self._unit, self._progress = unit, progress

    async def last_lead(self) -> str:
        return self._unit.after

    def note(self, lead_id: str, report: DecayReport) -> None:
        self._progress.note(lead_id, summary_of(report))

    async def passed(self) -> None:
        await self._progress.passed()

    async def complete(self) -> None:
        """The progress is saved when the attempt ends."""


def summary_of(report: DecayReport) -> PassReport:
    """The report as it is stored."""
    names = ("leads", "written", "already", "refreshed", "failed")
    return PassReport({name: getattr(report, name) for name in names})
