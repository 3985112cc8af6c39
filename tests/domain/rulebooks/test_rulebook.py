"""A rulebook as a whole: its label, and that its sections agree with each other."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from domain.decisions.goal import Goal
from domain.rulebooks.rulebook import Rulebook

GOAL = {"name": "win", "outcome": "won", "horizonDays": 90}
WON = {"outcome": {"won": "deal.won"}}
TASK = {"type": "task", "title": "Call"}


def automation(**parts):
    return {"id": "rule", "trigger": {"event": "page_view"}, "action": TASK, **parts}


def test_classic_is_labelled_with_its_name_and_version(classic):
    assert classic.label == "classic@2"


def test_a_rulebook_cannot_be_changed(classic):
    with pytest.raises(ValidationError, match="frozen"):
        classic.document.version = 2


def test_a_rulebook_survives_being_published_and_read_back(classic):
    published = json.loads(json.dumps(classic.document.model_dump(mode="json", by_alias=True)))

    assert Rulebook.model_validate(published) == classic.document


def test_without_automations_and_smallest_step_a_rulebook_is_whole(rulebook):
    rules = rulebook(automations=[])

    assert rules.automations.rules == ()
    assert rules.decay_min_delta == 1


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        (
            {"nextAction": [{"when": {"stage": "hottt"}, "action": "call"}, {"action": "wait"}]},
            "there is no stage 'hottt'; write one of cold, warm, hot, qualified",
        ),
        (
            {"nextAction": [{"when": {"risk": "huge"}, "action": "call"}, {"action": "wait"}]},
            "there is no risk band 'huge'; write one of low, medium, high",
        ),
        (
            {"automations": [automation(trigger={"stageEntered": ["hot", "lost"]})]},
            "there is no stage 'lost'",
        ),
        ({"automations": [automation(trigger={"stageLeft": "lost"})]}, "there is no stage 'lost'"),
        ({"automations": [automation(trigger={"riskEntered": "huge"})]}, "there is no risk band 'huge'"),
        ({"automations": [automation(when={"stage": "lost"})]}, "there is no stage 'lost'"),
        ({"automations": [automation(when={"risk": "huge"})]}, "there is no risk band 'huge'"),
        ({"automations": [automation(), automation()]}, "two automations have the id 'rule'"),
        ({"name": "my rules"}, "pattern"),
        ({"version": 0}, "greater than or equal to 1"),
        ({"decayMinDelta": 0}, "greater than 0"),
        ({"colour": "red"}, "colour"),
        (
            {"outcome": {}, "goals": [GOAL]},
            "no event makes a lead won; name one in outcome.won",
        ),
        ({**WON, "goals": [GOAL, GOAL]}, "two goals have the name 'win'"),
        ({**WON, "goals": [{**GOAL, "outcome": "open"}]}, "'won', 'lost' or 'disqualified'"),
        ({**WON, "goals": [{**GOAL, "horizonDays": 0}]}, "greater than or equal to 1"),
        ({**WON, "goals": [{**GOAL, "name": f"g{n}"} for n in range(9)]}, "at most 8"),
    ],
)
def test_a_rulebook_that_contradicts_itself_is_refused_in_words(rulebook, sections, message):
    with pytest.raises(ValidationError, match=message):
        rulebook(**sections)


def test_goals_are_those_that_are_named_or_a_win_within_90_days(rulebook, classic):
    assert classic.goals == (Goal("win", "won", 90),)
    assert "goals" not in classic.document.model_dump(
        by_alias=True, exclude_none=True
    )  # published before there were
    assert rulebook(goals=[]).goals == ()
    named = rulebook(
        outcome={"lost": "deal.lost"}, goals=[{"name": "loss", "outcome": "lost", "horizonDays": 30}]
    )
    assert named.goals == (Goal("loss", "lost", 30),)


def test_another_ladder_brings_its_own_stage_names(rulebook):
    rules = rulebook(
        stages={"steps": [{"name": "fresh"}, {"name": "ripe", "from": 5}]},
        nextAction=[{"when": {"stage": "ripe"}, "action": "pick"}, {"action": "wait"}],
        automations=[automation(trigger={"stageEntered": "ripe"})],
    )

    assert rules.stages.names == ("fresh", "ripe")
