"""Faults of a rulebook file name the line, the field and what to write."""

from __future__ import annotations

import re
import time

import pytest

from domain.errors import Invalid
from domain.rulebooks.loader import parse_rulebook, rulebook_yaml
from engine.rulebooks.built_in import built_in, built_in_labels

LONGEST_MESSAGE = 4_000
JARGON = re.compile(
    r"pydantic|tuple|dictionary|instance of|\bdict\b|\bNone\b|NoneType|Traceback|validation error|errors\.\w+\.dev"
)

FILE = """\
name: mine
version: 3
score:
  model: points
  rules:
    - {id: visit, event: page_view, points: 1, label: Visited}
    - id: demo
      event: [demo_request, demo.booked]
      points: 30
  idleDecay: {afterDays: 7, factor: 0.8}
stages:
  steps:
    - {name: cold}
    - {name: hot, from: 31}
velocity: {model: window, hours: 24, points: 3}
risk: {model: silence, mediumAfterDays: 3, highAfterDays: 7}
nextAction:
  - when: {stage: hot, velocity: {above: 6}}
    action: call
    because: Hot and busy.
  - action: wait
automations:
  - id: call-hot
    trigger: {stageEntered: hot}
    action: {type: task, title: "Call {leadId}"}
  - id: tag-quiet
    trigger: {riskEntered: high}
    when: {stage: hot}
    period: week
    action: {type: tag, tag: quiet}
"""


def without(text, *lines):
    return "".join(
        line for number, line in enumerate(text.splitlines(keepends=True), 1) if number not in lines
    )


def refused(text):
    with pytest.raises(Invalid) as refusal:
        parse_rulebook(text, "mine.yaml")
    return refusal.value


def lines_named(error):
    return [int(number) for fault in error.faults for number in re.findall(r"line (\d+)", fault.pointer)]


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


@pytest.mark.parametrize(
    ("text", "line", "essential"),
    [
        ("name: mine\n\tversion: 1\n", 2, r"\t"),
        ("name: mine\nversion: [1\nscore: 2\n", 3, "expected"),
        ("name: 'mine\nversion: 1\n", 3, "unexpected end"),
        ("name: mine\n version: 1\n", 2, "mapping"),
        ("name: mine\n---\nname: yours\n", 2, "document"),
        ("name: !!python/object/apply:os.getcwd []\n", 1, "tag"),
        ("name: !secret x\n", 1, "!secret"),
    ],
)
def test_text_that_is_not_yaml_is_refused_with_the_line_at_which_it_ends_to_be(text, line, essential):
    error = refused(text)

    assert error.message == "mine.yaml is not YAML."
    assert lines_named(error) == [line]
    assert essential in str(error)


@pytest.mark.parametrize("text", ["name: *mine\n", "name: &mine mine\nlabel: *mine\n"])
def test_an_alias_is_refused_with_its_line_and_what_to_write_instead(text):
    error = refused(text)

    assert lines_named(error) == [len(text.splitlines())]
    assert "an alias (*) is not possible here; write it out" in str(error)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing but a comment\n", "- a\n- b\n", "classic", "5", "~"])
def test_a_file_that_holds_no_sections_is_told_which_ones_to_write(text):
    message = str(refused(text))

    assert "mine.yaml is not a rulebook" in message
    assert all(section in message for section in ("name", "version", "score", "stages", "nextAction"))


@pytest.mark.parametrize(
    "text",
    [
        "name: mine\nversion: \x01\n",
        "1: one\n",
        "? [a, b]\n: c\n",
        "name: &a [*a]\n",
        "version: !!int many\n",
        "version: !!float many\n",
        "version: !!bool maybe\n",
        "version: !!timestamp today\n",
        "version: " + "1" * 5_000 + "\n",
        "name: " + "[" * 2_000 + "\n",
        "name: " + "{a: " * 2_000 + "\n",
        "{<<: 5}\n",
    ],
    ids=[
        "control character",
        "number for a key",
        "list for a key",
        "list in itself",
        "int tag",
        "float tag",
        "bool tag",
        "date tag",
        "endless number",
        "deep list",
        "deep mapping",
        "merge of a number",
    ],
)
def test_no_text_whatever_ends_in_anything_but_a_refusal(text):
    error = refused(text)

    assert error.faults
    assert len(str(error)) < LONGEST_MESSAGE


