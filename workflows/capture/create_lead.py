"""Creation of a lead by what a person is known by: the lead that is there already, or a new one."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from domain.errors import Fault, Invalid
from domain.events.vocabulary import LEAD_UPDATED
from engine.access.principal import Principal
from engine.capture.deduplication import Appended
from engine.runtime import Runtime
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest

__all__ = ["Consent", "CreatedLead", "LeadDetails", "create_lead"]


class Consent(Struct, frozen=True):
    """That the person agrees to be contacted, or no longer does; without a channel by any."""

    given: bool
    channel: str | None = None
    text: str | None = None


class LeadDetails(Struct, frozen=True, kw_only=True):
    """What is known of the person; `identifiers` by kind, at least one."""

    identifiers: Mapping[str, str]
    attributes: Mapping[str, Any]
    consent: Consent | None
    source: str


class CreatedLead(Struct, frozen=True):
    """The lead, the event that says what is known of it, and whether the lead began with it."""

    appended: Appended
    is_new: bool


async def create_lead(
    runtime: Runtime, by: Principal, details: LeadDetails, idempotency_key: str | None
) -> CreatedLead:
    """Append `lead.updated`, and `consent.given` or `consent.withdrawn`, to the lead of the identifiers. All or none.

    The same key of the same caller gives the first answer; its event is in `conflict` if other details come with it.
    Raises `Invalid`, and what `ingest` raises.
    """
    event_id = f"created:{_id(by, idempotency_key)}"
    common = {"identifiers": dict(details.identifiers), "source": details.source}
    sent = [{**common, "type": LEAD_UPDATED, "eventId": event_id, "properties": dict(details.attributes)}]
    if details.consent is not None:
        sent.append({**common, **_consent(details.consent), "eventId": f"{event_id}:consent"})
    try:
        region = runtime.identity.phone_region
        events = [check_event(one, region=region) for one in sent]
        runtime.capture.appender.require_room()
        appended = (await ingest(runtime, events))[0]
    except Invalid as error:
        raise Invalid("Some fields are wrong; no lead was stored.", _in_body(error)) from None
    if appended.status not in ("accepted", "duplicate"):
        return CreatedLead(appended, is_new=False)
    earlier = await runtime.capture.events.last_of_lead(appended.lead_id, before=appended.position)
    return CreatedLead(appended, is_new=not earlier)


def _consent(consent: Consent) -> dict[str, Any]:
    properties = {"channel": consent.channel, "text": consent.text}
    return {
        "type": "consent.given" if consent.given else "consent.withdrawn",
        "properties": {name: value for name, value in properties.items() if value is not None},
    }


def _id(by: Principal, key: str | None) -> str:
    if key is None:
        return uuid.uuid4().hex
    return hashlib.blake2b(f"{by.kind}\x1f{by.id}\x1f{key}".encode(), digest_size=16).hexdigest()


def _in_body(error: Invalid) -> tuple[Fault, ...]:
    """The faults with pointers into the body of the call, each once though two events have it."""
    return tuple(dict.fromkeys(Fault(_pointer(one.pointer), one.detail) for one in error.faults))


def _pointer(pointer: str) -> str:
    for inner, outer in (("/identifiers", ""), ("/properties", "/attributes")):
        before, found, rest = pointer.partition(inner)
        if found and (not before or before[1:].isdecimal()):
            return f"{outer}{rest}"
    return pointer
