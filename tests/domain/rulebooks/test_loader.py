"""Faults of a rulebook file name the line, the field and what to write."""

from __future__ import annotations

import re

import pytest

from domain.rulebooks.loader import parse_rulebook, rulebook_yaml
from engine.rulebooks.built_in import built_in, built_in_labels
from tests.domain.rulebooks.rulebook_file import FILE, lines_named, refused, without

JARGON = re.compile(
    r"pydantic|tuple|dictionary|instance of|\bdict\b|\bNone\b|NoneType|Traceback|validation error|errors\.\w+\.dev"
)


def test_the_file_of_this_test_is_right_as_it_stands():
    rules = parse_rulebook(FILE)

    assert rules.label == "mine@3"
    assert [rule.id for rule in rules.automations] == ["call-hot", "tag-quiet"]


def test_classic_says_what_the_specification_says(classic_text):
    classic = parse_rulebook(classic_text, "classic.yaml")

    assert classic.label == "classic@2"
    assert {rule.event: rule.points for rule in classic.score.rules} == {
        ("page_view",): 1,
        ("email_open",): 3,
        ("download",): 10,
        ("signup",): 20,
        ("demo_request",): 30,
    }
    assert [(step.name, step.from_) for step in classic.stages.steps] == [
        ("cold", None),
        ("warm", 11),
        ("hot", 31),
        ("qualified", 60),
    ]
    assert classic.stages.hysteresis == 0
    assert (classic.score.idle_decay.after_days, classic.score.idle_decay.factor) == (7, 0.8)
    assert (classic.velocity.hours, classic.velocity.points) == (24, 3)
    assert (classic.risk.medium_after_days, classic.risk.high_after_days) == (3, 7)


