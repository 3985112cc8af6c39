"""Sections of several kinds, each recognised by the field that names it: `{wait: ...}` is one kind, `{send: ...}` another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidatorFunctionWrapHandler

from domain.rule_language.section import Section

__all__ = ["first_field", "of_one_kind"]

S = TypeVar("S", bound=Section)


def first_field(kind: type[Section]) -> tuple[str, str]:
    """The field that names a kind, as documents write it and as Python spells it: the first that the class adds."""
    name = next(name for name in kind.__annotations__ if name in kind.model_fields)
    return kind.model_fields[name].alias or name, name


def of_one_kind(
    base: type[S], kinds: Sequence[type[S]]
) -> Callable[[object, ValidatorFunctionWrapHandler], S]:
    """A validator that takes a section for the kind whose field is given, so that faults are about this kind and no other."""
    by_name: Mapping[str, type[S]] = {name: kind for kind in kinds for name in first_field(kind)}
    choice = ", ".join(first_field(kind)[0] for kind in kinds)

    def validate(value: object, _: ValidatorFunctionWrapHandler) -> S:
        if not isinstance(value, dict):
            return base.model_validate(value)
        given: dict[Any, object] = {
            name: part for name, part in value.items() if part is not None or name not in by_name
        }
        found = {by_name[name] for name in given if name in by_name}
        if len(found) == 1:
            return found.pop().model_validate(given)
        if unknown := {name: part for name, part in given.items() if name not in by_name}:
            base.model_validate(unknown)  # raises a fault for each
        raise ValueError(f"say exactly one of {choice}")

    return validate
