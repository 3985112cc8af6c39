"""How well a lead fits: the latest of what is known, whatever the order; not known is a state of its own."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.events.event import Event
from domain.scoring.fit_section import FitSection

START = 20_000 * 86_400_000

FIT = FitSection.model_validate(
    {
        "attributes": [
            {
                "id": "size",
                "attribute": "companySize",
                "cases": [
                    {"when": {"range": [50, 1000]}, "points": 40},
                    {"when": {"range": [10, 5000]}, "points": 20},
                ],
                "otherwise": 5,
                "unknown": 15,
            },
            {"id": "role", "attribute": "role", "cases": [{"when": "vp", "points": 30}], "otherwise": -10},
        ]
    }
).compile()
SIZE, ROLE = FIT.attributes


def updated(at=START, **properties):
    return Event(
        position=1,
        event_id="e",
        lead_id="l",
        type="lead.updated",
        occurred_at=at,
        received_at=at,
        properties=properties,
    )


def known(*events):
    learnt = {}
    for event in events:
        learnt = FIT.learn(learnt, event)
    return learnt


def values(learnt):
    return {name: attribute.value for name, attribute in learnt.items() if attribute.value is not None}


@pytest.mark.parametrize(
    ("size", "points"),
    [(50, 40), (1000, 40), (49, 20), (10, 20), (1001, 20), (5001, 5), (9, 5), ("many", 5), (True, 5)],
)
def test_the_first_case_that_fits_gives_the_points(size, points):
    assert SIZE.points(known(updated(companySize=size))) == points


def test_not_known_is_neither_nought_nor_otherwise():
    assert SIZE.points({}) == 15
    assert ROLE.points({}) == 0
    assert ROLE.points(known(updated(role="intern"))) == -10


@pytest.mark.parametrize("nothing", [None, "", "  ", [], {}, [[]], [{"vp": 1}]])
def test_a_null_takes_a_value_back(nothing):
    learnt = known(updated(companySize=50, role="vp"), updated(START + 1, companySize=nothing))

    assert values(learnt) == {"role": "vp"}
    assert SIZE.points(learnt) == 15
    assert FIT.parts(learnt) is not None


def test_a_list_is_known_and_its_items_can_be_asked_for():
    fit = FitSection.model_validate(
        {
            "attributes": [
                {
                    "attribute": "interests",
                    "id": "interests",
                    "cases": [
                        {"when": {"has": "erp"}, "points": 20},
                        {"when": {"hasAny": ["crm", 7]}, "points": 5},
                    ],
                }
            ]
        }
    ).compile()

    def points(interests):
        return fit.parts(fit.learn({}, updated(interests=interests)))[0]

    assert [points(value) for value in (["CRM", "ERP"], ["crm"], ["x", "7"], ["x"], "erp")] == [
        20,
        5,
        5,
        0,
        20,
    ]
    assert len(fit.learn({}, updated(interests=["x" * 300] * 80))["interests"].value) == 50


def test_all_taken_back_is_nothing_known():
    assert FIT.parts({}) is None
    assert FIT.parts(known(updated(role="vp"), updated(START + 1, role=None))) is None


def test_an_update_that_is_late_loses_against_a_later_one():
    assert values(known(updated(START + 1, companySize=50), updated(START, companySize=9, role="vp"))) == {
        "companySize": 50,
        "role": "vp",
    }


def test_a_value_that_arrives_after_it_was_taken_back_stays_taken_back():
    assert values(known(updated(START + 1, companySize=None), updated(START, companySize=9))) == {}


@given(
    data=st.data(),
    said=st.lists(
        st.fixed_dictionaries(
            {}, optional={"companySize": st.sampled_from((None, 5, 60)), "role": st.sampled_from(("", "vp"))}
        ),
        max_size=8,
    ),
)
@settings(max_examples=100, deadline=None)
def test_what_is_known_does_not_depend_on_the_order_of_arrival(data, said):
    events = [updated(START + number, **properties) for number, properties in enumerate(said)]
    expected = {}
    for properties in said:
        expected |= properties

    learnt = known(*data.draw(st.permutations(events)))

    assert values(learnt) == {name: value for name, value in expected.items() if value not in (None, "")}


def test_what_no_rule_asks_for_is_not_remembered_and_long_values_are_cut():
    learnt = known(updated(role="x" * 10_000, **{f"field{n}": "y" for n in range(500)}))

    assert set(learnt) == {"role"}
    assert len(msgspec.json.encode(learnt)) < 300


def test_what_was_known_before_is_left_as_it_was():
    before = known(updated(role="vp"))

    FIT.learn(before, updated(START + 1, role=None))

    assert values(before) == {"role": "vp"}


def test_two_attributes_with_one_id_are_refused():
    one = {"id": "size", "attribute": "a", "cases": []}
    with pytest.raises(ValidationError, match="two attributes have the id 'size'"):
        FitSection.model_validate({"attributes": [one, one]})
