"""SendGrid's Inbound Parse: an e-mail as a multipart form. It is not signed, so the endpoint's secret is in the address."""

from __future__ import annotations

from domain.forms.form_body import form_fields
from domain.hooks.inbound_mail import InboundMail, headers_of, received
from domain.hooks.payload import address_of, json_object, text
from domain.hooks.request import HookEvent, HookRequest, NotForUs
from domain.hooks.signatures import require_shared_secret as verify

__all__ = ["read", "verify"]


def read(request: HookRequest) -> list[HookEvent]:
    """The e-mail as `message.received`, and none for answers of machines."""
    fields = dict(form_fields(request.header("content-type"), request.body))
    envelope = _envelope(fields.get("envelope", ""))
    headers = headers_of(fields.get("headers", ""))
    sender = address_of(fields.get("from", "")) or text(envelope, "from")
    to = envelope.get("to")
    return received(
        InboundMail(
            sender=sender,
            envelope_sender=text(envelope, "from") if "from" in envelope else None,
            recipients=tuple(one for one in to if isinstance(one, str)) if isinstance(to, list) else (),
            subject=fields.get("subject", ""),
            body=fields.get("text", "") or fields.get("html", ""),
            headers=headers,
            attachments=int(fields["attachments"]) if fields.get("attachments", "").isdecimal() else 0,
        ),
        request.body,
    )


def _envelope(field: str) -> dict[str, object]:
    try:
        return dict(json_object(field.encode())) if field else {}
    except NotForUs:
        return {}
