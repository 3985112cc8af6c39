"""Tests on the properties of an event: each that is named, and groups of which one, or all, must hold."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.rule_language.where import WhereSection

GROUPED = {
    "country": "at",
    "anyOf": [{"plan": "pro", "seats": {"range": [10, None]}}, {"allOf": [{"plan": "free"}, {"vip": True}]}],
}


def holds(where, **properties):
    return WhereSection.model_validate(where).compile().holds(properties)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"country": "AT", "plan": "pro", "seats": "10"}, True),
        ({"country": "AT", "plan": "pro", "seats": 9}, False),
        ({"country": "AT", "plan": "free", "vip": "Yes"}, True),
        ({"country": "AT", "plan": "free"}, False),
        ({"country": "DE", "plan": "pro", "seats": 10}, False),
        ({}, False),
    ],
)
def test_all_properties_and_one_part_of_any_of_must_hold(properties, expected):
    assert holds(GROUPED, **properties) is expected


def test_nothing_written_holds_for_every_event():
    assert holds({}, a=1)
    assert WhereSection().is_empty


def test_it_is_published_as_it_was_written():
    section = WhereSection.model_validate({"path": {"prefix": "/x"}, "anyOf": [{"plan": {"equals": "pro"}}]})

    content = section.model_dump(mode="json", by_alias=True, exclude_none=True)

    assert content == {"path": {"prefix": "/x"}, "anyOf": [{"plan": {"equals": "pro"}}]}
    assert WhereSection.model_validate(content) == section


@pytest.mark.parametrize("wrong", [{"anyOf": []}, {"allOf": [{}]}, {"anyOf": {"a": 1}}, {"a": {"like": 1}}])
def test_a_group_that_cannot_be_meant_is_refused(wrong):
    with pytest.raises(ValidationError):
        WhereSection.model_validate(wrong)


def test_it_says_which_properties_make_a_difference_and_where():
    where = WhereSection.model_validate({**GROUPED, "coupon": {"exists": True}})

    assert {(name, place) for name, place in where.properties_read()} == {
        ("country", ("country",)),
        ("plan", ("anyOf", 0, "plan")),
        ("seats", ("anyOf", 0, "seats")),
        ("plan", ("anyOf", 1, "allOf", 0, "plan")),
        ("vip", ("anyOf", 1, "allOf", 1, "vip")),
    }


def test_it_is_put_into_words():
    assert WhereSection.model_validate(GROUPED).describe() == (
        "country is at and (plan is pro and seats at least 10 or (plan is free) and (vip is yes))"
    )
