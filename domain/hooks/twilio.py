"""Twilio: WhatsApp messages and their statuses, as forms or JSON. The public address is signed with HMAC-SHA1."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qsl, urlsplit

from domain.forms.form_body import form_fields
from domain.hooks.payload import Fields, given, json_object, text
from domain.hooks.request import HookEvent, HookRequest, NotForUs, Secrets, WrongSignature
from domain.hooks.signatures import equal, require_any, sha1

__all__ = ["read", "verify"]

_STATUS = {
    "sent": "message.sent",
    "delivered": "message.delivered",
    "read": "message.read",
    "failed": "message.failed",
    "undelivered": "message.failed",
}


def verify(request: HookRequest, secrets: Secrets) -> None:
    """Raise `WrongSignature` unless address and fields are signed with one of the auth tokens.

    Of a JSON body the address has the hash (`bodySHA256`), which must be that of the body.
    """
    content = ""
    if not _is_json(request):
        fields = form_fields(request.header("content-type"), request.body)
        content = "".join(name + value for name, value in sorted(set(fields)))
    expected = [
        base64.b64encode(sha1(token, (url + content).encode())).decode()
        for url in request.urls
        for token in secrets.values
    ]
    require_any([request.header("x-twilio-signature")], expected)
    if _is_json(request):
        said = dict(parse_qsl(urlsplit(request.urls[0]).query)).get("bodySHA256", "")
        if not equal(said.lower(), hashlib.sha256(request.body).hexdigest()):
            raise WrongSignature("The body is not the one that was signed.")


def _is_json(request: HookRequest) -> bool:
    return request.body.lstrip()[:1] == b"{"


def read(request: HookRequest) -> list[HookEvent]:
    """A message as `message.received`, a status as `message.sent`, `delivered`, `read` or `failed`."""
    fields: Fields
    if _is_json(request):
        fields = json_object(request.body)
    else:
        fields = dict(form_fields(request.header("content-type"), request.body))
    sid = text(fields, "MessageSid", "SmsSid")
    if not sid:
        raise NotForUs("The body has no MessageSid.")
    status = text(fields, "MessageStatus") or text(fields, "SmsStatus")
    if status in ("received", "receiving") or (not status and "Body" in fields):
        return [_received(sid, fields)]
    return [_status(sid, status, fields, _our_id(request))] if status in _STATUS else []


def _received(sid: str, fields: Fields) -> HookEvent:
    media = text(fields, "NumMedia")
    return HookEvent(
        key=sid,
        type="message.received",
        identifiers=given(phone=_phone(text(fields, "From"))),  # type: ignore[arg-type]
        properties=given(
            channel=_channel(fields),
            messageBody=text(fields, "Body")[:10_000],
            profileName=text(fields, "ProfileName"),
            providerId=sid,
            inReplyTo=text(fields, "OriginalRepliedMessageSid"),
            button=text(fields, "ButtonPayload", "ButtonText"),
            attachments=int(media) if media.isdecimal() and int(media) else None,
        ),
    )


def _our_id(request: HookRequest) -> str:
    """Our id of the message, which the signed address of the report carries."""
    query = urlsplit(request.urls[0]).query if request.urls else ""
    return dict(parse_qsl(query)).get("messageId", "")


def _status(sid: str, status: str, fields: Fields, our_id: str) -> HookEvent:
    return HookEvent(
        key=f"{sid}:{status}",
        type=_STATUS[status],
        identifiers=given(phone=_phone(text(fields, "To"))),  # type: ignore[arg-type]
        properties=given(
            channel=_channel(fields),
            messageId=our_id,
            providerId=sid,
            reason=text(fields, "ErrorMessage"),
            errorCode=text(fields, "ErrorCode"),
        ),
    )


def _phone(address: str) -> str:
    return address.rpartition(":")[2]


def _channel(fields: Fields) -> str:
    return "whatsapp" if "whatsapp:" in f"{text(fields, 'From')}{text(fields, 'To')}" else "sms"
