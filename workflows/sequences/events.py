"""Events of sequences in the stream of the lead, each with an id of its own, so that repeating one changes nothing."""

from __future__ import annotations

from domain.events.event import ENGINE_SOURCE, Json, NewEvent
from engine.campaigns.campaign import CAMPAIGN
from engine.runtime import Runtime
from engine.sequences.enrolment import Enrolment
from workflows.privacy.encrypt import append_sealed

__all__ = ["append_sequence_event"]


async def append_sequence_event(
    runtime: Runtime, enrolment: Enrolment, kind: str, part: str, properties: dict[str, Json] | None = None
) -> None:
    """Append an event of this type about a part of the enrolment, such as a step; once per type and part."""
    at = runtime.now()
    event_id = f"{enrolment.unit_id}:{kind}:{part}"
    event = NewEvent(
        event_id=event_id,
        lead_id=enrolment.lead_id,
        type=kind,
        occurred_at=at,
        received_at=at,
        body_hash=event_id,
        source=ENGINE_SOURCE,
        properties={
            "enrolmentId": enrolment.unit_id,
            "sequence": enrolment.label,
            **({"campaign": enrolment.author[1]} if enrolment.author[0] == CAMPAIGN else {}),
            **(properties or {}),
        },
    )
    await append_sealed(runtime, [event])
