"""An attempt at a share of a pass: some seconds of work, after which it is due again and goes on at its mark."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from domain.instant import MINUTE, SECOND
from engine.passes.share_store import PASS_SHARE, PassName, PassShare
from engine.runtime import Runtime
from engine.work.backoff import exponential
from engine.work.kind import WorkKind
from engine.work.outcome import Outcome
from engine.work.policy import Policy
from workflows.passes.decay_share import decay_share
from workflows.passes.pace import Pace, leads_wait
from workflows.passes.progress import ShareLost, ShareProgress, SliceOver
from workflows.passes.replay_share import replay_share

__all__ = ["pass_kind", "perform_share"]

_SLICE_SECONDS = 10.0
"""After which the shares of other passes have their turn at this worker."""

_WORK: Mapping[PassName, Callable[[Runtime, PassShare, ShareProgress], Awaitable[None]]] = {
    "verify": partial(replay_share, "verify"),
    "rebuild": partial(replay_share, "rebuild"),
    "decay": decay_share,
}


_POLICY = Policy(attempts=10, backoff=exponential(5 * SECOND, MINUTE), lease=2 * MINUTE, concurrency=1)
"""A lease is many slices: a single lead may have a million events."""


def pass_kind(runtime: Runtime) -> WorkKind[PassShare]:
    """Shares as due work, one at a time per worker."""
    return WorkKind(PASS_SHARE, runtime.passes.shares, _POLICY, partial(perform_share, runtime))


async def perform_share(runtime: Runtime, unit: PassShare, *, seconds: float = _SLICE_SECONDS) -> Outcome:
    """Work through the share for some seconds, or to its end."""
    pace = Pace(runtime.settings.pass_busy_percent, partial(leads_wait, runtime.work_queue))
    progress = ShareProgress(runtime.passes.shares, unit, pace, seconds)
    is_done = False
    try:
        with contextlib.suppress(SliceOver):
            await _WORK[unit.does](runtime, unit, progress)
            is_done = True
        await progress.save()
    except ShareLost:
        return Outcome(verdict="failed", detail="it is another worker's, or was stopped")  # and not stored
    return Outcome(verdict="done" if is_done else "later", detail=f"{progress.report['leads']} leads")
