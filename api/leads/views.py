"""Response bodies of the lead routes: summaries, history rows and events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, UnsetType

from api.http.pages import Page, component
from api.http.view import View, optional_datetime
from api.outreach.views import ChannelView, channel_view
from domain.decisions.stage import StageLadder
from domain.events.event import Event
from domain.instant import to_datetime
from domain.leads.history_row import HistoryRow
from domain.scoring.breakdown import Contribution
from engine.leads.lead_document import LeadSummary
from workflows.outreach.conversation import Delivery

__all__ = [
    "EventView",
    "EventsPage",
    "HistoryPage",
    "HistoryView",
    "LeadView",
    "LeadWithMessagesView",
    "LeadsPage",
    "event_view",
    "history_view",
    "lead_view",
    "lead_with_messages_view",
]


class LeadView(View, frozen=True):
    """A lead as of `scoredAt`, when its last event was applied; its intelligence is computed for any moment."""

    lead_id: str
    position: int
    score: float
    stage: str
    velocity: float
    risk: str
    next_action: str
    outcome: str
    status: str
    scored_at: datetime
    last_activity_at: datetime | None
    tags: list[str]
    owner_id: str | None
    rulebook: str
    account_id: str | None
    """The account of its group, else of the domain of its e-mail address; `GET /api/accounts/{accountId}` finds it."""
    requested_id: str | UnsetType = UNSET
    """Of one lead: the id that was asked for, which may be another one of the same lead."""


class LeadWithMessagesView(LeadView, frozen=True, kw_only=True):
    """One lead with its latest messages by channel, up to 20; `moreMessages`: the others are in `GET /api/messages`."""

    channels: list[ChannelView]
    more_messages: bool


LeadsPage = Annotated[Page[LeadView], component("LeadsPage")]


class HistoryView(View, frozen=True):
    """The effect of one event: previousScore + decay + contributions = newScore."""

    position: int
    event_id: str
    type: str
    occurred_at: datetime
    at: datetime
    previous_score: float
    decay: float
    contributions: list[Contribution]
    new_score: float
    stage_before: str
    stage_after: str
    rulebook: str


HistoryPage = Annotated[Page[HistoryView], component("HistoryPage")]


class EventView(View, frozen=True):
    """An event as sent, with its position in the log."""

    position: int
    event_id: str
    lead_id: str
    type: str
    occurred_at: datetime
    received_at: datetime
    source: str
    properties: dict[str, Any]


EventsPage = Annotated[Page[EventView], component("EventsPage")]


def lead_view(lead: LeadSummary, stages: StageLadder, requested_id: str | UnsetType = UNSET) -> LeadView:
    return LeadView(
        requested_id=requested_id,
        lead_id=lead.lead_id,
        position=lead.position,
        score=stages.shown(lead.score),
        stage=lead.stage,
        velocity=lead.velocity,
        risk=lead.risk,
        next_action=lead.next_action,
        outcome=lead.outcome,
        status=lead.status,
        scored_at=to_datetime(lead.scored_at),
        last_activity_at=optional_datetime(lead.last_activity_at),
        tags=list(lead.tags),
        owner_id=lead.owner_id,
        rulebook=lead.rulebook,
        account_id=lead.account_id,
    )


def lead_with_messages_view(
    lead: LeadView, channels: Mapping[str, Sequence[Delivery]], *, more: bool
) -> LeadWithMessagesView:
    """The lead with what was sent to it and what became of that."""
    return LeadWithMessagesView(
        **{name: getattr(lead, name) for name in LeadView.__struct_fields__},
        channels=[channel_view(name, deliveries) for name, deliveries in channels.items()],
        more_messages=more,
    )


def history_view(row: HistoryRow) -> HistoryView:
    return HistoryView(
        position=row.position,
        event_id=row.event_id,
        type=row.type,
        occurred_at=to_datetime(row.occurred_at),
        at=to_datetime(row.at),
        previous_score=row.previous_score,
        decay=row.decay,
        contributions=list(row.contributions),
        new_score=row.new_score,
        stage_before=row.stage_before,
        stage_after=row.stage_after,
        rulebook=row.rulebook,
    )


def event_view(event: Event) -> EventView:
    return EventView(
        position=event.position,
        event_id=event.event_id,
        lead_id=event.stream_id,
        type=event.type,
        occurred_at=to_datetime(event.occurred_at),
        received_at=to_datetime(event.received_at),
        source=event.source,
        properties=event.properties,
    )
