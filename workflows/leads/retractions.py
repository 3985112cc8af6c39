"""Retractions that have arrived with other events: the events that they are about are marked, and read again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from domain.events.applied_positions import NOTHING_APPLIED, AppliedPositions
from domain.events.retraction import Marked, retract
from engine.capture.retractions import Retraction, mark_of, retraction_in
from engine.capture.stored_event import StoredEvent
from engine.runtime import Runtime
from engine.store.mongo import Session

__all__ = ["apply_retractions"]


async def apply_retractions(
    runtime: Runtime,
    arrived: Sequence[StoredEvent],
    applied: Mapping[str, AppliedPositions],
    session: Session,
) -> tuple[Sequence[StoredEvent], dict[str, list[StoredEvent]]]:
    """Mark what the retractions among the arrived events are about, in the transaction of their leads.

    Returns the arrived events, and by lead those already applied that others stand for now. Applying a retraction again
    changes nothing, and events without one cost nothing.
    """
    retractions = [found for one in arrived if (found := retraction_in(one)) is not None]
    if not retractions:
        return arrived, {}
    about = await runtime.capture.retractions.chain({one.target for one in retractions}, session)
    marks = _marks(retractions, about)
    if not marks:
        return arrived, {}
    await runtime.capture.retractions.mark(marks.values(), session)
    fresh = await runtime.capture.retractions.chain(marks.keys(), session)
    await runtime.automations.executions.mark_causes(
        {at: bool(one.retracted_by) for at, one in marks.items()},
        {name for at in marks for name in (fresh[at].lead_id, fresh[at].stream_id)},
        session,
    )
    replaced: dict[str, list[StoredEvent]] = defaultdict(list)
    for position in marks:
        if applied.get(fresh[position].lead_id, NOTHING_APPLIED).includes(position):
            replaced[fresh[position].lead_id].append(fresh[position])
    return [fresh.get(one.position, one) for one in arrived], replaced


def _marks(retractions: Sequence[Retraction], about: Mapping[int, StoredEvent]) -> dict[int, Marked]:
    """The new marks of the events that they change, by position."""
    events = {position: mark_of(one) for position, one in about.items()}
    changed: dict[int, Marked] = {}
    for retraction in retractions:
        target = about.get(retraction.target)
        if target is None or target.lead_id != retraction.lead_id:
            continue
        at = retraction.received_at
        found = retract(retraction.position, retraction.target, at, events)
        events |= found
        changed |= found
    return changed
