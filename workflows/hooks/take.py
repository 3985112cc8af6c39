"""Takes a webhook request in: checks its signature, and stores what it says as events before it is answered."""

from __future__ import annotations

from msgspec import Struct

from domain.errors import NotFound
from domain.hooks.providers import PROVIDERS
from domain.hooks.request import HookRequest, Secrets, WrongSignature
from domain.instant import SECOND
from engine.hooks.endpoint import HookEndpoint
from engine.runtime import Runtime
from workflows.hooks.store_events import Origin, store_events

__all__ = ["Taken", "find_hook", "take"]

_BY_ENDPOINT = ("standard", "stripe")
"""Senders of any kind, whose ids are their own; ids of the other providers are unique over all endpoints."""


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
    received = runtime.hooks.received
    try:
        rules.verify(request, Secrets(values=valid, tolerance=tolerance))
    except WrongSignature:
        received[endpoint.provider, "wrong-signature"] += 1
        raise
    token = rules.once(request)
    if token is not None and await runtime.hooks.tokens.is_taken(endpoint.endpoint_id, token):
        return Taken()
    scope = endpoint.endpoint_id if endpoint.provider in _BY_ENDPOINT else ""
    stored = await store_events(runtime, Origin(endpoint.provider, scope), rules.read(request), now)
    if stored.problems:
        await runtime.hooks.endpoints.note(endpoint.endpoint_id, stored.problems)
    if token is not None:
        await runtime.hooks.tokens.take(endpoint.endpoint_id, token, now)
    taken = Taken(stored.new, stored.duplicates, len(stored.problems))
    received[endpoint.provider, "stored"] += taken.stored
    received[endpoint.provider, "duplicate"] += taken.duplicates
    received[endpoint.provider, "refused"] += taken.refused
    return taken
