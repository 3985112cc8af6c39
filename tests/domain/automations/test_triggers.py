"""The register of triggers: one kind per section, recognised by its field, with faults about that field alone."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.automations.triggers import AnyTrigger

TRIGGER = TypeAdapter(AnyTrigger)
EXAMPLES = {
    "stageEntered": "hot",
    "stageLeft": ["hot", "warm"],
    "riskEntered": "high",
    "velocityAbove": 2,
    "surge": True,
    "nextAction": "call",
    "event": "signup",
    "quietForDays": 14,
    "dropWithinDays": 3,
}
WORDS = {
    "stageEntered": "the lead enters hot from below",
    "stageLeft": "the lead leaves hot or warm downwards",
    "riskEntered": "its risk becomes high",
    "velocityAbove": "its velocity rises above 2",
    "surge": "a surge begins",
    "nextAction": "its next action becomes call",
    "event": "signup happens",
    "quietForDays": "it has been quiet for 14 days",
    "dropWithinDays": "it will fall a stage within 3 days",
}


def faults(written):
    with pytest.raises(ValidationError) as refusal:
        TRIGGER.validate_python(written)
    return [(error["loc"], error["type"]) for error in refusal.value.errors()]


def test_every_registered_kind_has_an_example_here():
    assert {kind.names()[0] for kind in get_args(get_args(AnyTrigger)[0])} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_trigger_is_of_the_kind_whose_field_is_written(name):
    trigger = TRIGGER.validate_python({name: EXAMPLES[name]})

    assert (trigger.names()[0], trigger.describe()) == (name, WORDS[name])


@pytest.mark.parametrize("name", EXAMPLES)
def test_fields_of_other_kinds_may_be_left_empty(name):
    # Rulebooks that earlier versions stored, or that tools write, have every field.
    written = {**dict.fromkeys(EXAMPLES), name: EXAMPLES[name]}

    assert TRIGGER.validate_python(written) == TRIGGER.validate_python({name: EXAMPLES[name]})


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_trigger_is_written_out_as_its_own_field_alone_and_read_back(name):
    trigger = TRIGGER.validate_python({name: EXAMPLES[name]})
    written = TRIGGER.dump_python(trigger, mode="json", by_alias=True, exclude_none=True)

    assert list(written) == [name]
    assert TRIGGER.validate_python(written) == trigger


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"stageEntred": "hot"}, [(("stageEntred",), "extra_forbidden")]),
        ({"stageEntered": "hot", "evnt": "a"}, [(("evnt",), "extra_forbidden")]),
        ({"velocityAbove": "fast"}, [(("velocityAbove",), "float_parsing")]),
        ({"velocityAbove": -1}, [(("velocityAbove",), "greater_than_equal")]),
        ({"surge": False}, [(("surge",), "literal_error")]),
        ({"stageEntered": []}, [(("stageEntered",), "too_short")]),
        ({"quietForDays": 0}, [(("quietForDays",), "greater_than")]),
        (5, [((), "model_type")]),
        (["event"], [((), "model_type")]),
        ({}, [((), "value_error")]),
        ({"stageEntered": "hot", "event": "a"}, [((), "value_error")]),
        ({"stageEntered": None}, [((), "value_error")]),
    ],
)
def test_a_fault_names_the_field_that_was_written(written, expected):
    assert faults(written) == expected


def test_the_spelling_of_python_is_accepted_too():
    assert TRIGGER.validate_python({"stage_entered": "hot"}).stage_entered == ("hot",)
