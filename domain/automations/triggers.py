"""The register of triggers: which kinds a rulebook may use, and how one is recognised by the field that names it."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import WrapValidator

from domain.automations.event_trigger import EventHappens
from domain.automations.measure_triggers import NextActionBecomes, RiskEntered, SurgeBegins, VelocityAbove
from domain.automations.stage_triggers import StageEntered, StageLeft
from domain.automations.time_triggers import DropWithin, QuietFor
from domain.automations.trigger import Trigger
from domain.rule_language.one_kind import of_one_kind

__all__ = ["AnyTrigger"]

_Kind = (
    StageEntered
    | StageLeft
    | RiskEntered
    | VelocityAbove
    | SurgeBegins
    | NextActionBecomes
    | EventHappens
    | QuietFor
    | DropWithin
)

AnyTrigger = Annotated[_Kind, WrapValidator(of_one_kind(Trigger, get_args(_Kind)))]
"""A trigger as written: a section with the field of exactly one kind. A new kind is registered in the union above."""