# The right text, the wrong one in its place, the lines that may be named for it, and parts of the message.
SLIPS = {
    "a word for a number": ("points: 30", "points: thirty", {9}, ["points", "number", "'thirty'"]),
    "a comma for a point": ("from: 31", 'from: "31,5"', {14}, ["stages.steps[2].from", "number", "'31,5'"]),
    "a percent sign": ("factor: 0.8", "factor: 80%", {10}, ["factor", "number", "'80%'"]),
    "a factor over 1": ("factor: 0.8", "factor: 20", {10}, ["factor", "less than or equal to 1"]),
    "part of a day": ("afterDays: 7", "afterDays: 7.5", {10}, ["afterDays", "integer", "7.5"]),
    "endless points": ("points: 30", "points: .inf", {9}, ["points", "finite"]),
    "yes for a number": ("points: 30", "points: yes", {9}, ["points", "number", "'yes'"]),
    "true for a number": ("points: 30", "points: true", {9}, ["points", "number"]),
    "a number for a word": ("event: page_view", "event: 5", {6}, ["score.rules[1].event", "5"]),
    "numbers for words": (
        "[demo_request, demo.booked]",
        "[demo_request, 7]",
        {8},
        ["event[2]", "string", "7"],
    ),
    "a list for a section": (
        "score:\n  model: points\n  rules:\n",
        "score:\n",
        {3, 4, 5, 7, 8},
        [],
    ),
    "a word for a section": (
        "risk: {model: silence, mediumAfterDays: 3, highAfterDays: 7}",
        "risk: high",
        {16},
        ["risk", "'high'"],
    ),
    "a section left empty": (
        "velocity: {model: window, hours: 24, points: 3}",
        "velocity:",
        {15},
        ["velocity"],
    ),
    "a name left empty": ("name: mine", "name:", {1}, ["name"]),
    "an unknown key": (
        "label: Visited",
        "lable: Visited",
        {6},
        ["lable", "not known", "did you mean 'label'"],
    ),
    "an unknown section": (
        "automations:",
        "automatons:",
        {22},
        ["automatons", "did you mean 'automations'"],
    ),
    "a key of nowhere": ("period: week", "zzzzzz: week", {29}, ["zzzzzz", "not known", "remove it"]),
    "a key in the wrong case": ("afterDays", "afterdays", {10}, ["afterdays", "did you mean 'afterDays'"]),
    "an unknown model": (
        "model: points",
        "model: halflife",
        {4},
        ["score.model", "'halflife'", "write one of 'points'"],
    ),
    "an unknown period": (
        "period: week",
        "period: month",
        {29},
        ["period", "'month'", "'hour', 'day', 'week' or 'once'"],
    ),
    "an unknown action": ("type: tag,", "type: email,", {30}, ["'email'", "write one of 'task', 'tag'"]),
    "an action without a kind": ("type: tag, ", "", {30}, ["action", "type", "missing"]),
    "a task without a title": (', title: "Call {leadId}"', "", {25}, ["action.title", "missing"]),
    "an unknown stage in a row": (
        "when: {stage: hot, velocity",
        "when: {stage: hott, velocity",
        {18},
        ["nextAction[1]", "no stage 'hott'", "cold, hot"],
    ),
    "an unknown stage in a trigger": (
        "{stageEntered: hot}",
        "{stageEntered: won}",
        {24},
        ["automations[1].trigger.stageEntered", "no stage 'won'", "cold, hot"],
    ),
    "an unknown stage in a when": (
        "when: {stage: hot}\n",
        "when: {stage: hto}\n",
        {28},
        ["automations[2].when.stage", "no stage 'hto'"],
    ),
    "an unknown risk band": (
        "{riskEntered: high}",
        "{riskEntered: extreme}",
        {27},
        ["automations[2].trigger.riskEntered", "no risk band 'extreme'", "low, medium, high"],
    ),
    "two rules with one id": ("id: demo", "id: visit", {5, 6, 7}, ["two rules", "'visit'"]),
    "two automations with one id": (
        "id: tag-quiet",
        "id: call-hot",
        {22, 23, 26},
        ["two automations", "'call-hot'"],
    ),
    "two stages with one name": ("name: hot", "name: cold", {12, 14}, ["two stages", "'cold'"]),
    "two changes in a trigger": (
        "{stageEntered: hot}",
        "{stageEntered: hot, event: signup}",
        {24},
        ["exactly one of stageEntered"],
    ),
    "a trigger without a change": ("{stageEntered: hot}", "{stageEntered: }", {24}, ["exactly one of"]),
    "a test without a bound": ("{above: 6}", "{}", {18}, ["at least one of above"]),
    "a space in an id": ("id: tag-quiet", "id: tag quiet", {26}, ["'tag quiet'", "letters, digits, - and _"]),
    "a dollar in a tag": ("tag: quiet", "tag: $quiet", {30}, ["'$quiet'", "letters"]),
    "the lowest stage with a from": (
        "{name: cold}",
        "{name: cold, from: 0}",
        {12, 13},
        ["'cold'", "leave out"],
    ),
    "a stage without a from": ("{name: hot, from: 31}", "{name: hot}", {12, 14}, ["'hot'", "needs a 'from'"]),
    "bands that cross": ("highAfterDays: 7", "highAfterDays: 1", {16}, ["highAfterDays", "mediumAfterDays"]),
    "no last row": ("  - action: wait\n", "", {17, 18}, ["last row", "leave out its 'when'"]),
    "no rows at all": (
        FILE[FILE.index("nextAction") : FILE.index("automations")],
        "nextAction: []\n",
        {17},
        ["nextAction", "at least 1"],
    ),
    "a row that fits everyone too early": (
        "when: {stage: hot, velocity: {above: 6}}\n    action",
        "action",
        {17, 18},
        ["'call'", "fits every lead"],
    ),
    "an endless velocity": ("hours: 24, points: 3", "hours: 24, points: .inf", {15}, ["velocity.points"]),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_told_with_its_line_and_what_to_write(slip):
    old, new, lines, essentials = SLIPS[slip]
    assert old in FILE

    error = refused(FILE.replace(old, new, 1))

    message = str(error)
    assert all(essential in message for essential in essentials), message
    assert set(lines_named(error)) & lines, message
    assert all(fault.pointer.startswith("mine.yaml") for fault in error.faults)


@pytest.mark.parametrize("slip", SLIPS)
def test_no_slip_is_told_in_the_words_of_the_program(slip):
    old, new, *_ = SLIPS[slip]

    message = str(refused(FILE.replace(old, new, 1)))

    assert not JARGON.search(message), message


@pytest.mark.parametrize(
    ("lines", "missing"),
    [
        ((1,), "name"),
        ((2,), "version"),
        (range(3, 11), "score"),
        (range(11, 15), "stages"),
        ((15,), "velocity"),
        ((16,), "risk"),
        (range(17, 22), "nextAction"),
        ((9,), "score.rules[2].points"),
    ],
)
def test_a_missing_section_or_field_is_named(lines, missing):
    error = refused(without(FILE, *lines))

    assert [(fault.pointer.rsplit(", ")[-1], fault.detail) for fault in error.faults] == [
        (missing, "is missing; write it")
    ]


def test_every_slip_is_told_at_once_each_with_its_line():
    text = FILE.replace("points: 30", "points: many").replace("type: tag,", "type: email,")

    assert lines_named(refused(text)) == [9, 30]


@pytest.mark.parametrize("label", built_in_labels())
def test_a_rulebook_that_is_written_and_read_again_has_the_same_rules(label):
    assert parse_rulebook(rulebook_yaml(built_in(label))) == built_in(label)


@pytest.mark.parametrize(
    "word",
    [
        "on",
        "1e5",
        "0o17",
        "01067",
        "12:30",
        "~",
        "1_000",
        "true",
        "=",
        "",
        "5.",
        "- a",
        "#x",
        "\x85",
        "\u2028",
        "\n ü",
    ],
)
def test_a_word_that_looks_like_something_else_stays_a_word(word):
    rulebook = parse_rulebook(FILE).model_copy(update={"description": word})
    assert parse_rulebook(rulebook_yaml(rulebook)).description == word