@pytest.mark.parametrize("twice", ["version: 3\n", "velocity: {model: window, hours: 1}\n"])
def test_a_key_that_is_written_twice_is_refused_not_silently_dropped(twice):
    key = twice.split(":")[0]

    assert key in str(refused(FILE + twice))


@pytest.mark.parametrize(
    ("written", "name"),
    [("on", "on"), ("no", "no"), ("yes", "yes"), ("off", "off"), ("2024-01-31", "2024-01-31"), ("y", "y")],
)
def test_words_and_dates_stay_the_words_they_look_like(written, name):
    rules = parse_rulebook(FILE.replace("name: mine", f"name: {written}"))

    assert rules.name == name


@pytest.mark.parametrize(
    "word", ["01067", "1_000", "12:30", "190:20:30", "0b11", "yes", "off", "2024-01-31", "007", "09"]
)
def test_what_yaml_1_2_takes_for_a_word_is_one(word):
    assert value_of(word) == word


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0", 0),
        ("-5", -5),
        ("+5", 5),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1e3", 1000),
        ("1.0E-2", 0.01),
        ("0x1F", 31),
        ("0o17", 15),
    ],
)
def test_what_yaml_1_2_takes_for_a_number_is_one(written, number):
    found = value_of(written)

    assert (found, type(found)) == (number, type(number) if isinstance(number, float) else type(found))
    assert not isinstance(found, (str, bool))


@pytest.mark.parametrize(("written", "truth"), [("true", True), ("True", True), ("FALSE", False)])
def test_what_yaml_1_2_takes_for_a_truth_value_is_one(written, truth):
    assert value_of(written) is truth


def value_of(written):
    """The value that the test of a property is compared with."""
    rule = "{id: a, group: g, event: page_view, points: 1, where: {plan: <value>}}".replace(
        "<value>", written
    )
    score = f"score: {{model: half-life, groups: [{{id: g}}], rules: [{rule}]}}\n"
    text = re.sub(r"^score:\n(?: .*\n)+", score, FILE, flags=re.MULTILINE)
    return parse_rulebook(text).score.rules[0].where.properties["plan"].equals


def test_an_event_type_may_look_like_a_word_for_no():
    assert parse_rulebook(FILE.replace("event: page_view", "event: no")).score.rules[0].event == ("no",)


@pytest.mark.parametrize(
    ("written", "enabled"), [("true", True), ("false", False), ("no", False), ("on", True)]
)
def test_a_rule_is_switched_with_any_plain_yes_or_no(written, enabled):
    text = FILE.replace("id: tag-quiet", f"id: tag-quiet\n    enabled: {written}")

    assert parse_rulebook(text).automations[1].enabled is enabled


@pytest.mark.parametrize(
    "same", [FILE.replace("\n", "\r\n"), "\ufeff" + FILE, "---\n" + FILE, FILE + "...\n", FILE + "\n# end\n"]
)
def test_how_an_editor_saves_the_file_does_not_matter(same):
    assert parse_rulebook(same) == parse_rulebook(FILE)


def test_the_line_is_that_of_the_file_whatever_stands_above_it():
    text = "# a comment\n\n# another\n" + FILE.replace("points: 30", "points: many")

    assert lines_named(refused(text)) == [12]


def test_a_long_value_is_not_repeated_in_full():
    message = str(refused(FILE.replace("name: mine", f"name: {'m' * 50_000}")))

    assert len(message) < LONGEST_MESSAGE


def doubled(levels):
    """A list that doubles with each of some short lines."""
    steps = "".join(f"x{n}: &x{n} [*x{n - 1}, *x{n - 1}]\n" for n in range(1, levels + 1))
    return f"x0: &x0 [lol, lol]\n{steps}name: *x{levels}\n" + without(FILE, 1)


def merged(levels):
    """The same with merged mappings, which YAML libraries copy while they read."""
    steps = "".join(f"x{n}: &x{n} {{<<: [*x{n - 1}, *x{n - 1}]}}\n" for n in range(1, levels + 1))
    return f"x0: &x0 {{a: 1, b: 2}}\n{steps}" + FILE


def test_a_few_lines_of_anchors_cannot_blow_up_the_message():
    assert len(str(refused(doubled(14)))) < LONGEST_MESSAGE


def test_a_few_lines_of_merges_cannot_blow_up_the_work():
    def work(levels):
        start = time.process_time()
        refused(merged(levels))
        return time.process_time() - start

    # A few lines more are a little more work, not thousands of times as much.
    assert work(18) < 20 * max(work(4), 0.003)


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
