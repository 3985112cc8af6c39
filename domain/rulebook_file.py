"""From the text of a rulebook file to a rulebook, or to faults that name the line and say what to write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from domain.errors import Fault, Invalid
from domain.reading import Section
from domain.rulebook import Rulebook

__all__ = ["parse_rulebook"]


class _Loader(yaml.SafeLoader):
    """YAML in which only `true` and `false` are booleans; `on`, `no` and dates stay the words they look like."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), ["t", "f"])


def parse_rulebook(text: str, name: str = "rulebook") -> Rulebook:
    """The rulebook in `text`. Raises `Invalid` whose faults each name a line of `name` and a field."""
    try:
        node = yaml.compose(text, Loader=_Loader)
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with fewer types
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}, line {mark.line + 1}" if mark else name
        problem = getattr(error, "problem", None) or "the text cannot be read"
        raise Invalid(f"{name} is not YAML.", (Fault(where, str(problem)),)) from error
    if not isinstance(document, dict) or node is None:
        raise Invalid(
            f"{name} is not a rulebook.", (Fault(name, "write sections: name, version, score ..."),)
        )
    try:
        return Rulebook.model_validate(document)
    except ValidationError as error:
        faults = tuple(_fault(detail, node, name) for detail in error.errors(include_url=False))
        raise Invalid(f"{name} is not a valid rulebook.", faults) from error


def _fault(detail: ErrorDetails, root: yaml.Node, name: str) -> Fault:
    path, line = _locate(detail["loc"], root)
    return Fault(f"{name}, line {line}, {path}" if path else f"{name}, line {line}", _advice(detail))


def _locate(location: tuple[int | str, ...], node: yaml.Node) -> tuple[str, int]:
    """The path that a person would write, and the nearest line that exists for it."""
    path, line = "", node.start_mark.line + 1
    for step in location:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == step), None)
            if found is not None:
                node, line = found[1], found[0].start_mark.line + 1
            elif step != location[-1]:
                continue  # pydantic names the member of a union here; no one wrote that
            path = f"{path}.{step}" if path else str(step)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node, path = node.value[step], f"{path}[{step + 1}]"
            line = node.start_mark.line + 1
    return path, line


def _advice(detail: ErrorDetails) -> str:  # noqa: PLR0911 - one return a kind of fault
    kind, context = detail["type"], detail.get("ctx", {})
    match kind:
        case "missing":
            return "is missing; write it"
        case "extra_forbidden":
            return f"is not known here{_guess(str(detail['loc'][-1]))}; correct the name or remove it"
        case "value_error":
            return str(context["error"])
        case "string_pattern_mismatch":
            return f"{detail['input']!r} may have only letters, digits, - and _"
        case "union_tag_invalid" | "literal_error" | "enum":
            return f"{_given(detail)} is not possible; write one of {_expected(context)}"
        case "union_tag_not_found":
            return "say which kind it is: 'type' or 'model' is missing"
        case _:
            return f"{detail['msg'].removeprefix('Input ').lower()}; you wrote {detail['input']!r}"


def _given(detail: ErrorDetails) -> str:
    return repr(detail.get("ctx", {}).get("tag", detail["input"]))


def _expected(context: Mapping[str, object]) -> str:
    return str(context.get("expected_tags") or context.get("expected"))


def _guess(name: str) -> str:
    known = {
        field.alias or key for section in _sections(Section) for key, field in section.model_fields.items()
    }
    close = get_close_matches(name, sorted(known), n=1)
    return f" (did you mean '{close[0]}'?)" if close else ""


def _sections(of: type[Section]) -> Iterator[type[Section]]:
    for section in of.__subclasses__():
        yield section
        yield from _sections(section)
