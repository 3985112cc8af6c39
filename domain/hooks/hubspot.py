"""HubSpot's webhooks, version 3: changes of contacts and deals as a JSON array. Method, address, body and time are signed."""

from __future__ import annotations

import base64

from domain.events.event import Json
from domain.events.vocabulary import LEAD_UPDATED
from domain.hooks.payload import Fields, given, json_list, number, text
from domain.hooks.request import HookEvent, HookRequest, Secrets
from domain.hooks.signatures import require_any, require_recent, sha256

__all__ = ["read", "verify"]

_WON, _LOST = ("closedwon",), ("closedlost",)


def verify(request: HookRequest, secrets: Secrets) -> None:
    """Raise `WrongSignature` unless the request is signed with one of the client secrets; the time is in milliseconds."""
    timestamp = request.header("x-hubspot-request-timestamp")
    expected = [
        base64.b64encode(
            sha256(secret, f"{request.method}{url}".encode() + request.body + timestamp.encode())
        ).decode()
        for url in request.urls
        for secret in secrets.values
    ]
    require_any([request.header("x-hubspot-signature-v3")], expected)
    require_recent(timestamp, request, secrets, unit=1)


def read(request: HookRequest) -> list[HookEvent]:
    """One event per change. Contacts are known by `hubspotId`, deals by `hubspotDealId`, if a lead has it."""
    return [_event(item) for item in json_list(request.body)]


def _event(item: Fields) -> HookEvent:
    subscription = text(item, "subscriptionType")
    object_, _, what = subscription.partition(".")
    name, value = text(item, "propertyName"), item.get("propertyValue")
    at = number(item, "occurredAt")
    kind = "hubspotDealId" if object_ == "deal" else "hubspotId"
    return HookEvent(
        # Attempts of one change have the same eventId; HubSpot does not promise that it is unique by itself.
        key=":".join(
            (text(item, "eventId"), subscription, text(item, "objectId"), text(item, "occurredAt"), name)
        ),
        type=_type(object_, what, name, value),
        identifiers=given(**{kind: text(item, "objectId")}),  # type: ignore[arg-type]
        known_only=object_ == "deal",
        occurred_at=int(at) if at and at > 0 else None,
        properties=_properties(item, name, value),
    )


def _type(object_: str, what: str, name: str, value: object) -> str:
    said = str(value).lower()
    if what == "propertyChange":
        if (object_, name, said) == ("contact", "lifecyclestage", "customer"):
            return "deal.won"
        if object_ == "deal" and name == "dealstage" and said in _WON:
            return "deal.won"
        if object_ == "deal" and name == "dealstage" and said in _LOST:
            return "deal.lost"
        return LEAD_UPDATED if object_ == "contact" else f"hubspot.{object_}.updated"
    return f"hubspot.{object_ or 'unknown'}.{what or 'changed'}"


def _properties(item: Fields, name: str, value: object) -> dict[str, Json]:
    change: dict[str, Json] = {name: value} if name and isinstance(value, (str, int, float, bool)) else {}
    return {
        **change,
        **given(changeSource=text(item, "changeSource"), portalId=text(item, "portalId")),
    }
