"""The score curve of a lead over any stretch of time, read in one fold in which other tasks get their turn."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from domain.instant import Millis
from domain.leads.score_curve import CurvePoint, score_curve
from domain.rulebooks.compiled import CompiledRulebook
from engine.runtime import Runtime
from workflows.leads.fold_in_turns import merged_in_time_order
from workflows.leads.read_events import runs_of_lead

__all__ = ["read_score_curve"]

_STEPS_PER_TURN = 100
"""Events or points that are computed before other tasks get their turn: a few milliseconds."""


async def read_score_curve(
    runtime: Runtime, lead_id: str, moments: Sequence[Millis], rulebook: CompiledRulebook
) -> list[CurvePoint]:
    """Score and stage at each of the moments, of which there is at least one and which ascend.

    They are what intelligence as of the same moment gives: decay alone leads from now into the future. Moments before
    the first event are left out. Raises `NotFound` for a lead without any event by the last moment.
    """
    curve: list[CurvePoint] = []
    async with runs_of_lead(runtime, lead_id, until=moments[-1]) as runs:
        events = merged_in_time_order([run for run in runs if run])
        for number, point in enumerate(score_curve(lead_id, events, moments, rulebook)):
            if point is not None:
                curve.append(point)
            if number % _STEPS_PER_TURN == 0:
                await asyncio.sleep(0)
    return curve
