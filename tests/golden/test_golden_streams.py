"""Stored events and what they must fold to, for ever: a score that was shown once can always be shown again.

Each file holds the events as stored, `byHand` (numbers worked out from the specification, with `why`), and
`recorded` (all that a release made of them; under `classic` bit for bit). Fields may be added to the records; none may change
while the version of the fold is the same: `foldVersion` is the one of the record, 1 if it is not said, and those of
version 1 hold under version 2 as well (ADR 43), those of version 2 under version 3, which adds the status (ADR 75),
those of version 3, which have no opt-out by reply, under version 4 (ADR 84), and those of version 4, which have no
suspected one, under version 5 (ADR 94). Words of an explanation and terms of its reasons that were wrong are put right
in the record, which CHANGELOG says.
A new file needs no `recorded`: the first run writes it and asks for a look.
"""

from __future__ import annotations

import functools
import json
import re
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from pydantic.alias_generators import to_camel

from domain.events.event import Event, upcast
from domain.instant import from_datetime, to_datetime
from domain.leads.assess import assess
from domain.leads.fold import fold, in_time_order
from domain.leads.intelligence import intelligence
from domain.leads.late import Start, fold_again, has_late
from domain.leads.state import FOLD_VERSION, initial_state
from domain.rulebooks.compiled import compile_rulebook
from domain.rulebooks.loader import parse_rulebook

HERE = Path(__file__).parent
STREAMS = sorted(path.relative_to(HERE).as_posix() for path in HERE.glob("*/*.json"))
EXACTNESS = 1e-9

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
INSTANTS = {
    *("at", "clock", "stageSince", "lastActivityAt", "firstActivityAt", "lastEventAt", "occurredAt", "asOf"),
    "recent",
}


@pytest.fixture(params=STREAMS)
def golden(request):
    """One file, with every instant in milliseconds."""
    return from_file(json.loads((HERE / request.param).read_text(encoding="utf-8")))


@pytest.fixture
def rules(request):
    """The rulebook that the file's folder is named after: `classic@1` is version 1 of `classic`."""
    label = request.node.callspec.params["golden"].split("/")[0]
    rulebook = _built_in(label)
    assert rulebook.label == label
    return compile_rulebook(rulebook)


@functools.cache
def _built_in(label: str):
    folder = files("domain") / "rulebooks" / "builtin"
    earlier = folder / "earlier" / f"{label}.yaml"
    file = earlier if earlier.is_file() else folder / f"{label.split('@', maxsplit=1)[0]}.yaml"
    return parse_rulebook(file.read_text(encoding="utf-8"), file.name)


@pytest.fixture
def events(golden):
    """The events of the file, read as those in the store are."""
    return [decoded(upcast(stored)) for stored in golden["events"]]


@pytest.fixture
def folded(events, rules):
    return fold(initial_state(events[0].lead_id, rules), events, rules)


def decoded(stored):
    return Event(
        position=stored["_id"],
        event_id=stored["eventId"],
        lead_id=stored["leadId"],
        type=stored["type"],
        occurred_at=min(stored["occurredAt"], stored["receivedAt"]),
        received_at=stored["receivedAt"],
        source=stored["source"],
        properties=stored["properties"],
    )


