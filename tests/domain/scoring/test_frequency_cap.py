"""How often a rule may count: the earliest events do, in whatever order they arrive."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from domain.events.event import Event
from domain.scoring.frequency_cap import CountedKeys, RepeatPolicy

DAY = 86_400_000
START = 20_000 * DAY


class Written(BaseModel):
    repeat: RepeatPolicy


def policy(written):
    repeat = Written.model_validate({"repeat": written}).repeat
    return None if repeat is None else repeat.compile()


MISSING = object()


def happened(at, page=MISSING):
    properties = {} if page is MISSING else {"page": page}
    return Event(
        position=1, event_id="e", lead_id="l", type="x", occurred_at=at, received_at=at, properties=properties
    )


def counted(repeat, events):
    """The moments that count once all events are there, and what is remembered."""
    seen, moments = CountedKeys(), []
    for event in events:
        before = seen
        seen, removed = repeat.count(before, event)
        moments += [] if seen is before else [event.occurred_at]
        if removed is not None:
            moments.remove(removed)
    return sorted(moments), seen


def key_of(written, event):
    if written == "once":
        return ""
    return event.properties["page"] if "oncePer" in written else event.occurred_at // DAY


facts = st.lists(
    st.tuples(st.integers(0, 4 * DAY), st.sampled_from("abc")), max_size=25, unique_by=lambda one: one[0]
)


@given(data=st.data(), drawn=facts)
@pytest.mark.parametrize(
    "written", ["once", {"oncePer": "page"}, {"atMost": 1, "per": "day"}, {"atMost": 3, "per": "day"}]
)
@settings(max_examples=60, deadline=None)
def test_the_earliest_of_each_key_count_in_any_order(written, data, drawn):
    events = [happened(START + at, page) for at, page in drawn]
    most = 1 if written == "once" else written.get("atMost", 1)
    by_key = {}
    for event in sorted(events, key=lambda one: one.occurred_at):
        by_key.setdefault(key_of(written, event), []).append(event.occurred_at)
    expected = sorted(at for moments in by_key.values() for at in moments[:most])

    moments, seen = counted(policy(written), data.draw(st.permutations(events)))

    assert moments == expected
    assert not seen.forgotten
    assert not moments or seen.latest == expected[-1]


def test_a_day_begins_at_midnight_utc():
    once_a_day = policy({"atMost": 1, "per": "day"})

    assert counted(once_a_day, [happened(START + DAY - 1), happened(START + DAY)])[0] == [
        START + DAY - 1,
        START + DAY,
    ]
    assert counted(once_a_day, [happened(START), happened(START + DAY - 1)])[0] == [START]


def test_events_without_the_property_are_all_one():
    assert len(counted(policy({"oncePer": "page"}), [happened(START), happened(START + 1)])[0]) == 1


def test_the_hundred_and_first_key_pushes_out_the_oldest_and_it_is_said():
    once_a_page = policy({"oncePer": "page"})
    events = [happened(START + number, f"page-{number}") for number in range(101)]

    assert not counted(once_a_page, events[:100])[1].forgotten
    seen = counted(once_a_page, events)[1]
    assert seen.forgotten
    assert len(seen.moments) == 100
    assert "page-0" not in seen.moments


def test_two_long_values_that_begin_alike_are_two():
    once_a_page = policy({"oncePer": "page"})
    long = "https://example.com/" + "a" * 100

    moments, seen = counted(once_a_page, [happened(START, long + "1"), happened(START + 1, long + "2")])

    assert len(moments) == 2
    assert all(len(key) <= 80 for key in seen.moments)


@pytest.mark.parametrize("nasty", ["a\0b", "\0", "\0" * 500, "\ud800" * 90])
def test_a_value_that_cannot_name_a_field_in_mongodb_is_remembered_under_another_name(nasty):
    once_a_page = policy({"oncePer": "page"})

    moments, seen = counted(once_a_page, [happened(START, nasty), happened(START + 1, nasty)])

    assert moments == [START]
    assert not any("\0" in key for key in seen.moments)


def test_what_is_remembered_stays_small():
    seed = Random(7)
    events = [happened(START + seed.randrange(2_000 * DAY), "x" * seed.randrange(200)) for _ in range(1_500)]

    for written in ({"oncePer": "page"}, {"atMost": 3, "per": "day"}):
        assert len(msgspec.json.encode(counted(policy(written), events)[1])) < 12_000


def test_always_is_the_same_as_no_policy():
    assert policy("always") is None
    assert policy(None) is None


@pytest.mark.parametrize(
    "wrong",
    [
        *("never", {}, {"once": True, "oncePer": "page"}, {"atMost": 3}, {"per": "day"}, {"oncePer": ""}),
        *({"atMost": 0, "per": "day"}, {"atMost": 51, "per": "day"}, {"atMost": 3, "per": "month"}),
    ],
)
def test_half_a_policy_or_two_are_refused(wrong):
    with pytest.raises(ValidationError):
        policy(wrong)


@pytest.mark.parametrize(
    ("values", "different"),
    [
        ([1, "1", 1.0, " 1 ", "1.00"], 1),
        (["a", "A", " a "], 1),
        ([None, MISSING, "", " "], 1),
        ([None, "None"], 2),
        (["01", "1"], 2),
        ([True, "true", "yes"], 2),
        ([2**53 + 1, 2.0**53], 2),
    ],
)
def test_values_that_mean_the_same_count_once(values, different):
    once_a_page = policy({"oncePer": "page"})
    events = [happened(START + number, value) for number, value in enumerate(values)]

    assert len(counted(once_a_page, events)[0]) == different


def test_of_many_days_in_order_none_is_said_to_have_counted_twice():
    daily = policy({"atMost": 1, "per": "day"})
    days = [happened(START + day * DAY) for day in range(1002)]

    moments, seen = counted(daily, days)

    assert (len(moments), seen.forgotten) == (1002, False)
    assert counted(daily, [*days, happened(START + 1)])[1].forgotten  # a day that it no longer knows
