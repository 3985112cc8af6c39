"""How well intents are recognised, on lines that no rule was made for and no weight was trained on."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from domain.replies.classifier import built_in_weights
from domain.replies.classify import written_body
from domain.replies.measure import measure
from domain.replies.training import Labelled, train

HERE = Path(__file__).parent


def lines(name):
    return [msgspec.json.decode(line, type=Labelled) for line in (HERE / name).open("rb")]


@pytest.fixture(scope="module")
def held_out():
    return {one.intent: one for one in measure(lines("heldout.jsonl"))}


def test_the_sets_are_large_enough_and_share_no_line():
    learned, held = lines("labelled.jsonl"), lines("heldout.jsonl")
    assert len(learned) + len(held) >= 600
    assert sum(one.intent == "unsubscribe" for one in held) >= 150
    assert {one.text for one in learned}.isdisjoint(one.text for one in held)
    assert {one.language for one in held} == {"en", "de", "fr", "es"}


def test_of_a_hundred_opt_outs_at_most_one_is_overlooked(held_out):
    assert held_out["unsubscribe"].recall >= 0.99
    assert held_out["unsubscribe"].precision >= 0.95


@pytest.mark.parametrize("intent", ["out_of_office", "bounce", "wrong_person"])
def test_what_rules_decide_is_nearly_always_right(held_out, intent):
    assert held_out[intent].recall >= 0.9
    assert held_out[intent].precision >= 0.9


@pytest.mark.parametrize(
    "intent",
    ["interested", "meeting_request", "question", "objection", "not_now", "referral", "not_interested"],
)
def test_what_the_classifier_decides_is_mostly_right(held_out, intent):
    assert held_out[intent].recall >= 0.7
    assert held_out[intent].precision >= 0.6


def test_the_weights_that_come_with_the_engine_are_those_of_the_labelled_lines():
    learned = lines("labelled.jsonl")
    again = train(learned, [written_body(one.text) for one in learned])
    built_in = built_in_weights()
    assert again.features.keys() == built_in.features.keys()
    for name, weights in again.features.items():
        assert weights == pytest.approx(built_in.features[name], abs=0.002), name


def test_the_control_without_rules_opt_outs_are_overlooked(monkeypatch):
    monkeypatch.setattr("domain.replies.classify.find_opt_outs", lambda _: [])
    (found,) = [one for one in measure(lines("heldout.jsonl")) if one.intent == "unsubscribe"]
    assert found.recall == 0