def from_file(value):
    if isinstance(value, dict):
        return {key: from_file(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [from_file(inner) for inner in value]
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return from_datetime(datetime.fromisoformat(value))
    return value


def to_file(value, key=""):
    if isinstance(value, dict):
        return {name: to_file(inner, name) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [to_file(inner, key) for inner in value]
    if key in INSTANTS and isinstance(value, int):
        return to_datetime(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def as_recorded(value):
    """Plain lists, dicts and numbers, as they come out of a file; no bit of a number is lost on the way."""
    return json.loads(msgspec.json.encode(value))


def is_close(today, recorded):
    """Whether all is equal but for the last bits of numbers: powers and logarithms differ there by machine."""
    if isinstance(recorded, dict):
        return today.keys() == recorded.keys() and all(
            is_close(today[key], recorded[key]) for key in recorded
        )
    if isinstance(recorded, list):
        return len(today) == len(recorded) and all(map(is_close, today, recorded))
    if isinstance(recorded, float):
        return today == pytest.approx(recorded, rel=1e-9, abs=EXACTNESS)
    return today == recorded and type(today) is type(recorded)


def in_camel_case(struct):
    """The fields of a struct and of those inside it by the names that they have in every record."""
    if isinstance(struct, msgspec.Struct):
        names = {name: to_camel(name) for name in struct.__struct_fields__}
        return {names[name]: in_camel_case(getattr(struct, name)) for name in names}
    return [in_camel_case(one) for one in struct] if isinstance(struct, tuple) else struct


def of_recorded_fields(today, recorded):
    """The part of today's result that the record knows: fields that were added since then are left out.

    So is the version of the fold: it says by which one the state was made.
    """
    if isinstance(recorded, dict) and isinstance(today, dict):
        same = {key: of_recorded_fields(today[key], recorded[key]) for key in recorded if key in today}
        return same | {key: recorded[key] for key in ("foldVersion",) if key in recorded}
    if isinstance(recorded, list) and isinstance(today, list) and len(today) == len(recorded):
        return [of_recorded_fields(one, other) for one, other in zip(today, recorded, strict=True)]
    return today


def of_todays_fold(recorded):
    """The record with the version of today's fold, which is a tag of the state and no result."""
    version = {"foldVersion": FOLD_VERSION} if "foldVersion" in recorded["state"] else {}
    return {**recorded, "state": {**recorded["state"], **version}}


def everything(folded, moments, rules):
    return as_recorded(
        {
            "history": folded.rows,
            "firings": folded.firings,
            "state": folded.state,
            "intelligence": [in_camel_case(intelligence(folded.state, moment, rules)) for moment in moments],
        }
    )


def moments_of(golden):
    return [reading["asOf"] for reading in golden["byHand"]["readings"]]


def test_there_are_golden_streams():
    folders = [stream.split("/")[0] for stream in STREAMS]

    assert folders.count("classic@1") >= 9
    assert folders.count("standard@1") >= 6
    assert {"classic@2", "standard@2", "standard@3"} <= set(folders)


def test_a_stored_stream_gives_the_scores_and_stages_worked_out_by_hand(golden, folded):
    by_hand = golden["byHand"]

    assert [row.new_score for row in folded.rows] == pytest.approx(by_hand["newScores"], abs=EXACTNESS)
    assert [row.stage_after for row in folded.rows] == by_hand["stages"]
    assert list(folded.state.tags) == by_hand["tags"]


def test_every_row_of_a_stored_stream_adds_up(folded):
    for row in folded.rows:
        gained = sum(contribution.points for contribution in row.contributions)
        assert row.previous_score + row.decay + gained == pytest.approx(row.new_score, abs=EXACTNESS)


def test_a_stored_stream_reads_later_as_worked_out_by_hand(golden, folded, rules):
    for by_hand in golden["byHand"]["readings"]:
        now = as_recorded(assess(folded.state, by_hand["asOf"], rules))

        assert now.pop("score") == pytest.approx(by_hand["score"], abs=EXACTNESS)
        expected = {key: value for key, value in by_hand.items() if key not in ("asOf", "score")}
        assert {key: now[key] for key in expected} == expected


def test_a_stored_stream_fires_what_was_worked_out_by_hand(golden, folded):
    fired = [[firing.cause_position, firing.rule_id, firing.date_bucket] for firing in folded.firings]

    assert fired == golden["byHand"]["firings"]


def test_a_stored_stream_folds_to_what_it_was_recorded_as(request, golden, folded, rules):
    today = everything(folded, moments_of(golden), rules)
    if "recorded" not in golden:
        record(HERE / request.node.callspec.params["golden"], today)
        pytest.fail("this stream was new and is recorded now: look it over and run again")

    recorded = of_todays_fold(golden["recorded"])
    same = of_recorded_fields(today, recorded)
    assert same == recorded if rules.name == "classic" else is_close(same, recorded)


def test_a_stored_stream_may_be_folded_event_by_event(events, folded, rules):
    """In the order of time, and as the events arrived."""
    state = initial_state(events[0].lead_id, rules)
    for event in in_time_order(events):
        state = fold(state, [event], rules).state
    assert as_recorded(state) == as_recorded(folded.state)

    start = state = initial_state(events[0].lead_id, rules)
    for number, event in enumerate(events):
        if has_late(state, [event]):
            state = fold_again(state, [event], Start(start, events[:number]), rules).state
        else:
            state = fold(state, [event], rules).state
    assert as_recorded(state) == as_recorded(folded.state)


def test_a_record_says_by_which_fold_it_was_made(golden):
    assert golden.get("foldVersion", 1) in range(1, FOLD_VERSION + 1)


def test_every_stream_says_why_its_numbers_are_right(golden):
    assert sum(map(len, golden["why"])) > 100


def record(path, today):
    content = json.loads(path.read_text(encoding="utf-8"))
    text = json.dumps({**content, "recorded": to_file(today)}, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
