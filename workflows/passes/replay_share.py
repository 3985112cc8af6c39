"""A share of a replay on a worker: leads are verified, or rebuilt, from the mark on."""

from __future__ import annotations

from typing import Literal

from engine.passes.report import MAX_NAMED, PassReport
from engine.passes.share_store import PassShare
from engine.runtime import Runtime
from workflows.passes.progress import ShareProgress
from workflows.replay.replay import replay
from workflows.replay.report import ReplayReport

__all__ = ["replay_share", "summary_of"]


async def replay_share(
    mode: Literal["verify", "rebuild"], runtime: Runtime, unit: PassShare, progress: ShareProgress
) -> None:
    """Replay the rest of the share. Raises what the progress raises."""
    await replay(runtime, mode, share=unit.share, mark=_Mark(unit, progress))


class _Mark:
    """The mark of a share as a replay keeps one."""

    def __init__(self, unit: PassShare, progress: ShareProgress) -> None:
        self._unit, self._progress = unit, progress

    async def last_lead(self) -> str:
        return self._unit.after

    async def passed(self, lead_id: str, report: ReplayReport) -> None:
        self._progress.note(lead_id, summary_of(report))
        await self._progress.passed()


def summary_of(report: ReplayReport) -> PassReport:
    """The report as it is stored: of an error its kind alone, for its text may quote an event."""
    counts = {
        "leads": report.leads,
        "events": report.events,
        "rebuilt": report.rebuilt,
        "outdated": report.outdated,
        "drifted": len(report.drifted),
        "failed": len(report.failed),
    }
    failed = {
        lead_id: reason.partition(":")[0] for lead_id, reason in sorted(report.failed.items())[:MAX_NAMED]
    }
    return PassReport(counts, tuple(sorted(report.drifted)[:MAX_NAMED]), failed)
