"""One change of many leads at once: another owner, or a tag more or less. Each lead has its own result."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from hashlib import blake2b
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain.events.event import Json, NewEvent
from domain.events.vocabulary import TAG_ADDED, TAG_REMOVED
from domain.instant import Millis
from domain.teams.assignment import may_assign
from domain.teams.visibility import VisibleLeads
from engine.access.principal import Principal
from engine.leads.lead_document import LeadSummary
from engine.runtime import Runtime
from workflows.privacy.encrypt import append_sealed
from workflows.teams.assign import BY_HAND, assignment, require_worker

__all__ = ["MAX_LEADS", "Assign", "BulkChange", "LeadChanged", "Tag", "change_leads"]

MAX_LEADS = 200
"""Leads of one call."""
_SOURCE = "people"

Status = Literal["accepted", "duplicate", "conflict", "unchanged", "not-found", "forbidden"]


class Assign(Struct, frozen=True):
    """Give leads to a person, or to nobody."""

    owner_id: str | None
    why: str


class Tag(Struct, frozen=True):
    """Add a tag to leads, or remove it."""

    tag: str
    removed: bool


Change = Assign | Tag


class BulkChange(Struct, frozen=True):
    """One change of many leads, and the idempotency key of the call if it has one."""

    lead_ids: Sequence[str]
    change: Change
    key: str | None


class LeadChanged(Struct, frozen=True):
    """What became of one lead: the position of its event if it is stored, and its owner before."""

    lead_id: str
    status: Status
    position: int | None = None
    owner_before: str | None = None


async def change_leads(
    runtime: Runtime, principal: Principal, visible: VisibleLeads, wanted: BulkChange
) -> list[LeadChanged]:
    """Make the change of each lead by an event in its stream. Returns one result per lead, in their order.

    With an idempotency key a repeated call changes nothing twice. Raises `Invalid` for an owner who may not work on leads, `Unavailable`
    when it is not known whether the events are stored: then repeating the call under the same key is safe.
    """
    lead_ids, change = wanted.lead_ids, wanted.change
    led: list[str] = []
    if isinstance(change, Assign):
        if change.owner_id is not None:
            await require_worker(runtime, change.owner_id, "/assign/ownerId", "No lead was changed.")
        if principal.leads_team:
            led = await runtime.people.accounts.ids_of_team(principal.team)
    found = await runtime.leads.lists.summaries(lead_ids)
    results: dict[str, LeadChanged] = {}
    events: list[NewEvent] = []
    for lead_id in lead_ids:
        lead = found.get(lead_id)
        refused = _refusal(lead, principal, visible, change, led)
        results[lead_id] = LeadChanged(lead_id, refused or "accepted", None, lead.owner_id if lead else None)
        if refused is None:
            events.append(_event(principal, lead_id, change, wanted.key, runtime.now()))
    for appended in await append_sealed(runtime, events) if events else ():
        status: Status = "conflict" if appended.status == "blocked" else appended.status
        results[appended.lead_id] = replace(
            results[appended.lead_id], status=status, position=appended.position
        )
    return [results[lead_id] for lead_id in lead_ids]


def _refusal(
    lead: LeadSummary | None,
    principal: Principal,
    visible: VisibleLeads,
    change: Change,
    led: Sequence[str],
) -> Status | None:
    """Why no event of the lead is stored, if none is."""
    if lead is None or not visible.allows(lead.owner_id):
        return "not-found"
    if isinstance(change, Tag):
        return "unchanged" if (change.tag in lead.tags) != change.removed else None
    if lead.owner_id == change.owner_id:
        return "unchanged"
    return None if may_assign(lead.owner_id, principal.id, principal.scopes, led) else "forbidden"


def _event(principal: Principal, lead_id: str, change: Change, key: str | None, at: Millis) -> NewEvent:
    """The event of one lead; under a key its id is that of the key, and its body hash that of the change."""
    properties: dict[str, Json]
    made_of = f"{principal.kind}\x1f{principal.id}\x1f{lead_id}\x1f{key}"
    event_id = f"bulk:{uuid.uuid4().hex if key is None else _hash(made_of.encode())}"
    if isinstance(change, Assign):
        properties = {"by": principal.id, "why": change.why, "rule": BY_HAND}
        event = assignment(lead_id, change.owner_id, event_id=event_id, at=at, properties=properties)
    else:
        properties = {"tag": change.tag, "author": principal.id}
        event = NewEvent(
            event_id=event_id,
            lead_id=lead_id,
            type=TAG_REMOVED if change.removed else TAG_ADDED,
            occurred_at=at,
            received_at=at,
            body_hash=event_id,
            source=_SOURCE,
            properties=properties,
        )
    return replace(event, body_hash=_hash(msgspec.json.encode((event.type, event.properties))))


def _hash(text: bytes) -> str:
    return blake2b(text, digest_size=16).hexdigest()
