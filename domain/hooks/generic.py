"""Webhooks of any sender in one form: an object or an array of events as `POST /api/events` takes them.

Two schemes sign them: `t=...,v1=...` as Stripe's, and Standard Webhooks, whose envelope `{type, timestamp, data}` is read too.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from domain.errors import Fault, Invalid
from domain.events.event import Json
from domain.hooks.payload import Fields, digest, given, json_list, moment, part, seconds, text
from domain.hooks.request import HookEvent, HookRequest, Secrets, WrongSignature
from domain.hooks.signatures import require_any, require_recent, require_timestamped, sha256

__all__ = ["check_standard_secret", "read", "verify_standard", "verify_stripe"]

_PREFIX = "whsec_"
_IDENTIFIERS = {
    "userId": ("userId", "user_id"),
    "anonymousId": ("anonymousId", "anonymous_id"),
    "email": ("email",),
    "phone": ("phone",),
}


def verify_stripe(request: HookRequest, secrets: Secrets) -> None:
    """Raise `WrongSignature` unless time and body are signed with one of the secrets, in `Stripe-Signature`."""
    header = "stripe-signature" if request.header("stripe-signature") else "x-signature"
    require_timestamped(request, secrets, header)


def check_standard_secret(secret: str) -> None:
    """Raise `Invalid` unless the secret is `whsec_` and base64."""
    try:
        _key(secret)
    except (ValueError, binascii.Error):
        detail = "write a secret of Standard Webhooks: whsec_ and base64"
        raise Invalid("The secret is wrong.", (Fault("/secret", detail),)) from None


def verify_standard(request: HookRequest, secrets: Secrets) -> None:
    """Raise `WrongSignature` unless id, time and body are signed as Standard Webhooks 1.0.0 says.

    The names of headers begin with `webhook-`, or with `svix-`.
    """
    prefix = "webhook" if request.header("webhook-id") else "svix"
    webhook_id, timestamp = request.header(f"{prefix}-id"), request.header(f"{prefix}-timestamp")
    if not webhook_id:
        raise WrongSignature("The header webhook-id is missing.")
    signed = f"{webhook_id}.{timestamp}.".encode() + request.body
    given_ = [
        value
        for version, _, value in (one.partition(",") for one in request.header(f"{prefix}-signature").split())
        if version == "v1"
    ]
    require_any(given_, [base64.b64encode(sha256(_key(one), signed)).decode() for one in secrets.values])
    require_recent(timestamp, request, secrets)


def _key(secret: str) -> bytes:
    key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    if not key:
        raise ValueError("empty")
    return key


def read(request: HookRequest) -> list[HookEvent]:
    """One event per object. Identifiers and content may lie in `data`, or in `data.object` as Stripe's."""
    webhook_id = request.header("webhook-id") or request.header("svix-id")
    items = json_list(request.body)
    return [_event(item, webhook_id if len(items) == 1 else "") for item in items]


def _event(item: Fields, webhook_id: str) -> HookEvent:
    content = part(item, "data", "object") or part(item, "data") or part(item, "properties") or item
    places = (part(item, "identifiers"), item, part(item, "data"), content, part(content, "metadata"))
    at = moment(item.get("timestamp")) or moment(item.get("occurredAt")) or seconds(item.get("created"))
    lead_id = next((found for one in places if (found := text(one, "leadId", "lead_id"))), None)
    return HookEvent(
        key=text(item, "eventId", "id") or webhook_id or digest(repr(sorted(item.items())).encode()),
        type=text(item, "type", "event") or "webhook.received",
        identifiers=_identifiers(places),
        lead_id=lead_id,
        occurred_at=at,
        properties=_properties(content, item),
    )


def _identifiers(places: tuple[Fields, ...]) -> Mapping[str, str]:
    found = {
        kind: next((value for one in places if (value := text(one, *names))), "")
        for kind, names in _IDENTIFIERS.items()
    }
    extra = next((value for one in places if (value := text(one, "customer_email", "receipt_email"))), "")
    return {name: str(value) for name, value in given(**{**found, "email": found["email"] or extra}).items()}


def _properties(content: Fields, item: Fields) -> dict[str, Json]:
    if content is item:
        left_out = {
            "id",
            "eventId",
            "type",
            "event",
            "leadId",
            "lead_id",
            "identifiers",
            "timestamp",
            "occurredAt",
        }
        return {name: value for name, value in item.items() if name not in left_out}
    return dict(content)
