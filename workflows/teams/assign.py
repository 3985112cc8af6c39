"""Assignment of leads by hand: an event in the lead's stream, so that history and undo come with it."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from hashlib import blake2b

from msgspec import Struct

from domain.decisions.outcome import OPEN
from domain.errors import Fault, Invalid, NotFound
from domain.events.event import ENGINE_SOURCE, Json, NewEvent
from domain.events.vocabulary import LEAD_ASSIGNED
from domain.teams.assignment import may_assign
from domain.teams.roles import scopes_of
from engine.access.principal import Principal
from engine.leads.lead_pages import LeadFilter, LeadOrder
from engine.leads.lead_store import LeadSummary
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited
from workflows.capture.encrypt import append_sealed

__all__ = ["BY_HAND", "HandedOver", "NotYours", "assign_lead", "assignment", "hand_over", "require_worker"]

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


class HandedOver(Struct, frozen=True, rename="camel"):
    """How many open leads were handed over, and whether the person may have more of them."""

    leads: int
    has_more: bool


async def hand_over(
    runtime: Runtime, by: Actor, person_id: str, owner_id: str | None, why: str
) -> HandedOver:
    """Give up to 1,000 open leads of a person to another one, or to nobody: for those who leave.

    Repeating the call goes on; a lead that has not applied the event yet is not assigned twice.
    Raises `NotFound`, and `Invalid` for an owner who is not active or may not work on leads.
    """
    await runtime.people.accounts.get(person_id)
    if owner_id is not None:
        await require_worker(runtime, owner_id)
    found = await _open_leads(runtime, person_id, _AT_ONCE + 1)
    properties: dict[str, Json] = {"by": by.id or by.name, "why": why, "rule": BY_HAND}
    events = [
        assignment(
            lead.lead_id,
            owner_id,
            event_id=_hand_over_id(person_id, owner_id, lead.lead_id, lead.position),
            at=runtime.now(),
            properties=properties,
        )
        for lead in found[:_AT_ONCE]
    ]
    for start in range(0, len(events), _BATCH):
        await append_sealed(runtime, events[start : start + _BATCH])
    if events:
        after: dict[str, Json] = {"to": owner_id, "leads": len(events)}
        await audited(runtime, by, _log(AuditAction("person.leads_handed_over", person_id, after=after)))
    return HandedOver(len(events), len(found) > _AT_ONCE)


async def _open_leads(runtime: Runtime, owner_id: str, limit: int) -> list[LeadSummary]:
    wanted, order = LeadFilter(outcome=OPEN, owners=(owner_id,)), LeadOrder("score", descending=True)
    found: list[LeadSummary] = []
    while len(found) < limit:
        page = await runtime.leads.states.page(wanted, order, limit - len(found))
        found += page.leads
        if page.resume is None:
            break
        order = order._replace(after=(page.resume.score, page.resume.lead_id))
    return found


def _hand_over_id(person_id: str, owner_id: str | None, lead_id: str, position: int) -> str:
    """Idempotency key of a hand-over of the lead as it is at this position."""
    key = f"{person_id}\n{owner_id}\n{lead_id}\n{position}"
    return f"assign:{blake2b(key.encode(), digest_size=16).hexdigest()}"


def _log(action: AuditAction) -> Callable[[Session], Awaitable[tuple[None, AuditAction]]]:
    async def nothing_else(session: Session) -> tuple[None, AuditAction]:  # noqa: ARG001 - the protocol's
        return None, action

    return nothing_else


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
