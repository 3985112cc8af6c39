"""One step of the fold: the lead after one event, and the history row of that event."""

from __future__ import annotations

from msgspec.structs import replace

from domain.decisions.assessment import Mark
from domain.events.event import Event
from domain.events.vocabulary import (
    EVENT_DISCARDED,
    SCORE_DECAYED,
    STAGE_CLEARED,
    STAGE_SET,
    TAG_ADDED,
    TAG_REMOVED,
)
from domain.leads.history_row import HistoryRow
from domain.leads.state import Lead
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["step"]

_MAX_TAGS = 50
_MAX_TAG_LENGTH = 64
_ALWAYS_SHOWN = (SCORE_DECAYED, EVENT_DISCARDED)
"""Bookkeeping that readers of the history always see."""
_EPSILON = 1e-9
"""Points. What is left of a difference of equal sums."""


def step(lead: Lead[Mark], event: Event, rulebook: CompiledRulebook) -> tuple[Lead[Mark], HistoryRow, str]:
    """The lead after one event, its history row, and the stage before that the stage after is compared with.

    Nothing but score and stage is measured.
    """
    last, settle, active = lead.assessment, rulebook.stages.settle, event.is_activity
    clock = event.occurred_at if event.occurred_at > lead.clock else lead.clock
    learnt = _learn(lead, event, rulebook, active=active)
    change = rulebook.score.change(event, lead.score, learnt.score, clock)
    before, after, contributions = change.before, change.after, change.contributions
    natural_before = settle(lead.natural_stage, before)
    stage = natural = settle(natural_before, after)
    if learnt.override is not None:
        stage = rulebook.stages.overridden(learnt.override, clock) or natural
    regained = after - before
    for given in contributions:
        regained -= given.points
    row = HistoryRow(
        position=event.position,
        event_id=event.event_id,
        lead_id=event.lead_id,
        type=event.type,
        occurred_at=event.occurred_at,
        at=clock,
        previous_score=last.score,
        decay=before - last.score + (regained if abs(regained) > _EPSILON else 0.0),
        contributions=contributions,
        new_score=after,
        stage_before=last.stage,
        stage_after=stage,
        rulebook=rulebook.label,
        silent=not active and not contributions and event.type not in _ALWAYS_SHOWN and stage == last.stage,
    )
    moved = stage != last.stage or lead.position == 0
    after_it = replace(
        learnt,
        position=event.position,
        clock=clock,
        natural_stage=natural,
        assessment=Mark(clock, after, stage),
        stage_since=clock if moved else lead.stage_since,
        decay_written_at=clock if event.type == SCORE_DECAYED else lead.decay_written_at,
    )
    if not active or lead.position == 0:
        return after_it, row, last.stage
    if lead.override is not None:
        return after_it, row, rulebook.stages.overridden(lead.override, clock) or natural_before
    return after_it, row, natural_before


def _learn(lead: Lead[Mark], event: Event, rulebook: CompiledRulebook, *, active: bool) -> Lead[Mark]:
    """The lead with the content of the event, before anything is concluded from it."""
    score = rulebook.score.evolve(lead.score, event)
    contact = (
        rulebook.contact.evolve(lead.contact, event) if event.type in rulebook.contact.types else lead.contact
    )
    if active and event.type not in rulebook.contact.our_actions:
        at, first, last = event.occurred_at, lead.first_activity_at, lead.last_activity_at
        return replace(
            lead,
            score=score,
            contact=contact,
            velocity=rulebook.velocity.evolve(lead.velocity, event),
            risk=rulebook.risk.evolve(lead.risk, event),
            activities=lead.activities + 1,
            first_activity_at=at if first is None or at < first else first,
            last_activity_at=at if last is None or at > last else last,
        )
    override, tags = lead.override, lead.tags
    if event.type in (STAGE_SET, STAGE_CLEARED):
        override = rulebook.stages.set_by(event, override)
    elif event.type in (TAG_ADDED, TAG_REMOVED):
        tags = _tagged(tags, event)
    return replace(lead, score=score, contact=contact, override=override, tags=tags)


def _tagged(tags: tuple[str, ...], event: Event) -> tuple[str, ...]:
    tag = event.properties.get("tag")
    if not isinstance(tag, str) or not 0 < len(tag) <= _MAX_TAG_LENGTH:
        return tags
    others = tuple(name for name in tags if name != tag)
    return (*others, tag)[-_MAX_TAGS:] if event.type == TAG_ADDED else others
