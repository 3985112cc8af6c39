"""One step of the fold: the lead after one event, and the history row of that event."""

from __future__ import annotations

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from domain.accounts.company import COMPANY_DOMAIN, Company
from domain.capture.captured import COMPANY_GROUP
from domain.decisions.assessment import Mark
from domain.events.event import Event
from domain.events.partition import EVENTS_PER_PARTITION
from domain.events.vocabulary import (
    ACCOUNT_JOINED,
    EVENT_DISCARDED,
    EVENT_RETRACTED,
    LEAD_ASSIGNED,
    MEMBERSHIP,
    SCORE_DECAYED,
    STAGE_CLEARED,
    STAGE_SET,
    TAG_ADDED,
    TAG_REMOVED,
)
from domain.instant import Millis
from domain.leads.history_row import HistoryRow
from domain.leads.passage import pass_time
from domain.leads.state import Lead
from domain.outreach.lead_status import CORRESPONDENCE_TYPES, with_event
from domain.replies.opt_out_event import opted_out_channels
from domain.rulebooks.compiled import CompiledRulebook
from domain.scoring.breakdown import ScoreChange

__all__ = ["MAX_OWNER_LENGTH", "MAX_TAG_LENGTH", "step"]

_MAX_TAGS = 50
MAX_TAG_LENGTH = 64
MAX_OWNER_LENGTH = 200
_ALWAYS_SHOWN = (*MEMBERSHIP, SCORE_DECAYED, EVENT_DISCARDED, EVENT_RETRACTED)
"""Bookkeeping that readers of the history always see."""


def step(lead: Lead[Mark], event: Event, rulebook: CompiledRulebook) -> tuple[Lead[Mark], HistoryRow, str]:
    """The lead after one event, its history row, and the stage before that the stage after is compared with.

    The event must not have occurred before the lead's clock. Nothing but score and stage is measured.
    """
    stages, last, is_first, clock = rulebook.stages, lead.assessment, lead.position == 0, event.occurred_at
    active = event.is_activity
    learnt = _learn(lead, event, rulebook, active=active)
    change = rulebook.score.change(event, lead.score, learnt.score, clock)
    if is_first or (lead.override is None and rulebook.score.never_rises(lead.score)):
        natural_before = stage_before = stages.settle(lead.natural_stage, change.before)
        since = lead.stage_since
        has_fallen = natural_before != lead.natural_stage
    else:
        natural_before, stage_before, since = pass_time(lead, clock, rulebook)
        has_fallen = False
    stage = natural = stages.settle(natural_before, change.after)
    if learnt.override is not None:
        stage = stages.overridden(learnt.override, clock) or natural
    if is_first:
        since = clock
    elif stage != stage_before:
        since = clock if stage_before == last.stage else _since(lead, stage, clock, rulebook)
    elif has_fallen:
        since = pass_time(lead, clock, rulebook).since
    position, elsewhere = _applied(lead, event.position)
    after = replace(
        learnt,
        position=position,
        elsewhere=elsewhere,
        clock=clock,
        natural_stage=natural,
        assessment=Mark(clock, change.after, stage),
        stage_since=since,
        events=lead.events + 1,
        decay_written_at=clock if event.type == SCORE_DECAYED else lead.decay_written_at,
    )
    row = _row(event, last, after.assessment, change, rulebook.label, active=active)
    return after, row, stage_before if active and not is_first else last.stage


def _applied(lead: Lead[Mark], position: int) -> tuple[int, tuple[int, ...] | UnsetType]:
    """The positions of the lead, with that of a further event."""
    last = lead.position
    if lead.elsewhere is UNSET and last ^ position < EVENTS_PER_PARTITION:  # nearly always: both are in one
        return position if position > last else last, UNSET
    applied = lead.applied.moved_to([position])
    return applied.last, applied.elsewhere or UNSET


