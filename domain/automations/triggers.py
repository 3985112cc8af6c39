"""The register of triggers: which kinds a rulebook may use, and how one is recognised by the field that names it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, get_args

from pydantic import ValidatorFunctionWrapHandler, WrapValidator

from domain.automations.event_trigger import EventHappens
from domain.automations.measure_triggers import NextActionBecomes, RiskEntered, SurgeBegins, VelocityAbove
from domain.automations.stage_triggers import StageEntered, StageLeft
from domain.automations.time_triggers import DropWithin, QuietFor
from domain.automations.trigger import Trigger

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

_KINDS: Mapping[str, type[Trigger]] = {name: kind for kind in get_args(_Kind) for name in kind.names()}
"""The kind that each field names, in both spellings."""

_CHOICE = ", ".join(kind.names()[0] for kind in get_args(_Kind))


def _of_one_kind(value: object, _: ValidatorFunctionWrapHandler) -> Trigger:
    """Validate as the kind whose field is given, so that faults are about this kind and no other."""
    if not isinstance(value, dict):
        return Trigger.model_validate(value)
    given = {name: part for name, part in value.items() if part is not None or name not in _KINDS}
    kinds = {_KINDS[name] for name in given if name in _KINDS}
    if len(kinds) == 1:
        return kinds.pop().model_validate(given)
    if unknown := {name: part for name, part in given.items() if name not in _KINDS}:
        Trigger.model_validate(unknown)  # raises a fault for each
    raise ValueError(f"say exactly one of {_CHOICE}")


AnyTrigger = Annotated[_Kind, WrapValidator(_of_one_kind)]
"""A trigger as written: a section with the field of exactly one kind. A new kind is registered in the union above."""
