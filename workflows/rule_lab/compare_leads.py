"""Compares some leads under both rulebooks of a preview, from their events up to its position."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from domain.decisions.goal import Goal
from domain.events.event import Event
from domain.events.log_cursor import LogCursor
from domain.prediction.landmark import Arrival, landmark_scores
from domain.rule_lab.comparison import LeadComparison, Rulebooks, compare_lead
from domain.rule_lab.simulation import Window
from engine.rule_lab.preview import Preview
from engine.runtime import Runtime
from workflows.prediction.landmarks import arrivals_of

__all__ = ["Compared", "compare_leads"]

_FEW_LEADS = 5000
_ONE_LANDMARK_IN = 4
"""Of more leads than these few. A lead has one of these a week; a quarter of them says nearly as much about the ranking."""


class Compared(Struct, frozen=True):
    """The leads that have events, and how many of them cannot be folded."""

    leads: tuple[LeadComparison, ...]
    failed: int


async def compare_leads(
    runtime: Runtime,
    preview: Preview,
    rulebooks: Rulebooks,
    lead_ids: Sequence[str],
    *,
    with_landmarks: bool,
) -> Compared:
    """Read the events of these leads, and fold them under both rulebooks on the thread of the rule lab."""
    found = await runtime.capture.events.of_leads(lead_ids)
    end = LogCursor.parse(preview.position, runtime.capture.log.partitions)
    arrivals = {
        lead_id: [
            one for one in await arrivals_of(runtime, lead_id, events) if end.includes(one.event.position)
        ]
        for lead_id, events in found.items()
    }
    one_in = 1 if (preview.progress.of or 0) <= _FEW_LEADS else _ONE_LANDMARK_IN
    return await runtime.rule_lab.thread.run(
        _compare, arrivals, rulebooks, preview.window, preview.goal, one_in if with_landmarks else None
    )


def _compare(
    arrivals: dict[str, list[Arrival]], rulebooks: Rulebooks, window: Window, goal: Goal, one_in: int | None
) -> Compared:
    leads, failed = [], 0
    for lead_id, of_lead in arrivals.items():
        if not of_lead:
            continue
        try:
            landmarks = [] if one_in is None else landmark_scores(of_lead, rulebooks, goal, window.at, one_in)
            events = [_as_it_came(one) for one in of_lead]
            leads.append(compare_lead(lead_id, events, rulebooks, window, landmarks))
        except Exception:  # noqa: BLE001 - one lead that cannot be folded must not end the preview
            failed += 1
    return Compared(tuple(leads), failed)


def _as_it_came(arrived: Arrival) -> Event:
    """The event; one that was imported as if it had come when it happened, or no automation would fire for it."""
    event = arrived.event
    return replace(event, received_at=event.occurred_at) if arrived.backfilled else event
