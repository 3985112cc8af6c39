"""Calendly: meetings that were booked and cancelled, as JSON, signed with a time."""

from __future__ import annotations

from domain.hooks.payload import given, json_object, moment, part, parts, text
from domain.hooks.request import HookEvent, HookRequest, NotForUs, Secrets
from domain.hooks.signatures import require_timestamped

__all__ = ["read", "verify"]

_TYPES = {
    "invitee.created": "meeting.booked",
    "invitee.canceled": "meeting.cancelled",
    "invitee_no_show.created": "meeting.missed",
}
_UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")


def verify(request: HookRequest, secrets: Secrets) -> None:
    """Raise `WrongSignature` unless time and body are signed with one of the keys."""
    require_timestamped(request, secrets, "calendly-webhook-signature")


def read(request: HookRequest) -> list[HookEvent]:
    """The meeting. A cancellation for another time says `rescheduled`, and so does the booking that follows it."""
    body = json_object(request.body)
    kind, payload = text(body, "event"), part(body, "payload")
    if not kind:
        raise NotForUs("The body has no event.")
    meeting, tracking = part(payload, "scheduled_event"), part(payload, "tracking")
    answers = {
        text(one, "question")[:100]: text(one, "answer")[:1000]
        for one in parts(payload, "questions_and_answers")
        if text(one, "question")
    }
    rescheduled = payload.get("rescheduled") is True or bool(text(payload, "old_invitee"))
    uri = text(payload, "uri")
    return [
        HookEvent(
            key=f"{kind}:{uri or text(payload, 'email')}:{text(body, 'created_at')}",
            type=_TYPES.get(kind, f"calendly.{kind}"),
            identifiers=given(email=text(payload, "email"), phone=_phone(payload)),  # type: ignore[arg-type]
            occurred_at=moment(body.get("created_at")),
            properties=given(
                name=text(payload, "name"),
                meeting=text(meeting, "name"),
                startsAt=text(meeting, "start_time"),
                endsAt=text(meeting, "end_time"),
                providerId=uri,
                rescheduled=rescheduled or None,
                reason=text(part(payload, "cancellation"), "reason"),
                answers=dict(answers) or None,
                **{name: text(tracking, name) for name in _UTM},
            ),
        )
    ]


def _phone(payload: object) -> str:
    number = text(payload, "text_reminder_number") if isinstance(payload, dict) else ""
    return number if number.startswith("+") else ""
