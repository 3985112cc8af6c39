"""The draft of a mapping for an export that was recognised: its events, as far as the file has their columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from domain.privacy.personal_fields import PersonalFields
from workflows.imports.inspection.column_profile import ColumnProfile
from workflows.imports.inspection.draft import Draft, DraftCondition, DraftEvent
from workflows.imports.inspection.known_exports.known_export import KnownEvent, KnownExport
from workflows.imports.inspection.suggestion import properties_for
from workflows.imports.mapping.cells import holes

__all__ = ["draft_of"]


def draft_of(export: KnownExport, profiles: Sequence[ColumnProfile], sealed: PersonalFields) -> Draft | None:
    """The draft, None if the file lacks what every event needs."""
    by_name = {profile.name: profile for profile in profiles}
    names = export.found([profile.name for profile in profiles if profile.kind != "empty"])
    if "email" not in names and (address := next((one for one in profiles if one.kind == "e-mail"), None)):
        names["email"] = address.name
    lead_id = _first_template(export.lead_id, names)
    events = [event for event in export.events if _is_possible(event, names, by_name)]
    if lead_id is None or not events:
        return None
    drafts = [_drafted(event, names, by_name) for event in events]
    left_out: dict[str, str] = {}
    for index, event in enumerate(events):
        if event.rest:
            drafts[index], left_out = _with_rest(drafts, index, names, profiles, sealed)
    cut = {names[short]: prefixes for short, prefixes in export.cut_prefix.items() if short in names}
    return Draft(export.title, export.source, lead_id, tuple(drafts), cut, left_out, export.notes)


def _is_possible(event: KnownEvent, names: Mapping[str, str], profiles: Mapping[str, ColumnProfile]) -> bool:
    """Whether the file has the columns that the event cannot do without, and a cell that would make it."""
    needed = [event.type_column, event.when.column if event.when else None]
    if not all(short is None or short in names for short in needed):
        return False
    if event.unless and any(short in names for short in event.unless):
        return False
    return (
        _time_column(event, names, profiles) is not None
        and _first_template(event.event_id, names) is not None
    )


def _time_column(
    event: KnownEvent, names: Mapping[str, str], profiles: Mapping[str, ColumnProfile]
) -> str | None:
    times = [profiles[names[short]] for short in event.at if short in names]
    found = [profile for profile in times if profile.kind == "time"]
    full = [profile for profile in found if profile.filled == profile.rows]
    return next((profile.name for profile in [*full, *found]), None)


def _drafted(
    event: KnownEvent, names: Mapping[str, str], profiles: Mapping[str, ColumnProfile]
) -> DraftEvent:
    properties = {name: names[short] for name, short in event.properties.items() if short in names}
    condition = DraftCondition(names[event.when.column], event.when.among or ()) if event.when else None
    return DraftEvent(
        event_id=_first_template(event.event_id, names) or "",
        type=event.type or "",
        type_column=names[event.type_column] if event.type_column else "",
        values=_values(event, names, profiles),
        time_column=_time_column(event, names, profiles) or "",
        condition=condition,
        properties=properties,
        constants={name: value for name, value in event.constants.items() if name not in properties},
    )


def _values(
    event: KnownEvent, names: Mapping[str, str], profiles: Mapping[str, ColumnProfile]
) -> dict[str, str]:
    """Types by cell: those that make an event, and the other cells that are met, which make none."""
    if event.type_column is None:
        return {}
    known = {cell.casefold() for cell in event.values}
    met = profiles[names[event.type_column]].choices
    folded = {cell.casefold() for cell in met}
    kept = {cell: name for cell, name in event.values.items() if name or cell.casefold() in folded}
    return {**kept, **{cell: "" for cell in met if cell.casefold() not in known}}


def _with_rest(
    drafts: Sequence[DraftEvent],
    index: int,
    names: Mapping[str, str],
    profiles: Sequence[ColumnProfile],
    sealed: PersonalFields,
) -> tuple[DraftEvent, dict[str, str]]:
    """The event with a property for each column that nothing reads yet: the questions of a form."""
    used = {*names.values(), *(column for draft in drafts for column in draft.columns)}
    rest = [profile for profile in profiles if profile.name not in used and profile.kind != "empty"]
    draft = drafts[index]
    more, left_out = properties_for(rest, sealed, [*draft.properties, *draft.constants])
    return (
        DraftEvent(
            event_id=draft.event_id,
            type=draft.type,
            time_column=draft.time_column,
            condition=draft.condition,
            properties={**draft.properties, **more},
            constants={name: value for name, value in draft.constants.items() if name not in more},
        ),
        left_out,
    )


def _first_template(templates: Iterable[str], names: Mapping[str, str]) -> str | None:
    """The first template whose columns are there, with the file's own names."""
    for template in templates:
        if holes(template) <= set(names):
            return re.sub(r"\{([^{}|]+)", lambda hole: "{" + names.get(hole[1], hole[1]), template)
    return None
