"""The text of a mapping for a draft: YAML with a comment wherever a person should look twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from workflows.imports.inspection.column_profile import ColumnProfile, header_words
from workflows.imports.inspection.draft import Draft, DraftEvent
from workflows.imports.mapping.cells import holes
from workflows.imports.tables.description import delimiter_name
from workflows.imports.tables.table import TableFacts

__all__ = ["mapping_text"]

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_ ./%+-]*[A-Za-z0-9_%/.)+-]|[A-Za-z]")
_SPECIAL = frozenset({"null", "true", "false", "yes", "no", "on", "off"})
_ZONE_MARK, _BASE_MARK = ", timezone: UTC}", "occurredAt: {base: "
_Value = str | Sequence[str]


def mapping_text(
    draft: Draft, profiles: Mapping[str, ColumnProfile], facts: TableFacts, name: str, made_up: datetime
) -> str:
    """The text. `made_up` is when everything occurred, in a file without times."""
    lines = [f"# {draft.title}: {name}."]
    lines += [f"# {note}" for note in draft.notes]
    lines += [f"source: {_scalar(draft.source)}"]
    lines += _file_lines(facts)
    lines += _column_lines(draft.cut_prefix)
    lines += [f"leadId: {_scalar(draft.lead_id)}"]
    lines += _empty_lines(draft, profiles)
    lines += ["events:"]
    for event in draft.events:
        lines += [*_event_lines(event, profiles, made_up), ""]
    _explain_once(
        lines,
        _ZONE_MARK,
        "the cells name no zone: write Europe/Berlin or another one if their times are local",
    )
    _explain_once(lines, _BASE_MARK, "made up: the file has no times")
    lines += [f"# Left out: {_scalar(column)}, {reason}." for column, reason in draft.left_out.items()]
    lines += _unread_lines(draft, profiles)
    return "\n".join(lines).rstrip("\n") + "\n"


def _unread_lines(draft: Draft, profiles: Mapping[str, ColumnProfile]) -> Iterator[str]:
    ids = holes(draft.lead_id).union(*(holes(event.event_id) for event in draft.events))
    read = ids.union(draft.left_out, *(event.columns for event in draft.events))
    unread = [name for name, profile in profiles.items() if name not in read and profile.kind != "empty"]
    if unread:
        yield f"# Columns that are not read: {', '.join(map(_scalar, unread))}."


def _explain_once(lines: list[str], mark: str, comment: str) -> None:
    """Add a comment to the first line that ends so."""
    place = next((index for index, line in enumerate(lines) if mark in line), None)
    if place is not None:
        lines[place] += f"  # {comment}"


def _file_lines(facts: TableFacts) -> Iterator[str]:
    """How the file is written, as far as it is not the usual way: written down so that the next file is read alike."""
    if facts.sheet:
        yield f"file: {{sheet: {_scalar(facts.sheet)}}}"
        return
    said: dict[str, str] = {}
    if not facts.encoding.startswith("utf"):
        said["encoding"] = facts.encoding
    if facts.dialect.delimiter != ",":
        said["delimiter"] = delimiter_name(facts.dialect.delimiter)
    if facts.dialect.quote != '"':
        said["quote"] = facts.dialect.quote or "none"
    if facts.dialect.escape:
        said["escape"] = "backslash"
    if said:
        yield f"file: {_flow(said)}"


def _column_lines(prefixes: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if prefixes:
        yield "columns:"
        for column, cut in prefixes.items():
            yield f"  {_scalar(column)}: {_flow({'cutPrefix': cut})}"


def _empty_lines(draft: Draft, profiles: Mapping[str, ColumnProfile]) -> Iterator[str]:
    used = {column for event in draft.events for column in event.columns}
    words = {cell.casefold(): cell for column in sorted(used) for cell in profiles[column].nothing}
    if words:
        yield f"empty: [{', '.join(map(_scalar, words.values()))}]"


def _event_lines(
    event: DraftEvent, profiles: Mapping[str, ColumnProfile], made_up: datetime
) -> Iterator[str]:
    if event.type:
        yield f"  - type: {_scalar(event.type)}"
    else:
        yield "  - type:"
        yield f"      column: {_scalar(event.type_column)}"
        yield "      values:"
        for cell, name in event.values.items():
            yield f"        {_scalar(cell)}: {_scalar(name)}"
    yield f"    eventId: {_scalar(event.event_id)}"
    if event.condition:
        tested = {"in": event.condition.words} if event.condition.words else {"notEmpty": "true"}
        yield f"    when: {_flow({'column': event.condition.column, **tested})}"
    yield from _time_lines(event, profiles, made_up)
    if event.properties or event.constants:
        yield "    properties:"
    for name, column in event.properties.items():
        yield from _property_lines(name, profiles[column])
    for name, value in event.constants.items():
        yield f"      {name}: {_flow({'value': value})}"


def _time_lines(event: DraftEvent, profiles: Mapping[str, ColumnProfile], made_up: datetime) -> Iterator[str]:
    if not event.time_column:
        at = made_up.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield f"    occurredAt: {{base: {at}}}"
        return
    profile = profiles[event.time_column]
    yield from _notes(profile)
    said: dict[str, _Value] = {"column": profile.name, **_formats(profile)}
    if profile.times.without_zone and not {"utc", "gmt"} & set(header_words(profile.name)):
        said["timezone"] = "UTC"
    yield f"    occurredAt: {_flow(said)}"


def _property_lines(name: str, profile: ColumnProfile) -> Iterator[str]:
    said: dict[str, _Value] = {"column": profile.name}
    match profile.kind:
        case "number":
            said |= {"type": "number"} | ({"decimal": profile.decimal} if profile.decimal else {})
        case "yes or no":
            said["type"] = "boolean"
        case "list":
            said |= {"type": "list"} | ({"separator": profile.separator} if profile.separator != ";" else {})
        case "time":
            said |= {"type": "time", **_formats(profile)}
        case "choice" if name == "leadSource":
            said["lowercase"] = "true"
    yield from (f"  {line}" for line in _notes(profile))
    yield f"      {name}: {_scalar(profile.name) if len(said) == 1 else _flow(said)}"


def _formats(profile: ColumnProfile) -> dict[str, _Value]:
    formats = profile.times.formats
    if not formats:
        return {}
    return {"format": formats[0] if len(formats) == 1 else formats}


def _notes(profile: ColumnProfile) -> Iterator[str]:
    return (f"    # {note}" for note in profile.notes)


def _flow(said: Mapping[str, _Value]) -> str:
    return "{" + ", ".join(f"{key}: {_item(value)}" for key, value in said.items()) + "}"


def _item(value: _Value) -> str:
    return _scalar(value) if isinstance(value, str) else f"[{', '.join(map(_scalar, _each(value)))}]"


def _each(values: Iterable[str]) -> Iterable[str]:
    return values


def _scalar(text: str) -> str:
    """The text as YAML: plain where that is safe anywhere, else in double quotes."""
    if text in {"true", "false"} or (_PLAIN.fullmatch(text) and text.lower() not in _SPECIAL):
        return text
    return json.dumps(text, ensure_ascii=False)
