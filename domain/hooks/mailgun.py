"""Mailgun: webhooks of events as JSON, and routes that hand over e-mails as forms. A token and a time are signed."""

from __future__ import annotations

import msgspec

from domain.forms.form_body import form_fields
from domain.hooks.inbound_mail import InboundMail, received
from domain.hooks.payload import Fields, address_of, digest, given, json_object, part, seconds, text
from domain.hooks.request import HookEvent, HookRequest, NotForUs, Secrets
from domain.hooks.signatures import require_any, require_recent, sha256

__all__ = ["read", "token_of", "verify"]

_TYPES = {
    "delivered": "email.delivered",
    "opened": "email.opened",
    "clicked": "email.clicked",
    "unsubscribed": "email.unsubscribed",
    "complained": "email.complained",
    "accepted": "email.processed",
}


def verify(request: HookRequest, secrets: Secrets) -> None:
    """Raise `WrongSignature` unless time and token are signed with one of the keys."""
    signature = _signature(request)
    timestamp, token = text(signature, "timestamp"), text(signature, "token")
    signed = (timestamp + token).encode()
    require_any([text(signature, "signature")], [sha256(key, signed).hex() for key in secrets.values])
    require_recent(timestamp, request, secrets)


def token_of(request: HookRequest) -> str | None:
    """The token, which is to be taken once only: the body is not signed."""
    return text(_signature(request), "token") or None


def _signature(request: HookRequest) -> Fields:
    return part(json_object(request.body), "signature") if _is_json(request) else _form(request)


def _is_json(request: HookRequest) -> bool:
    return request.body.lstrip()[:1] == b"{"


def _form(request: HookRequest) -> dict[str, str]:
    return dict(form_fields(request.header("content-type"), request.body))


def read(request: HookRequest) -> list[HookEvent]:
    """The event, or the e-mail as `message.received`."""
    return _event(part(json_object(request.body), "event-data")) if _is_json(request) else _mail(request)


def _event(data: Fields) -> list[HookEvent]:
    kind = text(data, "event")
    if not kind:
        raise NotForUs("The body has no event-data.")
    variables, status = part(data, "user-variables"), part(data, "delivery-status")
    type_ = _TYPES.get(kind, f"mailgun.{kind}")
    if kind == "failed":
        type_ = "email.bounced" if text(data, "severity") != "temporary" else "email.deferred"
    return [
        HookEvent(
            key=text(data, "id") or digest(repr(sorted(data.items())).encode()),
            type=type_,
            identifiers=given(email=text(data, "recipient")),  # type: ignore[arg-type]
            lead_id=text(variables, "lead_id", "leadId") or None,
            occurred_at=seconds(data.get("timestamp")),
            properties=given(
                messageId=text(variables, "message_id", "messageId"),
                providerId=text(part(data, "message", "headers"), "message-id"),
                url=text(data, "url"),
                reason=text(data, "reason") or text(status, "description", "message"),
                status=text(status, "code"),
                bounce=text(data, "severity") if kind == "failed" else None,
                userAgent=text(part(data, "client-info"), "user-agent"),
                bot=text(part(data, "client-info"), "bot"),
                ip=text(data, "ip"),
            ),
        )
    ]


def _mail(request: HookRequest) -> list[HookEvent]:
    fields = _form(request)
    sender = address_of(fields.get("from", "")) or address_of(fields.get("sender", ""))
    headers = _headers(fields.get("message-headers", ""))
    headers |= {
        name.lower(): fields[name] for name in ("Message-Id", "In-Reply-To", "References") if fields.get(name)
    }
    attachments = fields.get("attachment-count", "")
    return received(
        InboundMail(
            sender=sender,
            envelope_sender=fields.get("sender"),
            recipients=(fields.get("recipient", ""),),
            subject=fields.get("subject", ""),
            body=fields.get("stripped-text", "") or fields.get("body-plain", ""),
            headers=headers,
            attachments=int(attachments) if attachments.isdecimal() else 0,
        ),
        request.body,
    )


def _headers(field: str) -> dict[str, str]:
    try:
        pairs = msgspec.json.decode(field, type=list[tuple[str, str]]) if field else []
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return {name.lower(): value for name, value in reversed(pairs)}
