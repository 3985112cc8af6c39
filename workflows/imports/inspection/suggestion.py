"""A draft for a file that nobody knows: who the leads are, when something happened, and what, by names and cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from domain.events.vocabulary import LEAD_UPDATED
from domain.privacy.personal_fields import PersonalFields
from workflows.imports.inspection.column_profile import ColumnProfile, header_words
from workflows.imports.inspection.draft import Draft, DraftCondition, DraftEvent
from workflows.imports.inspection.property_names import property_name
from workflows.imports.inspection.vocabulary import event_type_of, outcome_of, time_event_of
from workflows.imports.values.words import YES, folded

__all__ = ["properties_for", "suggest_draft"]

_LEAD_WORDS = frozenset(
    {
        "lead",
        "contact",
        "person",
        "customer",
        "client",
        "user",
        "prospect",
        "mql",
        "member",
        "subscriber",
        "case",
        "record",
        "account",
    }
)
_MAIN_TIME = re.compile(
    r"creat|added|captured|first (contact|seen|touch)|received|entry|opened|insert|^(lead |event |activity )?(date|time|timestamp|at|day)$"
    r"|occurred|complete|timestamp"
)
_NO_PAST = re.compile(r"modif|updat|birth|dob|next|expect|due|\bend|expir|last|clos|follow")
_EVENT_COLUMN = re.compile(r"\b(event|activity|action|interaction|touch(point)?)\b|^(type|kind|event type)$")
_MIN_FULL = 0.9
"""Share of the rows that must have a cell in the columns of ids and times: the others are rejected."""
_MIN_KNOWN = 0.4
"""Share of the different cells of a column that must name known types for it to say what happened."""
_NO_MAIL = re.compile(r"do not e ?mail|e ?mail opt out|unsubscribed|opted out")
_NO_CONTACT = re.compile(r"do not (call|contact)|no contact")


def suggest_draft(
    source: str, profiles: Sequence[ColumnProfile], rows: Sequence[Sequence[str]], sealed: PersonalFields
) -> Draft:
    """The likeliest mapping. Every column with cells becomes a property, but those that are read otherwise."""
    filled = [profile for profile in profiles if profile.kind != "empty"]
    lead = _lead_column(filled)
    is_id = lead.kind in {"id", "number"}
    lead_id = f"{{{lead.name}}}" if is_id else f"{{{lead.name}|hash}}"
    times = [profile for profile in filled if profile.kind == "time"]
    main = _main_time(times)
    kind = _event_column(filled)
    ids = _row_id(lead_id, main, kind, profiles, rows)
    events = [_what_happened(source, main, kind, ids), *_dated_events(source, times, main, lead_id)]
    events += _outcomes(source, main, ids, filled)
    used = _read_by(events) | ({lead.name} if is_id else set())
    properties, left_out = properties_for([one for one in filled if one.name not in used], sealed)
    if properties:
        updated = DraftEvent(
            f"{source}:attributes:{ids}:{{*|hash}}",
            type=LEAD_UPDATED,
            time_column=main.name if main else "",
            properties=properties,
        )
        events = [updated, *events]
    notes = tuple(_notes(lead, main, kind, events))
    return Draft("Columns were guessed", source, lead_id, tuple(events), left_out=left_out, notes=notes)


def properties_for(
    profiles: Iterable[ColumnProfile], sealed: PersonalFields, taken: Iterable[str] = ()
) -> tuple[dict[str, str], dict[str, str]]:
    """Properties by name for these columns, and the columns that none can be made of, with the reason."""
    properties: dict[str, str] = {}
    left_out: dict[str, str] = {}
    names = set(taken)
    for profile in profiles:
        name = property_name(profile, names, sealed)
        if name is None:
            left_out[profile.name] = (
                "it looks personal, and no name that is sealed is free"
                if profile.is_personal
                else "its name is taken"
            )
        else:
            properties[name] = profile.name
            names.add(name)
    return properties, left_out


def _read_by(events: Iterable[DraftEvent]) -> set[str]:
    """The columns that are all said by the events: types, times, and how a lead ended."""
    ended = {"deal.won", "deal.lost"}
    conditions = {event.condition.column for event in events if event.condition and event.type in ended}
    return conditions | {name for event in events for name in (event.type_column, event.time_column) if name}


def _lead_column(profiles: Sequence[ColumnProfile]) -> ColumnProfile:
    """The column that identifies the lead: an id of a lead, else any id, else an e-mail address, else what differs most."""

    def rank(profile: ColumnProfile) -> tuple[float, ...]:
        words = set(header_words(profile.name))
        named = bool(words & _LEAD_WORDS)
        is_id = profile.kind == "id" or (profile.kind == "number" and "." not in "".join(profile.samples))
        return (
            is_id and named,
            is_id and profile.is_unique,
            is_id,
            profile.kind == "e-mail",
            profile.distinct,
        )

    full = [profile for profile in profiles if profile.fill_rate >= _MIN_FULL]
    return max(full or profiles, key=rank)


def _main_time(times: Sequence[ColumnProfile]) -> ColumnProfile | None:
    """When the row began: the fullest column whose name says so, else the fullest that is about the past."""

    def rank(profile: ColumnProfile) -> tuple[bool, float]:
        return bool(_MAIN_TIME.search(" ".join(header_words(profile.name)))), profile.fill_rate

    past = [one for one in times if not _NO_PAST.search(" ".join(header_words(one.name)))]
    best = max(past or times, key=rank, default=None)
    return best if best and best.fill_rate >= _MIN_FULL else None


def _event_column(profiles: Sequence[ColumnProfile]) -> ColumnProfile | None:
    """The column whose cells say what happened."""

    def known(profile: ColumnProfile) -> float:
        return sum(event_type_of(cell) is not None for cell in profile.choices) / len(profile.choices)

    choices = [
        one
        for one in profiles
        if one.choices
        and one.kind in {"choice", "id", "text"}
        and not outcome_of(header_words(one.name), one.choices)
    ]
    named = [one for one in choices if _EVENT_COLUMN.search(" ".join(header_words(one.name)))]
    best = max(named, key=known, default=None)
    if best and (known(best) >= _MIN_KNOWN or best.kind == "id"):
        return best
    return next((one for one in choices if known(one) >= 2 * _MIN_KNOWN and len(one.choices) > 1), None)


def _row_id(
    lead_id: str,
    main: ColumnProfile | None,
    kind: ColumnProfile | None,
    profiles: Sequence[ColumnProfile],
    rows: Sequence[Sequence[str]],
) -> str:
    """A template with another text for each row: by the lead, else also by what happened and when."""
    places = {profile.name: index for index, profile in enumerate(profiles)}
    columns = [re.sub(r"[{}]|\|hash", "", lead_id)]
    template = lead_id
    for more in (main, kind):
        if _are_different(rows, [places[column] for column in columns if column in places]):
            break
        if more:
            columns.append(more.name)
            template += f":{{{more.name}}}"
    return template


def _are_different(rows: Sequence[Sequence[str]], places: list[int]) -> bool:
    return len({tuple(row[place] for place in places) for row in rows}) == len(rows)


def _what_happened(
    source: str, main: ColumnProfile | None, kind: ColumnProfile | None, ids: str
) -> DraftEvent:
    at = main.name if main else ""
    if kind:
        values = {cell: event_type_of(cell) or _slug(cell, kind.name) for cell in kind.choices}
        event_id = f"{source}:{_slug(kind.name, '')}:{ids}"
        return DraftEvent(event_id, type_column=kind.name, values=values, time_column=at)
    what = (main and time_event_of(header_words(main.name))) or "lead.captured"
    return DraftEvent(f"{source}:{_slug(what, '')}:{ids}", type=what, time_column=at)


def _dated_events(
    source: str, times: Sequence[ColumnProfile], main: ColumnProfile | None, lead_id: str
) -> Iterator[DraftEvent]:
    """Events that have a column of their own for their time, such as the date a deal was won."""
    for profile in times:
        what = time_event_of(header_words(profile.name))
        if what and profile is not main:
            yield DraftEvent(
                f"{source}:{_slug(what, '')}:{lead_id}:{{{profile.name}}}",
                type=what,
                time_column=profile.name,
                condition=DraftCondition(profile.name),
            )


def _outcomes(
    source: str, main: ColumnProfile | None, ids: str, profiles: Sequence[ColumnProfile]
) -> Iterator[DraftEvent]:
    """How leads ended, and which of them must not be written to or called."""
    at = main.name if main else ""
    for profile in profiles:
        words = " ".join(header_words(profile.name))
        event_id = f"{source}:{_slug(profile.name, '')}:{ids}"
        if values := outcome_of(words.split(), profile.choices) if profile.kind != "yes or no" else {}:
            yield DraftEvent(event_id, type_column=profile.name, values=values, time_column=at)
        if profile.kind != "yes or no":
            continue
        yes = tuple(cell for cell in profile.choices if folded(cell) in YES) or ("yes",)
        for pattern, what in (
            (_NO_MAIL, "unsubscribed"),
            (_NO_CONTACT, "do_not_contact"),
            (_WON, "deal.won"),
        ):
            if pattern.search(words):
                condition = DraftCondition(profile.name, yes)
                yield DraftEvent(event_id, type=what, time_column=at, condition=condition)
                break


_WON = re.compile(r"^(is |has )?(converted|won|(a )?customer)$")


def _slug(text: str, prefix: str) -> str:
    """A word of letters and digits for an event's type or id."""
    words = "_".join(re.findall("[a-z0-9]+", f"{text}".lower())) or "other"
    return words if words[0].isalpha() else f"{_slug(prefix, 'value')}_{words}"


def _notes(
    lead: ColumnProfile,
    main: ColumnProfile | None,
    kind: ColumnProfile | None,
    events: Sequence[DraftEvent],
) -> Iterator[str]:
    if lead.kind not in {"id", "number"}:
        yield f"The file has no ids of leads. They are identified by a digest of the column '{lead.name}'."
    if main is None:
        yield "THE TIMES ARE MADE UP: no column says when something happened, so nothing that depends on time means much."
    if kind is None and all(event.type in {"lead.captured", LEAD_UPDATED} for event in events):
        yield "No column says what the leads have done: score them by their attributes, or change the type of the event."
