"""What providers and mailboxes report, stored as events of the leads that it is about."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from itertools import islice
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import Invalid
from domain.hooks.request import HookEvent
from domain.identity.identifier import NotAnIdentifier, normalised
from domain.instant import Millis, to_datetime
from engine.hooks.endpoint import HookProblem
from engine.runtime import Runtime
from workflows.capture.decode import check_event
from workflows.capture.event_input import MAX_EVENTS, EventInput
from workflows.capture.ingest import ingest
from workflows.hooks.our_messages import with_our_messages
from workflows.hooks.own_mail import is_own_mail
from workflows.identity.find import find
from workflows.outreach.reports import act_on_reports

__all__ = ["Origin", "Stored", "store_events"]

_NOBODY = "it names nobody who is known: no e-mail address, telephone number or other identifier of a lead"
_OWN = "we have sent it ourselves: an address of ours is no lead that replies"


class Origin(Struct, frozen=True):
    """Where events come from: the source that they name, and the scope in which their keys are unique."""

    source: str
    scope: str = ""


class Stored(Struct, frozen=True):
    """What became of reported events: stored now, stored before, and why the others were not."""

    new: int
    duplicates: int
    problems: tuple[HookProblem, ...]


async def store_events(runtime: Runtime, origin: Origin, found: Sequence[HookEvent], at: Millis) -> Stored:
    """Store the events, durably, each with its message and lead. Repeating it stores nothing twice. Raises `Unavailable`."""
    events, problems = await _checked(runtime, origin, found, at)
    await act_on_reports(runtime, events)
    new = await _appended(runtime, events)
    return Stored(new, len(events) - new, tuple(problems))


async def _appended(runtime: Runtime, events: Sequence[EventInput]) -> int:
    """Append the events, a thousand at a time. Returns how many of them are new."""
    stored, waiting = 0, iter(events)
    while some := list(islice(waiting, MAX_EVENTS)):
        results = await ingest(runtime, some)
        stored += sum(result.status == "accepted" for result in results)
    return stored


async def _checked(
    runtime: Runtime, origin: Origin, found: Sequence[HookEvent], at: Millis
) -> tuple[list[EventInput], list[HookProblem]]:
    """The events that can be stored, each once, and why the others cannot."""
    events: dict[str, EventInput] = {}
    problems = []

    def refuse(one: HookEvent, reason: str) -> None:
        event_id = _event_id(origin, one.key)
        problems.append(HookProblem(at=at, event_id=event_id, type=one.type[:100], reason=reason[:500]))

    others = []
    for one in found:
        if await is_own_mail(runtime, one):
            refuse(one, _OWN)
        else:
            others.append(one)
    for one in await _with_known(runtime, await with_our_messages(runtime, others)):
        if not one.identifiers and one.lead_id is None:
            refuse(one, _NOBODY)
            continue
        event_id = _event_id(origin, one.key)
        try:
            checked = check_event(_sent(origin, one, event_id), region=runtime.identity.phone_region)
        except Invalid as error:
            refuse(one, "; ".join(f"{fault.pointer} {fault.detail}" for fault in error.faults[:3]))
        else:
            events.setdefault(event_id, checked)
    return list(events.values()), problems


async def _with_known(runtime: Runtime, found: Sequence[HookEvent]) -> list[HookEvent]:
    """The events; those that need a known lead name it, or nobody if there is none."""
    return [await _known(runtime, one) if one.known_only and one.lead_id is None else one for one in found]


async def _known(runtime: Runtime, event: HookEvent) -> HookEvent:
    for kind, value in event.identifiers.items():
        with contextlib.suppress(NotAnIdentifier):
            if lead_id := await find(runtime, normalised(kind, value, runtime.identity.phone_region)):
                return replace(event, lead_id=lead_id)
    return replace(event, identifiers={})


def _sent(origin: Origin, event: HookEvent, event_id: str) -> dict[str, Any]:
    sent: dict[str, Any] = {
        "eventId": event_id,
        "type": event.type,
        "source": origin.source,
        "properties": event.properties,
        "identifiers": dict(event.identifiers) or None,
        "leadId": event.lead_id,
        "occurredAt": None if event.occurred_at is None else to_datetime(event.occurred_at).isoformat(),
    }
    return {name: value for name, value in sent.items() if value is not None}


def _event_id(origin: Origin, key: str) -> str:
    """The id of what is reported; a hash, because some keys hold an address."""
    digest = hashlib.blake2b(f"{origin.scope}\x1f{key}".encode(), digest_size=16).hexdigest()
    return f"{origin.source}:{digest}"
