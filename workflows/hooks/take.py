"""Takes a webhook request in: checks its signature, and stores what it says as events before it is answered."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from itertools import islice
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import Invalid, NotFound
from domain.hooks.providers import PROVIDERS, ProviderName
from domain.hooks.request import HookEvent, HookRequest, Secrets
from domain.identity.identifier import NotAnIdentifier, normalised
from domain.instant import SECOND, Millis, to_datetime
from engine.hooks.endpoint import HookEndpoint, HookProblem
from engine.runtime import Runtime
from workflows.capture.decode import check_event
from workflows.capture.event_input import MAX_EVENTS, EventInput
from workflows.capture.ingest import ingest
from workflows.hooks.our_messages import with_our_messages
from workflows.identity.find import find
from workflows.outreach.reports import act_on_reports

__all__ = ["Taken", "find_hook", "take"]

_BY_ENDPOINT = ("standard", "stripe")
"""Senders of any kind, whose ids are their own; ids of the other providers are unique over all endpoints."""


_NOBODY = "it names nobody who is known: no e-mail address, telephone number or other identifier of a lead"


class Taken(Struct, frozen=True):
    """What became of the events of one request."""

    stored: int = 0
    duplicates: int = 0
    refused: int = 0


async def find_hook(runtime: Runtime, provider: str, endpoint_id: str) -> HookEndpoint:
    """The enabled endpoint of the provider. Raises `NotFound`."""
    endpoint = await runtime.hooks.endpoints.find(endpoint_id)
    if endpoint is None or endpoint.provider != provider or not endpoint.enabled:
        raise NotFound("webhook source", endpoint_id)
    return endpoint


async def take(runtime: Runtime, endpoint: HookEndpoint, request: HookRequest) -> Taken:
    """Store the events of a request, durably. What is stored already is a duplicate; one that cannot be stored is noted.

    Raises `WrongSignature`, `NotForUs` for a body that cannot be read at all, and `Unavailable`: then repeating is safe.
    """
    rules, now = PROVIDERS[endpoint.provider], request.received_at
    valid = tuple(one.value for one in endpoint.secrets if one.is_valid(now))
    tolerance = runtime.settings.hook_tolerance_seconds * SECOND
    rules.verify(request, Secrets(values=valid, tolerance=tolerance))
    token = rules.once(request)
    if token is not None and await runtime.hooks.tokens.is_taken(endpoint.endpoint_id, token):
        return Taken()
    events, problems = _checked(
        runtime,
        endpoint,
        await _with_known(runtime, await with_our_messages(runtime, rules.read(request))),
        now,
    )
    await act_on_reports(runtime, events)
    stored = await _stored(runtime, events)
    if problems:
        await runtime.hooks.endpoints.note(endpoint.endpoint_id, problems)
    if token is not None:
        await runtime.hooks.tokens.take(endpoint.endpoint_id, token, now)
    return Taken(stored, len(events) - stored, len(problems))


async def _stored(runtime: Runtime, events: Sequence[EventInput]) -> int:
    """Store the events, a thousand at a time. Returns how many of them are new."""
    stored, waiting = 0, iter(events)
    while some := list(islice(waiting, MAX_EVENTS)):
        results = await ingest(runtime, some)
        stored += sum(result.status == "accepted" for result in results)
    return stored


async def _with_known(runtime: Runtime, found: Sequence[HookEvent]) -> list[HookEvent]:
    """The events; those that need a known lead name it, or nobody if there is none."""
    return [await _known(runtime, one) if one.known_only and one.lead_id is None else one for one in found]


async def _known(runtime: Runtime, event: HookEvent) -> HookEvent:
    for kind, value in event.identifiers.items():
        with contextlib.suppress(NotAnIdentifier):
            if lead_id := await find(runtime, normalised(kind, value, runtime.identity.phone_region)):
                return replace(event, lead_id=lead_id)
    return replace(event, identifiers={})


def _checked(
    runtime: Runtime, endpoint: HookEndpoint, found: Sequence[HookEvent], at: Millis
) -> tuple[list[EventInput], list[HookProblem]]:
    """The events that can be stored, each once, and why the others cannot."""
    events: dict[str, EventInput] = {}
    problems = []
    for one in found:
        event_id = _event_id(endpoint, one.key)
        if not one.identifiers and one.lead_id is None:
            problems.append(HookProblem(at=at, event_id=event_id, type=one.type[:100], reason=_NOBODY))
            continue
        try:
            events.setdefault(
                event_id,
                check_event(_sent(endpoint.provider, one, event_id), region=runtime.identity.phone_region),
            )
        except Invalid as error:
            reason = "; ".join(f"{fault.pointer} {fault.detail}" for fault in error.faults[:3])
            problems.append(HookProblem(at=at, event_id=event_id, type=one.type[:100], reason=reason[:500]))
    return list(events.values()), problems


def _sent(provider: ProviderName, event: HookEvent, event_id: str) -> dict[str, Any]:
    sent: dict[str, Any] = {
        "eventId": event_id,
        "type": event.type,
        "source": provider,
        "properties": event.properties,
        "identifiers": dict(event.identifiers) or None,
        "leadId": event.lead_id,
        "occurredAt": None if event.occurred_at is None else to_datetime(event.occurred_at).isoformat(),
    }
    return {name: value for name, value in sent.items() if value is not None}


def _event_id(endpoint: HookEndpoint, key: str) -> str:
    """The id of what a provider reports; a hash, because some keys hold an address."""
    scope = endpoint.endpoint_id if endpoint.provider in _BY_ENDPOINT else ""
    digest = hashlib.blake2b(f"{scope}\x1f{key}".encode(), digest_size=16).hexdigest()
    return f"{endpoint.provider}:{digest}"
