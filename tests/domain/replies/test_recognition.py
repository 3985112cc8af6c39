"""How well intents are recognised, on lines that no rule was made for and no weight was trained on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from domain.replies.classifier import built_in_weights
from domain.replies.classify import Reply, decided_by_rules, written_body
from domain.replies.measure import REFUSED, measure
from domain.replies.training import Labelled, train

HERE = Path(__file__).parent


def lines(name):
    return [msgspec.json.decode(line, type=Labelled) for line in (HERE / name).open("rb")]


@pytest.fixture(scope="module")
def held_out():
    return {one.intent: one for one in measure(lines("heldout.jsonl"))}


def test_the_sets_are_large_enough_and_share_no_line():
    learned, held = lines("labelled.jsonl"), [*lines("heldout.jsonl"), *lines("unseen.jsonl")]
    assert len(learned) + len(held) >= 600
    assert sum(one.intent == "unsubscribe" for one in held) >= 150
    assert {one.text for one in learned}.isdisjoint(one.text for one in held)
    assert {one.language for one in held} == {"en", "de", "fr", "es"}


def test_of_a_hundred_opt_outs_at_most_one_is_overlooked(held_out):
    assert held_out[REFUSED].recall >= 0.99
    assert held_out[REFUSED].precision >= 0.95


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


@pytest.fixture(scope="module")
def unseen():
    """By somebody who has not seen the rules; what is asked for below is what was measured, rounded down."""
    return {one.intent: one for one in measure(lines("unseen.jsonl"))}


def test_of_a_hundred_opt_outs_of_strangers_at_most_one_is_overlooked(unseen):
    assert unseen["unsubscribe"].labelled >= 150
    assert unseen[REFUSED].recall >= 0.99
    assert unseen[REFUSED].precision >= 0.6
    assert unseen["unsubscribe"].precision >= 0.8, "what suppresses addresses without being asked"


def test_strangers_are_understood_as_well_as_the_documentation_says(unseen):
    for intent in ("interested", "meeting_request", "question", "objection", "not_now", "not_interested"):
        assert unseen[intent].precision >= 0.45
        assert unseen[intent].recall >= 0.5


def test_what_sounds_like_an_opt_out_and_is_none_is_not_taken_for_one_by_the_rules():
    for line in (HERE / "no_opt_outs.jsonl").open("rb"):
        reply = Reply(text=msgspec.json.decode(line)["text"], received=date(2026, 11, 30))
        reading = decided_by_rules(reply)
        assert reading is None or reading.intent != "unsubscribe", reply.text


def test_the_weights_that_come_with_the_engine_are_those_of_the_labelled_lines():
    learned = lines("labelled.jsonl")
    again = train(learned, [written_body(one.text) for one in learned])
    built_in = built_in_weights()
    assert again.features.keys() == built_in.features.keys()
    for name, weights in again.features.items():
        assert weights == pytest.approx(built_in.features[name], abs=0.002), name


def without(intent, weights):
    """The classifier as if it did not know the intent."""
    place = weights.intents.index(intent)

    def rest(of):
        return of[:place] + of[place + 1 :]

    return structs.replace(
        weights,
        intents=rest(weights.intents),
        bias=rest(weights.bias),
        features={name: rest(of) for name, of in weights.features.items()},
    )


def test_the_control_without_rules_and_classifier_opt_outs_are_overlooked(monkeypatch):
    monkeypatch.setattr("domain.replies.classify.find_opt_outs", lambda _: [])
    weights = without("unsubscribe", built_in_weights())
    (found,) = [one for one in measure(lines("heldout.jsonl"), weights) if one.intent == "unsubscribe"]
    assert found.recall == 0
    (refused,) = [one for one in measure(lines("heldout.jsonl"), weights) if one.intent == REFUSED]
    assert refused.recall == 0
