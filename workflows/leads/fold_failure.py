"""Failures of a fold, recorded as the dead letter of the lead."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from structlog.contextvars import bound_contextvars

from engine.capture.codec import UndecodableEvent
from engine.runtime import Runtime

__all__ = ["FoldFailure", "failure_of", "record"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FoldFailure:
    """A lead whose fold raised, at which event (position 0 when that is not known), and why."""

    lead_id: str
    position: int
    event_id: str
    reason: str


def failure_of(lead_id: str, error: Exception) -> FoldFailure:
    """The failure for an error raised by a fold; only `UndecodableEvent` names the event."""
    reason = f"{type(error).__name__}: {error}"
    if isinstance(error, UndecodableEvent):
        return FoldFailure(lead_id, error.position, error.event_id, reason)
    return FoldFailure(lead_id, 0, "", reason)


async def record(runtime: Runtime, failure: FoldFailure) -> None:
    """Count the failure in the lead's dead letter; after `FOLD_ATTEMPTS` of them the lead is quarantined."""
    letter = await runtime.operations.dead_letters.record_failure(
        failure.lead_id, failure.position, failure.event_id, failure.reason, runtime.now()
    )
    with bound_contextvars(leadId=failure.lead_id, eventId=failure.event_id):
        _log.error(
            "Lead %s cannot apply event %s at position %d (%s): %s",
            failure.lead_id,
            failure.event_id,
            failure.position,
            letter.state,
            failure.reason,
        )
