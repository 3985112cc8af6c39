"""Assignment of leads by hand: an event in the lead's stream, so that history and undo come with it."""

from __future__ import annotations

import uuid

from domain.errors import Fault, Invalid, NotFound
from domain.events.event import ENGINE_SOURCE, Json, NewEvent
from domain.events.vocabulary import LEAD_ASSIGNED
from domain.teams.assignment import may_assign
from domain.teams.roles import scopes_of
from engine.access.principal import Principal
from engine.runtime import Runtime
from workflows.privacy.encrypt import append_sealed

__all__ = ["BY_HAND", "NotYours", "assign_lead", "assignment", "require_worker"]

BY_HAND = "by-hand"
_AT_ONCE = 1000
_BATCH = 200


class NotYours(Exception):
    """The caller may not reassign this lead."""


async def assign_lead(
    runtime: Runtime, principal: Principal, lead_id: str, owner_id: str | None, why: str
) -> int:
    """Give the lead another owner, or none. Returns the position of the event.

    Raises `NotFound`, `NotYours`, and `Invalid` for an owner who is not active or may not work on leads.
    """
    owners = await runtime.leads.states.owners([lead_id])
    if lead_id not in owners:
        raise NotFound("lead", lead_id)
    led = await runtime.people.accounts.ids_of_team(principal.team) if principal.leads_team else []
    if not may_assign(owners[lead_id], principal.id, principal.scopes, led):
        raise NotYours
    if owner_id is not None:
        await require_worker(runtime, owner_id)
    event = assignment(
        lead_id,
        owner_id,
        event_id=f"assign:{uuid.uuid4().hex}",
        at=runtime.now(),
        properties={"by": principal.id, "why": why, "rule": BY_HAND},
    )
    (appended,) = await append_sealed(runtime, [event])
    return appended.position


def assignment(
    lead_id: str, owner_id: str | None, *, event_id: str, at: int, properties: dict[str, Json]
) -> NewEvent:
    """The event that gives a lead its owner."""
    return NewEvent(
        event_id=event_id,
        lead_id=lead_id,
        type=LEAD_ASSIGNED,
        occurred_at=at,
        received_at=at,
        body_hash=event_id,
        source=ENGINE_SOURCE,
        properties={"ownerId": owner_id, **properties},
    )


async def require_worker(
    runtime: Runtime,
    owner_id: str,
    pointer: str = "/ownerId",
    message: str = "The lead was not assigned.",
) -> None:
    """Raise `Invalid` for somebody who is not active, or may not work on leads."""
    try:
        person = await runtime.people.accounts.get(owner_id)
    except NotFound:
        person = None
    if person is None or not person.active or "work" not in scopes_of(person.role):
        detail = "should be the id of an active person who may work on leads"
        raise Invalid(message, (Fault(pointer, detail),))
