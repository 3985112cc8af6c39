"""Postmark: webhooks of events and of inbound e-mails, as JSON. It signs nothing, so the secret is a password."""

from __future__ import annotations

from domain.hooks.inbound_mail import InboundMail, received
from domain.hooks.payload import Fields, digest, given, json_object, moment, part, parts, text
from domain.hooks.request import HookEvent, HookRequest, NotForUs
from domain.hooks.signatures import require_shared_secret as verify

__all__ = ["read", "verify"]

_TYPES = {
    "Delivery": "email.delivered",
    "Open": "email.opened",
    "Click": "email.clicked",
    "SpamComplaint": "email.complained",
}
_SOFT = {"Transient", "SoftBounce", "DnsError", "AutoResponder", "ChallengeVerification", "VirusNotification"}


def read(request: HookRequest) -> list[HookEvent]:
    """The event, or the e-mail as `message.received`."""
    fields = json_object(request.body)
    if "FromFull" in fields or "StrippedTextReply" in fields:
        return _mail(fields, request)
    kind = text(fields, "RecordType")
    if not kind:
        raise NotForUs("The body has no RecordType.")
    return [_event(kind, fields, request)]


def _event(kind: str, fields: Fields, request: HookRequest) -> HookEvent:
    metadata = part(fields, "Metadata")
    type_, bounce = _TYPES.get(kind, f"postmark.{kind}"), None
    if kind == "Bounce":
        bounce = "temporary" if text(fields, "Type") in _SOFT else "permanent"
        type_ = "email.bounced" if bounce == "permanent" else "email.deferred"
    elif kind == "SubscriptionChange":
        type_ = "email.unsubscribed" if fields.get("SuppressSending") is True else "email.resubscribed"
    at = next(
        (
            found
            for name in ("DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt")
            if (found := moment(fields.get(name)))
        ),
        None,
    )
    message_id = text(fields, "MessageID")
    return HookEvent(
        key=f"{kind}:{text(fields, 'ID')}" if text(fields, "ID") else digest(request.body),
        type=type_,
        identifiers=given(email=text(fields, "Recipient", "Email")),  # type: ignore[arg-type]
        lead_id=text(metadata, "lead_id", "leadId") or None,
        occurred_at=at,
        properties=given(
            messageId=text(metadata, "message_id", "messageId"),
            providerId=message_id,
            url=text(fields, "OriginalLink"),
            reason=text(fields, "Description", "SuppressionReason", "Details"),
            bounce=bounce,
            userAgent=text(fields, "UserAgent"),
            ip=text(part(fields, "Geo"), "IP"),
        ),
    )


def _mail(fields: Fields, request: HookRequest) -> list[HookEvent]:
    headers = {text(one, "Name").lower(): text(one, "Value") for one in reversed(parts(fields, "Headers"))}
    if text(fields, "MessageID"):
        headers.setdefault("message-id", f"<{text(fields, 'MessageID')}@inbound.postmark>")
    token = text(fields, "MailboxHash")
    return received(
        InboundMail(
            sender=text(part(fields, "FromFull"), "Email") or text(fields, "From"),
            recipients=(f"reply+{token}@inbound",) if token else (text(fields, "OriginalRecipient"),),
            subject=text(fields, "Subject"),
            body=text(fields, "StrippedTextReply") or text(fields, "TextBody"),
            headers=headers,
            attachments=len(parts(fields, "Attachments")),
        ),
        request.body,
    )
