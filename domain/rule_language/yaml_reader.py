"""The YAML parser of sections: a frozen model, or faults that name line and field and say what to write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from itertools import islice
from typing import Any, Protocol, TypeVar

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from domain.errors import Fault, Invalid, TextPlace
from domain.rule_language.reference import Place
from domain.rule_language.section import Section

__all__ = ["LocatedError", "parse_section"]

_MAX_SHOWN = 80
_MAX_DEPTH = 30
_MAX_FAULTS = 100
"""Reported of one text; a person corrects no more at a time."""


class Mark(Protocol):
    """A place in a text, counted from 0, whichever parser found it."""

    line: int
    column: int


class LocatedError(ValueError):
    """A fault that only the whole document shows, with the place that it belongs to."""

    def __init__(self, message: str, location: Place) -> None:
        super().__init__(message)
        self.location = location


S = TypeVar("S", bound=Section)
Loader = type[yaml.SafeLoader] | type[yaml.BaseLoader]


def parse_section(
    kind: type[S],
    text: str,
    name: str,
    *,
    loader: Loader,
    what: str,
    context: Mapping[str, object] | None = None,
) -> S:
    """The `kind` in `text`, which came from a file called `name` and should be `what`, e.g. a rulebook.

    Its validators are given the `context`. Raises `Invalid` whose faults each name a line of `name` and a field.
    """
    try:
        _refuse_tricks(text, loader, name, what)
        root = yaml.compose(text, Loader=loader)
        document = yaml.load(text, Loader=loader)  # noqa: S506 - the loaders above make plain values only
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "the text cannot be read"
        raise Invalid(f"{name} is not YAML.", (_fault_at(mark, name, str(problem)),)) from error
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        raise Invalid(
            f"{name} is not {what}.", (Fault(name, "it has a value that cannot be read"),)
        ) from error
    if not isinstance(document, dict) or root is None:
        keys = ", ".join(_keys(kind))
        raise Invalid(f"{name} is not {what}.", (Fault(name, f"write sections: {keys}"),))
    twice = tuple(islice(_repeated_keys(root, name), _MAX_FAULTS))
    if twice:
        raise Invalid(f"{name} is not a valid {what.removeprefix('a ')}.", twice)
    try:
        return kind.model_validate(document, context=context)
    except ValidationError as error:
        found = _without_echoes(error.errors(include_url=False))[:_MAX_FAULTS]
        faults = tuple(_fault(detail, root, name, kind) for detail in found)
        raise Invalid(f"{name} is not a valid {what.removeprefix('a ')}.", faults) from error


def _without_echoes(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """The faults without lists that are said to be too short because their items are at fault."""
    return [
        detail
        for detail in details
        if detail["type"] != "too_short"
        or not any(
            other is not detail and other["loc"][: len(detail["loc"])] == detail["loc"] for other in details
        )
    ]


def _refuse_tricks(text: str, loader: Loader, name: str, what: str) -> None:
    """Refuse aliases, by which a few lines can stand for millions, and nesting that no person writes."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        detail = "it is nested too deeply" if depth > _MAX_DEPTH else ""
        if isinstance(event, yaml.AliasEvent):
            detail = "an alias (*) is not possible here; write it out"
        if detail:
            raise Invalid(f"{name} is not {what}.", (_fault_at(event.start_mark, name, detail),))


def _repeated_keys(node: yaml.Node, name: str) -> Iterator[Fault]:
    """Faults for keys that are written twice: YAML silently takes the last one."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield _fault_at(key.start_mark, name, "is there twice; keep one", key.value)
                seen.add(key.value)
            yield from _repeated_keys(value, name)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated_keys(item, name)


def _fault(detail: ErrorDetails, root: yaml.Node, name: str, kind: type[Section]) -> Fault:
    cause = detail.get("ctx", {}).get("error")
    location = cause.location if isinstance(cause, LocatedError) else detail["loc"]
    if detail["type"] == "union_tag_invalid":
        location = (*location, detail["ctx"]["discriminator"].strip("'"))
    path, mark = _locate(location, root)
    return _fault_at(mark, name, _advice(detail, kind), path)


def _fault_at(mark: Mark | None, name: str, detail: str, field: str = "") -> Fault:
    """A fault of the text called `name`; `mark` is where, if the parser knows."""
    if mark is None:
        return Fault(name, detail)
    where = f"{name}, line {mark.line + 1}"
    place = TextPlace(mark.line + 1, mark.column + 1, field)
    return Fault(f"{where}, {field}" if field else where, detail, place)


def _locate(location: tuple[int | str, ...], node: yaml.Node) -> tuple[str, Mark]:
    """The path that a person would write, and the nearest place that exists for it."""
    path = ""
    mark: Mark = node.start_mark
    for depth, step in enumerate(location, 1):
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == step), None)
            if found is not None:
                node, mark = found[1], found[0].start_mark
            elif depth < len(location):
                continue  # pydantic names the member of a union here; no one wrote that
            path = f"{path}.{step}" if path else str(step)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node, path = node.value[step], f"{path}[{step + 1}]"
            mark = node.start_mark
    return path, mark


def _advice(detail: ErrorDetails, kind: type[Section]) -> str:  # noqa: PLR0911 - one return a kind of fault
    context: dict[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return "is missing; write it"
        case "extra_forbidden":
            return f"is not known here{_guess(str(detail['loc'][-1]), kind)}; correct the name or remove it"
        case "value_error":
            return str(context["error"])
        case "string_pattern_mismatch":
            return f"{_shown(detail)} may have only letters, digits, - and _"
        case "union_tag_invalid" | "literal_error" | "enum":
            given = context.get("tag", detail["input"])
            return f"{_shown({**detail, 'input': given})} is not possible; write one of {_expected(context)}"
        case "union_tag_not_found":
            return "say which kind it is: 'type' or 'model' is missing"
        case "tuple_type" | "list_type":
            return f"should be a list; you wrote {_shown(detail)}"
        case "model_type" | "dict_type" | "model_attributes_type":
            return f"should be a section with fields of its own; you wrote {_shown(detail)}"
        case _ if detail["input"] is None:
            return "is empty; write a value or remove it"
        case _:
            words = (
                detail["msg"]
                .removeprefix("Input ")
                .lower()
                .replace("tuple", "list")
                .replace(" after validation", "")
            )
            return f"{words}; you wrote {_shown(detail)}"


def _shown(detail: ErrorDetails) -> str:
    """The value as written, cut to a length that a person reads."""
    given = detail["input"]
    if given is None:
        return "nothing"
    text = repr(list(given) if isinstance(given, tuple) else given)
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 3]}..."


def _expected(context: Mapping[str, object]) -> str:
    return str(context.get("expected_tags") or context.get("expected"))


def _guess(name: str, kind: type[Section]) -> str:
    close = get_close_matches(name, sorted(_keys_within(kind)), n=1)
    return f" (did you mean '{close[0]}'?)" if close else ""


def _keys(kind: type[Section]) -> list[str]:
    return [field.alias or name for name, field in kind.model_fields.items()]


@cache
def _keys_within(kind: type[Section]) -> frozenset[str]:
    """Every key of the kind and of the sections written inside it: those in the schema's definitions."""
    schema = kind.model_json_schema(by_alias=True)
    parts = [schema, *schema.get("$defs", {}).values()]
    return frozenset(key for part in parts for key in part.get("properties", {}))