def _since(lead: Lead[Mark], stage: str, clock: Millis, rulebook: CompiledRulebook) -> Millis:
    """Since when the stage holds to which an event has led after time led to another one.

    A lead that fell in the very millisecond of the event, which lifts it again, has never been anything else.
    """
    just_before = pass_time(lead, clock - 1, rulebook)
    return just_before.since if just_before.stage == stage else clock


def _row(
    event: Event, last: Mark, mark: Mark, change: ScoreChange, label: str, *, active: bool
) -> HistoryRow:
    """The row that leads from the last mark to this one."""
    contributions = change.contributions
    return HistoryRow(
        position=event.position,
        event_id=event.event_id,
        lead_id=event.lead_id,
        type=event.type,
        occurred_at=event.occurred_at,
        at=mark.at,
        previous_score=last.score,
        decay=change.before - last.score,
        contributions=contributions,
        new_score=mark.score,
        stage_before=last.stage,
        stage_after=mark.stage,
        rulebook=label,
        silent=not active
        and not contributions
        and not opted_out_channels(event)
        and event.type not in _ALWAYS_SHOWN
        and mark.stage == last.stage,
    )


def _learn(lead: Lead[Mark], event: Event, rulebook: CompiledRulebook, *, active: bool) -> Lead[Mark]:
    """The lead with the content of the event, before anything is concluded from it."""
    said = event.properties
    if COMPANY_DOMAIN in said or COMPANY_GROUP in said or event.type == ACCOUNT_JOINED:
        lead = replace(lead, company=(lead.company or Company()).evolve(event))
    score, contact, rules = rulebook.score.evolve(lead.score, event), lead.contact, rulebook.contact
    if event.type in rules.types:
        contact = rules.evolve(contact, event)
    outcome = lead.outcome
    if event.type in rulebook.outcome.by_type:
        outcome = rulebook.outcome.evolve(outcome, event)
    correspondence = lead.correspondence
    if event.type in CORRESPONDENCE_TYPES:
        correspondence = with_event(correspondence, event)
    if active and event.type not in rules.our_actions:
        at, first = event.occurred_at, lead.first_activity_at
        return replace(
            lead,
            score=score,
            contact=contact,
            outcome=outcome,
            correspondence=correspondence,
            velocity=rulebook.velocity.evolve(lead.velocity, event),
            risk=rulebook.risk.evolve(lead.risk, event),
            activities=lead.activities + 1,
            first_activity_at=at if first is None else first,
            last_activity_at=at,
        )
    override, tags, owner_id = lead.override, lead.tags, lead.owner_id
    overflowed = lead.tags_overflowed
    if event.type in (STAGE_SET, STAGE_CLEARED):
        override = rulebook.stages.set_by(event, override)
    elif event.type in (TAG_ADDED, TAG_REMOVED):
        tags, overflowed = _tagged(lead, event)
    elif event.type == LEAD_ASSIGNED:
        owner_id = _owner(event)
    return replace(
        lead,
        score=score,
        contact=contact,
        outcome=outcome,
        correspondence=correspondence,
        override=override,
        tags=tags,
        tags_overflowed=overflowed,
        owner_id=owner_id,
    )


def _owner(event: Event) -> str | None:
    owner_id = event.properties.get("ownerId")
    return owner_id if isinstance(owner_id, str) and 0 < len(owner_id) <= MAX_OWNER_LENGTH else None


def _tagged(lead: Lead[Mark], event: Event) -> tuple[tuple[str, ...], bool]:
    """The tags after the event, and whether any was ever left out."""
    tag = event.properties.get("tag")
    if not isinstance(tag, str) or not 0 < len(tag) <= MAX_TAG_LENGTH:
        return lead.tags, lead.tags_overflowed
    others = tuple(name for name in lead.tags if name != tag)
    if event.type == TAG_REMOVED:
        return others, lead.tags_overflowed
    return (*others, tag)[-_MAX_TAGS:], lead.tags_overflowed or len(others) == _MAX_TAGS
