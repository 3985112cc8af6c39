"""Events that would do nothing without a word are refused: stages that do not exist, tags that are missing."""

from __future__ import annotations

import json

import pytest

from domain.errors import Invalid
from workflows.capture.decode import check_event, decode_events
from workflows.capture.decode_each import InvalidEvent, decode_each

STAGES = ("cold", "warm", "hot")


def body(*events):
    return json.dumps(events).encode()


def set_stage(stage):
    return {"leadId": "ada", "type": "stage.set", "properties": {"stage": stage}}


@pytest.mark.parametrize("stage", ["HOT", " hot", "hott", "", None, 5, ["hot"]])
def test_a_stage_that_the_rulebook_does_not_have_is_refused_with_those_that_it_has(stage):
    with pytest.raises(Invalid) as refusal:
        decode_events(body({"leadId": "x", "type": "page_view"}, set_stage(stage)), STAGES)

    (fault,) = refusal.value.faults
    assert fault.pointer == "/1/properties/stage"
    assert fault.detail == "must be a stage of the active rulebook: cold, warm, hot"


def test_a_stage_that_the_rulebook_has_is_taken():
    events, _ = decode_events(body(set_stage("hot")), STAGES)

    assert events[0].properties == {"stage": "hot"}


def test_without_a_rulebook_any_name_is_taken_but_none_is_not():
    assert check_event(set_stage("any")).properties == {"stage": "any"}
    with pytest.raises(Invalid, match="must be the name of a stage"):
        check_event({"leadId": "ada", "type": "stage.set"})


@pytest.mark.parametrize("type_", ["tag.added", "tag.removed"])
@pytest.mark.parametrize(
    "properties", [{}, {"tag": None}, {"tag": ""}, {"tag": 5}, {"tag": "x" * 65}, {"Tag": "x"}]
)
def test_a_tag_must_be_given(type_, properties):
    with pytest.raises(Invalid, match=r"/properties/tag: must be a text of 1 to 64 characters"):
        check_event({"leadId": "ada", "type": type_, "properties": properties})


def test_a_tag_of_64_characters_is_taken():
    assert check_event({"leadId": "ada", "type": "tag.added", "properties": {"tag": "x" * 64}})


def test_of_a_lenient_batch_the_others_are_taken():
    sound, wrong = decode_each(body(set_stage("hot"), set_stage("HOT")), STAGES)

    assert sound.properties == {"stage": "hot"}
    assert isinstance(wrong, InvalidEvent)
    assert wrong.faults[0].pointer == "/1/properties/stage"
