"""Text of rulebook files: what is no YAML is refused with its line, and words, numbers and truth values are those of YAML 1.2."""

from __future__ import annotations

import re
import time

import pytest

from domain.rulebooks.loader import parse_rulebook
from tests.domain.rulebooks.rulebook_file import FILE, LONGEST_MESSAGE, lines_named, refused, without


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
