"""Meta's WhatsApp Cloud API: messages and statuses as JSON, signed with the app's secret; a GET verifies the address."""

from __future__ import annotations

from domain.hooks.payload import Fields, given, json_object, part, parts, seconds, text
from domain.hooks.request import HookEvent, HookRequest, Secrets, WrongSignature
from domain.hooks.signatures import equal, require_any, sha256

__all__ = ["challenge", "read", "verify"]

_STATUS = {
    "sent": "message.sent",
    "delivered": "message.delivered",
    "read": "message.read",
    "failed": "message.failed",
}


def verify(request: HookRequest, secrets: Secrets) -> None:
    """Raise `WrongSignature` unless the body is signed with one of the app secrets."""
    scheme, _, given_ = request.header("x-hub-signature-256").partition("=")
    expected = [sha256(secret, request.body).hex() for secret in secrets.values]
    require_any([given_] if scheme == "sha256" else [], expected)


def challenge(request: HookRequest, verify_token: str) -> str:
    """The answer to the GET with which Meta verifies an address. Raises `WrongSignature` for another token."""
    right = equal(request.parameter("hub.verify_token"), verify_token)
    if request.parameter("hub.mode") != "subscribe" or not right:
        raise WrongSignature("The verify token does not match.")
    return request.parameter("hub.challenge")


def read(request: HookRequest) -> list[HookEvent]:
    """Messages as `message.received`, statuses as `message.sent`, `delivered`, `read` or `failed`."""
    events = []
    for entry in parts(json_object(request.body), "entry"):
        for change in parts(entry, "changes"):
            value = part(change, "value")
            names = {
                text(one, "wa_id"): text(part(one, "profile"), "name") for one in parts(value, "contacts")
            }
            events += [_received(one, names) for one in parts(value, "messages") if text(one, "id")]
            events += [_status(one) for one in parts(value, "statuses") if text(one, "status") in _STATUS]
    return events


def _received(message: Fields, names: dict[str, str]) -> HookEvent:
    kind, sender = text(message, "type"), text(message, "from")
    button = part(message, "button")
    reply = part(message, "interactive", f"{text(part(message, 'interactive'), 'type')}")
    said = text(part(message, "text"), "body") or text(button, "text") or text(reply, "title")
    return HookEvent(
        key=text(message, "id"),
        type="message.received",
        identifiers=given(phone=sender and f"+{sender.lstrip('+')}"),  # type: ignore[arg-type]
        occurred_at=seconds(message.get("timestamp")),
        properties=given(
            channel="whatsapp",
            messageBody=(said or text(part(message, kind), "caption"))[:10_000],
            kind=kind if kind != "text" else None,
            profileName=names.get(sender),
            providerId=text(message, "id"),
            inReplyTo=text(part(message, "context"), "id"),
            button=text(button, "payload") or text(reply, "id"),
        ),
    )


def _status(status: Fields) -> HookEvent:
    name, recipient = text(status, "status"), text(status, "recipient_id")
    errors = parts(status, "errors")
    error = errors[0] if errors else {}
    return HookEvent(
        key=f"{text(status, 'id')}:{name}",
        type=_STATUS[name],
        identifiers=given(phone=recipient and f"+{recipient.lstrip('+')}"),  # type: ignore[arg-type]
        occurred_at=seconds(status.get("timestamp")),
        properties=given(
            channel="whatsapp",
            messageId=text(status, "biz_opaque_callback_data"),
            providerId=text(status, "id"),
            reason=text(part(error, "error_data"), "details") or text(error, "title"),
            errorCode=text(error, "code"),
        ),
    )
