"""SendGrid's Event Webhook: a JSON array of what became of e-mails, signed with ECDSA over the time and the raw body."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from domain.errors import Fault, Invalid
from domain.hooks.payload import Fields, digest, given, json_list, seconds, text
from domain.hooks.request import HookEvent, HookRequest, Secrets, WrongSignature
from domain.hooks.signatures import require_recent

__all__ = ["check_public_key", "read", "verify"]

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
_TYPES = {
    "delivered": "email.delivered",
    "open": "email.opened",
    "click": "email.clicked",
    "spamreport": "email.complained",
    "unsubscribe": "email.unsubscribed",
    "group_unsubscribe": "email.unsubscribed",
    "group_resubscribe": "email.resubscribed",
    "deferred": "email.deferred",
    "dropped": "email.dropped",
    "processed": "email.processed",
}


def check_public_key(secret: str) -> None:
    """Raise `Invalid` unless the secret is the verification key that SendGrid shows: base64 of a P-256 key."""
    try:
        _public_key(secret)
    except (ValueError, binascii.Error):
        detail = "write the verification key of SendGrid's signed event webhook, base64 that begins with MFkw"
        raise Invalid("The secret is wrong.", (Fault("/secret", detail),)) from None


def verify(request: HookRequest, secrets: Secrets) -> None:
    """Raise `WrongSignature` unless one of the public keys fits. The body is signed with its last line break."""
    timestamp = request.header(_TIMESTAMP)
    try:
        signature = base64.b64decode(request.header(_SIGNATURE), validate=True)
    except (binascii.Error, ValueError):
        raise WrongSignature("The signature is not base64.") from None
    signed = timestamp.encode() + request.body
    if not any(_fits(key, signature, signed) for key in secrets.values):
        raise WrongSignature("The signature does not match.")
    require_recent(timestamp, request, secrets)


def _fits(key: str, signature: bytes, signed: bytes) -> bool:
    try:
        _public_key(key).verify(signature, signed, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def _public_key(text_: str) -> ec.EllipticCurvePublicKey:
    key = load_der_public_key(base64.b64decode(text_, validate=True))
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("not an elliptic curve key")  # noqa: TRY004 - a value of the wrong kind
    return key


def read(request: HookRequest) -> list[HookEvent]:
    """One event per item. Custom arguments come as further fields of an item: `message_id` and `lead_id` are ours."""
    return [_event(item) for item in json_list(request.body)]


def _event(item: Fields) -> HookEvent:
    kind = text(item, "event")
    is_bounce = kind == "bounce"
    type_ = _TYPES.get(kind, f"sendgrid.{kind or 'unknown'}")
    if is_bounce:
        type_ = "email.bounced" if text(item, "type") != "blocked" else "email.blocked"
    return HookEvent(
        key=text(item, "sg_event_id") or digest(repr(sorted(item.items())).encode()),
        type=type_,
        identifiers=given(email=text(item, "email")),  # type: ignore[arg-type]
        lead_id=text(item, "lead_id", "leadId") or None,
        occurred_at=seconds(item.get("timestamp")),
        properties=given(
            messageId=text(item, "message_id", "messageId"),
            providerId=text(item, "sg_message_id"),
            url=text(item, "url"),
            reason=text(item, "reason", "response"),
            status=text(item, "status"),
            bounce=("permanent" if text(item, "type") != "blocked" else "temporary") if is_bounce else None,
            userAgent=text(item, "useragent"),
            ip=text(item, "ip"),
            machineOpen=True if item.get("sg_machine_open") is True else None,
        ),
    )
