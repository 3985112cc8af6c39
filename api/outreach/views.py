"""Response bodies of messages and suppression entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec.structs import replace

from api.http.pages import Page, component
from api.http.view import View
from domain.instant import to_datetime
from domain.outreach.withhold import Reason
from engine.outreach.message import Content, Message
from engine.outreach.suppression_store import Entry
from engine.work.unit import CLAIMABLE
from workflows.outreach.conversation import Delivery

__all__ = [
    "ChannelView",
    "MessageView",
    "MessagesPage",
    "SuppressionView",
    "SuppressionsPage",
    "channel_view",
    "message_view",
    "suppression_view",
]


class AttemptView(View, frozen=True):
    """One attempt to send."""

    number: int
    at: datetime
    outcome: str | None
    detail: str
    duration_ms: int | None


class StepView(View, frozen=True):
    """An event that says what became of the message."""

    event_id: str
    type: str
    at: datetime
    detail: str | None


class MessageView(View, frozen=True):
    """A message. `status` is what became of it; `state` that of its sending as due work."""

    id: str
    lead_id: str
    channel: str
    status: str
    state: str
    to: str | None
    subject: str | None
    text: str | None
    html: str | None
    template: str | None
    variables: dict[str, str] | None
    reply_to: str | None
    sender: str
    why: str
    created_at: datetime
    due_at: datetime | None
    waits_because: str | None
    discarded_because: str | None
    provider_id: str | None
    reasons: list[Reason]
    attempts: list[AttemptView]
    history: list[StepView]


class ChannelView(View, frozen=True):
    """The messages to a lead in one channel, newest first. Those of e-mail are without `html`, which is in each by itself."""

    channel: str
    messages: list[MessageView]


MessagesPage = Annotated[Page[MessageView], component("MessagesPage")]


class SuppressionView(View, frozen=True):
    """An entry of the suppression list; `value` is null once the person was erased."""

    id: str
    scope: str
    kind: str
    value: str | None
    why: str
    source: str
    at: datetime


SuppressionsPage = Annotated[Page[SuppressionView], component("SuppressionsPage")]


def message_view(delivery: Delivery) -> MessageView:
    """The message with its content, if that was not erased, and its whole history."""
    message, content = delivery.message, delivery.content or Content(to="")
    shown = delivery.content is not None
    return MessageView(
        id=message.unit_id,
        lead_id=message.lead_id,
        channel=message.channel,
        status=delivery.status,
        state=message.state,
        to=content.to if shown else None,
        subject=content.subject if shown else None,
        text=content.text if shown else None,
        html=content.html or None,
        template=content.template or None,
        variables=content.variables or None,
        reply_to=message.reply_to,
        sender=f"{message.author.kind}:{message.author.id}",
        why=message.why,
        created_at=to_datetime(message.created_at),
        due_at=to_datetime(message.due_at) if message.state in CLAIMABLE else None,
        waits_because=message.waits_because or message.held_because or None,
        discarded_because=message.discarded_because,
        provider_id=message.provider_id,
        reasons=list(message.withheld),
        attempts=_attempts(message),
        history=[
            StepView(
                event_id=event.event_id,
                type=event.type,
                at=to_datetime(event.occurred_at),
                detail=_detail(event.properties.get("reason")),
            )
            for event in delivery.events
        ],
    )


def channel_view(channel: str, deliveries: Sequence[Delivery]) -> ChannelView:
    """The messages of one channel, as they are shown beside the lead."""
    return ChannelView(channel, [replace(message_view(one), html=None) for one in deliveries])


def suppression_view(entry: Entry) -> SuppressionView:
    """The entry."""
    return SuppressionView(
        id=entry.entry_id,
        scope=entry.scope,
        kind=entry.kind,
        value=entry.value,
        why=entry.why,
        source=entry.source,
        at=to_datetime(entry.at),
    )


def _attempts(message: Message) -> list[AttemptView]:
    return [
        AttemptView(
            number=one.number,
            at=to_datetime(one.at),
            outcome=one.outcome,
            detail=one.detail,
            duration_ms=one.duration_ms,
        )
        for one in message.attempts
    ]


def _detail(reason: object) -> str | None:
    return reason if isinstance(reason, str) else None
