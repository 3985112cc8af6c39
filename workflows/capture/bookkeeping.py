"""Faults of events that say something about a lead: a stage that the rulebook does not have, a tag that is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from domain.errors import Fault
from domain.events.event import Json
from domain.events.vocabulary import (
    EVENT_RETRACTED,
    LEAD_ASSIGNED,
    MEMBERSHIP,
    STAGE_SET,
    TAG_ADDED,
    TAG_REMOVED,
)
from domain.leads.step import MAX_OWNER_LENGTH, MAX_TAG_LENGTH
from workflows.capture.event_input import EventInput

__all__ = ["CHECKED_TYPES", "bookkeeping_faults"]

CHECKED_TYPES = MEMBERSHIP | frozenset({EVENT_RETRACTED, LEAD_ASSIGNED, STAGE_SET, TAG_ADDED, TAG_REMOVED})
"""Types whose properties must say something, or the event would do nothing without a word."""


def bookkeeping_faults(event: EventInput, pointer: str, stages: Collection[str] | None) -> Iterator[Fault]:
    """Faults of an event of one of these types; `stages` are those of the active rulebook, None if it is not known."""
    properties = event.properties or {}
    if event.type == STAGE_SET:
        yield from _stage_faults(properties.get("stage"), f"{pointer}/properties/stage", stages)
    elif event.type == LEAD_ASSIGNED:
        yield from _owner_faults(properties, f"{pointer}/properties/ownerId")
    elif event.type == EVENT_RETRACTED:
        yield Fault(f"{pointer}/type", "is the engine's own; call POST /api/leads/{leadId}/retractions")
    elif event.type in MEMBERSHIP:
        yield Fault(f"{pointer}/type", "is the engine's own; call POST /api/leads/{leadId}/merge or /unmerge")
    elif event.type in CHECKED_TYPES:
        tag = properties.get("tag")
        if not isinstance(tag, str) or not 0 < len(tag) <= MAX_TAG_LENGTH:
            yield Fault(f"{pointer}/properties/tag", f"must be a text of 1 to {MAX_TAG_LENGTH} characters")


def _owner_faults(properties: Mapping[str, Json], pointer: str) -> Iterator[Fault]:
    owner = properties.get("ownerId")
    if "ownerId" in properties and owner is None:
        return
    if not isinstance(owner, str) or not 0 < len(owner) <= MAX_OWNER_LENGTH:
        yield Fault(pointer, "must be the id of a person, or null for nobody")


def _stage_faults(stage: object, pointer: str, stages: Collection[str] | None) -> Iterator[Fault]:
    if stages is not None and stage not in stages:
        yield Fault(pointer, f"must be a stage of the active rulebook: {', '.join(stages)}")
    elif not isinstance(stage, str):
        yield Fault(pointer, "must be the name of a stage")
