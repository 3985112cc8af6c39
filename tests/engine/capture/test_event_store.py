"""Events are encoded before their position is known; what is stored is the same, and a refusal names what is."""

from __future__ import annotations

import bson
import pytest
from pymongo.errors import BulkWriteError

from domain.events.applied_positions import NOTHING_APPLIED, AppliedPositions
from domain.events.event import NewEvent
from domain.events.log_cursor import LogCursor
from engine.capture.codec import decode, encode
from engine.capture.log.event_log import Span
from engine.capture.log.writer import EventIdConflict, PositionConflict

NOW = 1_795_348_800_000


def new_event(event_id, **properties):
    return NewEvent(
        event_id=event_id,
        lead_id="lead",
        type="page_view",
        occurred_at=NOW - 5,
        received_at=NOW,
        body_hash="hash",
        source="web",
        properties=properties,
    )


async def append(runtime, first, *events):
    await runtime.capture.writer.append(
        [encode(event) for event in events], range(first, first + len(events))
    )


async def test_what_is_stored_is_what_was_said_with_its_position_as_a_number_like_any_other(runtime):
    await append(runtime, 1, new_event("a", path="/prices", n=1), new_event("b"))

    raw = await runtime.store.database["events"].find_raw_batches({}).sort("_id", 1).next()
    first, second = bson.decode_all(raw)
    assert bson.encode(first) + bson.encode(second) == raw  # an int32 position, as an encoder would write it
    assert next(iter(first)) == "_id"
    event = decode(first)
    assert (event.position, event.event_id, event.properties) == (1, "a", {"path": "/prices", "n": 1})
    assert (event.occurred_at, event.received_at, event.source) == (NOW - 5, NOW, "web")
    assert decode(second).position == 2


async def test_positions_go_on_beyond_those_that_fit_into_four_bytes(runtime):
    await append(runtime, 2**31 - 1, new_event("a"), new_event("b", n=7), new_event("c"))

    events = await runtime.capture.events.of_lead("lead")
    assert await runtime.capture.log.last_position() == 2**31 + 1
    assert [(one.position, one.event_id) for one in events] == [
        (2**31 - 1, "a"),
        (2**31, "b"),
        (2**31 + 1, "c"),
    ]
    assert events[1].properties == {"n": 7}


@pytest.fixture(params=["few", "many"])
def sent(request, monkeypatch):
    """As few bytes, which are one command, or as so many that each event is one of its own."""
    if request.param == "many":
        monkeypatch.setattr("engine.capture.log.writer._MAX_AT_ONCE", 0)


@pytest.mark.usefixtures("sent")
async def test_a_refusal_names_how_many_events_are_stored_before_it(runtime):
    await append(runtime, 1, new_event("a"))
    with pytest.raises(EventIdConflict) as refused:
        await append(runtime, 2, new_event("b"), new_event("c"), new_event("a"), new_event("d"))
    assert refused.value.stored == 2
    with pytest.raises(PositionConflict) as refused:
        await append(runtime, 3, new_event("e"))
    assert refused.value.stored == 0
    assert [event.event_id for event in await runtime.capture.events.of_lead("lead")] == ["a", "b", "c"]


@pytest.mark.usefixtures("sent")
async def test_what_is_not_confirmed_by_a_majority_does_not_count_as_stored(runtime):
    fault = {"failCommands": ["insert"], "writeConcernError": {"code": 64, "errmsg": "too slow"}}
    fault["namespace"] = f"{runtime.store.database.name}.events"
    await runtime.store.client.admin.command(
        "configureFailPoint", "failCommand", mode={"times": 1}, data=fault
    )
    with pytest.raises(BulkWriteError) as raised:
        await append(runtime, 1, new_event("a"))
    assert raised.value.details["writeConcernErrors"][0]["errmsg"] == "too slow"


async def test_events_are_sent_with_the_concern_of_the_connection(runtime):
    """A single member answers at once whatever it is asked, so what is asked for is looked at."""
    await runtime.store.database.command("profile", 2)
    try:
        await append(runtime, 1, new_event("a"))
    finally:
        await runtime.store.database.command("profile", 0)
    asked = await runtime.store.database["system.profile"].find_one(
        {"op": "insert", "ns": {"$regex": "events$"}}
    )
    assert asked["command"]["writeConcern"] == {"w": "majority", "j": True}


async def test_large_numbers_come_back_as_plain_integers_wherever_they_stand(runtime):
    said = {
        "n": 2**40,
        "list": [2**40, {"deep": -(2**40)}],
        "map": {"x": 2**62, "y": 0.5},
        "text": "t",
        "no": None,
    }
    await append(runtime, 1, new_event("a", **said))

    (event,) = await runtime.capture.events.of_lead("lead")
    assert event.properties == said
    found = [event.properties["n"], *event.properties["list"][:1], event.properties["list"][1]["deep"]]
    assert {type(one) for one in (*found, event.properties["map"]["x"])} == {int}
    (stored,) = await runtime.capture.events.after({"lead": NOTHING_APPLIED}, 10)
    assert {type(one) for one in stored.decode().properties["map"].values()} == {int, float}


@pytest.mark.parametrize("wrong", [2**70, "\ud800", object()])
def test_what_mongodb_cannot_hold_is_refused_before_anything_is_stored(wrong):
    with pytest.raises((bson.errors.BSONError, OverflowError, TypeError, ValueError)):
        encode(new_event("a", value=wrong))


@pytest.mark.parametrize(("applied", "left"), [(0, 2), (2, 2), (3, 3), (5, 5), (7, None), (9, None)])
def test_events_of_a_span_are_left_behind_its_first_one_or_behind_what_is_applied(applied, left):
    assert Span(first=3, last=7).unapplied_after(AppliedPositions(applied)) == left


async def test_the_lag_of_a_reader_is_what_it_has_not_read_since_the_first_of_it_was_received(runtime):
    await append(runtime, 1, new_event("a"), new_event("b"), new_event("c"))
    assert await runtime.capture.log.lag(LogCursor((1,)), newest=LogCursor((3,))) == (2, NOW)
    assert await runtime.capture.log.lag(LogCursor((3,)), newest=LogCursor((3,))) == (0, None)


async def test_the_log_has_reached_the_positions_that_are_stored(runtime):
    await append(runtime, 1, new_event("a"), new_event("b"))
    assert await runtime.capture.log.has_reached(2)
    assert not await runtime.capture.log.has_reached(3)


async def test_events_of_a_lead_are_paged_backwards_within_bounds(runtime):
    await append(runtime, 1, *(new_event(name) for name in "abcd"))
    events = runtime.capture.events
    assert [one.position for one in await events.page_of_lead("lead", 2, up_to=3)] == [3, 2]
    assert [one.position for one in await events.page_of_lead("lead", 2, up_to=3, before=2)] == [1]
    assert await events.last_of_lead("lead") == 4
    assert await events.last_of_lead("lead", before=4) == 3
    assert await events.last_of_lead("nobody") == 0
