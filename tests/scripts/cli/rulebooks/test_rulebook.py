"""`lead-engine rulebook`: checks and explanations of rulebooks."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from scripts.cli import cli

RULEBOOK = """\
name: mine
version: 3
description: Rules for a test.
score:
  model: half-life
  groups:
    - {id: web, label: Website, cap: {low: -5, high: 35}}
  rules:
    - {id: price, group: web, label: Looked at prices, event: [page_view, page.viewed], where: {path: {prefix: /pricing}},
       points: 5, halfLifeDays: 21, cap: {low: 0, high: 15}, repeat: {atMost: 2, per: day}}
    - {id: guide, group: web, label: Read the guide, event: download, points: -8, repeat: {oncePer: asset}}
  fit:
    weight: 0.4
    attributes:
      - {id: size, attribute: companySize, label: Size, cases: [{when: {range: [50, null]}, points: 33}], unknown: 12}
stages:
  steps: [{name: cold}, {name: warm, from: 20}, {name: hot, from: 40}]
  hysteresis: 0.15
  overrideDays: 14
velocity: {model: rhythm, sessionMinutes: 45, surgeP: 0.03}
risk: {model: dropout, mediumFrom: 0.25, highFrom: 0.65}
contact: {opensConversation: email.replied, suppresses: [do_not_contact]}
nextAction:
  - {when: {stage: hot, risk: [low, medium], momentum: {atLeast: 1}}, action: call, because: Busy and with us.}
  - {action: wait}
automations:
  - id: call-hot
    trigger: {stageEntered: hot}
    when: {surge: true}
    minScore: 45
    period: week
    maxAgeHours: 48
    action: {type: task, title: "Call {leadId}", dueInHours: 4, priority: high}
  - {id: tell, trigger: {dropWithinDays: 7}, enabled: false, action: {type: webhook, event: lead.falling}}
""".replace("opensConversation: email.replied", "opensConversation: [email.replied]")


@pytest.fixture
def run(tmp_path):
    """Run `lead-engine rulebook ...`; FILE stands for a file with the given text."""

    def run(*words, text=RULEBOOK, env=None):
        file = tmp_path / "mine.yaml"
        file.write_text(text, encoding="utf-8")
        said = [str(file) if word == "FILE" else word for word in words]
        return CliRunner().invoke(cli, ["rulebook", *said], env={"COLUMNS": "80", **(env or {})})

    return run


def flat(text):
    """The words without the line breaks of the terminal."""
    return " ".join(text.split())


def test_a_valid_rulebook_is_one_line_with_its_name_version_and_numbers(run):
    result = run("check", "FILE")
    assert (result.exit_code, result.stdout) == (0, "mine version 3 is valid: 2 rules, 2 automations.\n")


def test_every_fault_is_reported_with_line_field_and_what_to_write(run):
    result = run(
        "check", "FILE", text=RULEBOOK.replace("21", "soon").replace("priority: high", "priority: top")
    )
    assert (result.exit_code, result.stdout) == (1, "")
    assert "mine.yaml, line 10, score.rules[1].halfLifeDays: should be a valid number" in result.stderr
    assert (
        "automations[1].action.priority: 'top' is not possible; write one of 'low', 'normal'" in result.stderr
    )


def test_a_stage_that_does_not_exist_is_reported_with_those_that_do(run):
    result = run("check", "FILE", text=RULEBOOK.replace("stage: hot,", "stage: hod,"))
    assert result.exit_code == 1
    assert "nextAction[1].when.stage: there is no stage 'hod'; write one of cold, warm, hot" in result.stderr


def test_a_file_that_is_not_there_is_one_message(run):
    result = run("check", "nowhere.yaml")
    assert result.exit_code == 1
    assert result.stderr.startswith("There is no rulebook 'nowhere.yaml': write one of classic, standard")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        "mine, version 3",
        "Website, which counts -5 to 35 in all",
        "+5 Looked at prices 21 days 2 times a day 0 to 15",
        "page_view or page.viewed where path begins with /pricing",
        "-8 Read the guide never once per asset",
        "40 % fit and 60 % engagement",
        "+33 at least 50",
        "+12 not known",
        "warm 20 17",
        "hot 40 34",
        "holds for 14 days",
        "at most 45 minutes apart",
        "less than 3 % of the time",
        "Low below 25 %, medium from there, high from 65 %",
        "An answer is owed after email.replied",
        "No contact after do_not_contact",
        "hot, risk low or medium, momentum at least 1 call Busy and with us.",
        "anything else wait",
        "When the lead enters hot from below, if it then is in a surge and has score at least 45: a task",
        'a task "Call {leadId}", due in 4 hours, priority high.',
        "At most once a week; not if the event comes in more than 2 days late.",
        "tell (switched off) When it will fall a stage within 7 days: a webhook lead.falling.",
    ],
)
def test_explain_says_it_in_words(run, words):
    result = run("explain", "FILE", env={"COLUMNS": "160"})  # wide, so that no cell is broken
    assert result.exit_code == 0
    assert words in flat(result.stdout)


def test_explain_fits_80_columns_and_has_no_colour_without_a_terminal(run):
    result = run("explain", "standard")
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "\x1b" not in result.stdout


def test_explain_shows_plain_points_and_idle_decay(run):
    result = flat(run("explain", "classic").stdout)
    assert "+30 Requested a demo" in result
    assert "After more than 7 days without activity all points are worth 80 % of what they were" in result
    assert "3 for each event in the last 24 hours" in result
    assert "Medium after more than 3 days without activity, high after more than 7 days" in result


def test_explain_without_a_name_shows_the_rulebook_of_the_settings(run):
    assert run("explain", env={"RULEBOOK": "standard"}).stdout.startswith("standard, version")
    assert run("explain", env={"RULEBOOK": "classic"}).stdout.startswith("classic, version")


def test_square_brackets_in_a_label_are_shown_as_they_are(run):
    result = run("explain", "FILE", text=RULEBOOK.replace("Read the guide", '"Read [bold]the guide"'))
    assert "Read [bold]the guide" in result.stdout


def test_schema_is_json_and_names_its_dialect(run):
    schema = json.loads(run("schema").stdout)
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["title"] == "Rulebook"
    assert "nextAction" in schema["properties"]


def test_diff_says_in_words_what_changes_and_the_class_and_digest(run):
    result = run("diff", "standard@2", "standard")
    assert result.exit_code == 0
    assert "refold  Rule reply-interested (Is interested) is new" in result.output
    assert "Class: refold. Digest of standard@3: " in result.output
    document = json.loads(run("diff", "standard", "standard", "--json").output)
    assert (document["class"], document["changes"]) == ("words", [])
