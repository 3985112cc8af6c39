"""What answers look like: camelCase, times as RFC 3339 in UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from domain.events.event import Event
from domain.instant import Millis, to_datetime
from domain.leads.history_row import HistoryRow
from domain.leads.intelligence import Details, Intelligence
from domain.scoring.breakdown import Contribution, Reason
from engine.leads.incomplete_leads import Incomplete
from engine.leads.lead_store import LeadSummary

__all__ = [
    "EventAnswer",
    "EventsPage",
    "HistoryAnswer",
    "HistoryPage",
    "IntelligenceAnswer",
    "LeadAnswer",
    "LeadsPage",
    "event_answer",
    "history_answer",
    "intelligence_answer",
    "lead_answer",
]


class _Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class ReasonAnswer(_Answer, frozen=True):
    """One line of the explanation: what a part gives now, and what its events gave when they happened.

    `clamped` is what the rule's own limit takes or gives, `faded` what decay has taken; `overflowed` says that
    there were more repeats than are remembered.
    """

    rule_id: str
    label: str
    group: str
    points: float
    raw_points: float
    count: int
    last_event_at: datetime | None
    half_life_days: float | None
    clamped: float
    faded: float
    overflowed: bool


class RulebookAnswer(_Answer, frozen=True):
    """The rules that were applied."""

    name: str
    version: int


class DropAnswer(_Answer, frozen=True):
    """When the lead falls a stage if nothing happens, and to which."""

    at: datetime
    stage: str


class OverrideAnswer(_Answer, frozen=True):
    """A stage that a person has set."""

    stage: str
    by: str
    why: str
    at: datetime


class DetailsAnswer(_Answer, frozen=True):
    """The words and measures behind the numbers; null where the rulebook does not measure it."""

    stage_since: datetime
    stage_set_by: OverrideAnswer | None
    drop: DropAnswer | None
    velocity: str
    risk: str
    next_action: str
    grade: str | None
    fit: float | None
    engagement: float | None
    groups: dict[str, float]
    momentum: float | None
    surge: bool
    risk_probability: float | None
    open_conversation: bool
    suppressed: bool
    activities: int
    first_activity_at: datetime | None
    last_activity_at: datetime | None


class HeldUpAnswer(_Answer, frozen=True):
    """Where a lead is held up: its event could not be applied, so neither it nor what came after it counts."""

    state: str
    event_id: str | None
    position: int | None
    since: datetime


class IncompleteAnswer(_Answer, frozen=True):
    """What does not count of a lead: events after the one that holds it up, and events that a person has discarded."""

    held_up_at: HeldUpAnswer | None
    discarded_events: int


class IntelligenceAnswer(_Answer, frozen=True):
    """A lead at `asOf`; the points of `reasons` sum to `score`. `incomplete` is null when all its events count."""

    lead_id: str
    as_of: datetime
    position: int
    score: float
    stage: str
    velocity: float
    risk: str
    next_action: str
    summary: str
    reasons: list[ReasonAnswer]
    tags: list[str]
    details: DetailsAnswer
    incomplete: IncompleteAnswer | None
    rulebook: RulebookAnswer


class LeadAnswer(_Answer, frozen=True):
    """A lead as its last event left it, at `scoredAt`; its intelligence is right at any moment."""

    lead_id: str
    position: int
    score: float
    stage: str
    velocity: float
    risk: str
    next_action: str
    scored_at: datetime
    last_activity_at: datetime | None
    tags: list[str]
    rulebook: str


class LeadsPage(_Answer, frozen=True):
    items: list[LeadAnswer]
    next_cursor: str | None


class HistoryAnswer(_Answer, frozen=True):
    """What one event changed: previousScore + decay + contributions = newScore."""

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


class HistoryPage(_Answer, frozen=True):
    items: list[HistoryAnswer]
    next_cursor: str | None


class EventAnswer(_Answer, frozen=True):
    """An event as sent, with its place in the order of all events."""

    position: int
    event_id: str
    lead_id: str
    type: str
    occurred_at: datetime
    received_at: datetime
    source: str
    properties: dict[str, Any]


class EventsPage(_Answer, frozen=True):
    items: list[EventAnswer]
    next_cursor: str | None


def _maybe(at: Millis | None) -> datetime | None:
    return None if at is None else to_datetime(at)


def _reason(part: Reason) -> ReasonAnswer:
    return ReasonAnswer(
        rule_id=part.rule_id,
        label=part.label,
        group=part.group,
        points=part.points,
        raw_points=part.raw_points,
        count=part.count,
        last_event_at=_maybe(part.last_event_at),
        half_life_days=part.half_life_days,
        clamped=part.clamped,
        faded=part.faded,
        overflowed=part.overflowed,
    )


def _details(details: Details) -> DetailsAnswer:
    override, drop = details.stage_set_by, details.drop
    return DetailsAnswer(
        stage_since=to_datetime(details.stage_since),
        stage_set_by=None
        if override is None
        else OverrideAnswer(
            stage=override.stage, by=override.by, why=override.why, at=to_datetime(override.at)
        ),
        drop=None if drop is None else DropAnswer(at=to_datetime(drop.at), stage=drop.stage),
        velocity=details.velocity,
        risk=details.risk,
        next_action=details.next_action,
        grade=details.grade or None,
        fit=details.fit,
        engagement=details.engagement,
        groups=details.groups,
        momentum=details.momentum,
        surge=details.surge,
        risk_probability=details.risk_probability,
        open_conversation=details.open_conversation,
        suppressed=details.suppressed,
        activities=details.activities,
        first_activity_at=_maybe(details.first_activity_at),
        last_activity_at=_maybe(details.last_activity_at),
    )


def _incomplete(incomplete: Incomplete | None) -> IncompleteAnswer | None:
    if incomplete is None:
        return None
    letter = incomplete.held_up
    return IncompleteAnswer(
        held_up_at=None
        if letter is None
        else HeldUpAnswer(
            state=letter.state,
            event_id=letter.event_id or None,
            position=letter.position or None,
            since=to_datetime(letter.first_at),
        ),
        discarded_events=incomplete.discarded,
    )


def intelligence_answer(found: Intelligence, incomplete: Incomplete | None) -> IntelligenceAnswer:
    name, version = found.rulebook
    return IntelligenceAnswer(
        lead_id=found.lead_id,
        as_of=to_datetime(found.as_of),
        position=found.position,
        score=found.score,
        stage=found.stage,
        velocity=found.velocity,
        risk=found.risk,
        next_action=found.next_action,
        summary=found.summary,
        reasons=[_reason(part) for part in found.reasons],
        tags=list(found.tags),
        details=_details(found.details),
        incomplete=_incomplete(incomplete),
        rulebook=RulebookAnswer(name=name, version=version),
    )


def lead_answer(lead: LeadSummary) -> LeadAnswer:
    return LeadAnswer(
        lead_id=lead.lead_id,
        position=lead.position,
        score=round(lead.score, 2),
        stage=lead.stage,
        velocity=lead.velocity,
        risk=lead.risk,
        next_action=lead.next_action,
        scored_at=to_datetime(lead.scored_at),
        last_activity_at=_maybe(lead.last_activity_at),
        tags=list(lead.tags),
        rulebook=lead.rulebook,
    )


def history_answer(row: HistoryRow) -> HistoryAnswer:
    return HistoryAnswer(
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


def event_answer(event: Event) -> EventAnswer:
    return EventAnswer(
        position=event.position,
        event_id=event.event_id,
        lead_id=event.lead_id,
        type=event.type,
        occurred_at=to_datetime(event.occurred_at),
        received_at=to_datetime(event.received_at),
        source=event.source,
        properties=event.properties,
    )
