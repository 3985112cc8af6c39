"""Rules may ask whether a personal field is there, and nothing else."""

from __future__ import annotations

import pytest
import yaml

from domain.errors import Invalid
from domain.privacy.personal_fields import PersonalFields
from domain.rulebooks.loader import parse_rulebook
from domain.rulebooks.rulebook import Rulebook

ONLY_IF_THERE = "a rule may only ask whether it is there, with exists"
RULE = {"id": "form", "group": "web", "event": "form", "points": 5}


@pytest.fixture
def text(standard_sections):
    """The rulebook `standard` as a file, its rules or its fit replaced: `text(rules=[...])`."""

    def text(rules=None, attributes=None):
        score = dict(standard_sections["score"])
        if rules is not None:
            score["rules"] = rules
        if attributes is not None:
            score["fit"] = {"weight": 0.3, "attributes": attributes}
        return yaml.safe_dump({**standard_sections, "score": score}, sort_keys=False)

    return text


def refused(text, **options):
    with pytest.raises(Invalid) as refusal:
        parse_rulebook(text, "mine.yaml", **options)
    (fault,) = refusal.value.faults
    return fault


def line_of(fault, text):
    """The line that a fault names."""
    number = int(fault.pointer.split("line ")[1].split(",")[0])
    return text.splitlines()[number - 1].strip()


@pytest.mark.parametrize(
    "test",
    [
        "ada@example.com",
        {"prefix": "ada"},
        {"in": ["a", "b"]},
        {"range": [0, 5]},
        {"exists": True, "prefix": "a"},
    ],
)
def test_a_rule_that_looks_into_a_personal_field_is_refused_with_line_and_field(text, test):
    file = text(rules=[RULE, {**RULE, "id": "second", "where": {"email": test}}])
    fault = refused(file)
    assert fault.pointer.startswith("mine.yaml, line ")
    assert fault.pointer.endswith("score.rules[2].where.email")
    assert line_of(fault, file).startswith("email:")
    assert "'email' is a personal field" in fault.detail
    assert ONLY_IF_THERE in fault.detail


def test_once_per_personal_field_is_refused_for_every_sealed_value_is_another(text):
    file = text(rules=[{**RULE, "repeat": {"oncePer": "Phone_Number"}}])
    fault = refused(file)
    assert fault.pointer.endswith("score.rules[1].repeat.oncePer")
    assert line_of(fault, file) == "oncePer: Phone_Number"
    assert "'Phone_Number' is a personal field" in fault.detail


def test_fit_by_what_a_personal_field_holds_is_refused(text):
    attribute = {
        "attribute": "name",
        "id": "name",
        "cases": [{"when": {"exists": True}, "points": 1}, {"when": "Ada", "points": 5}],
    }
    file = text(attributes=[attribute])
    fault = refused(file)
    assert fault.pointer.endswith("score.fit.attributes[1].cases[2].when")
    assert line_of(fault, file) == "- when: Ada"


@pytest.mark.parametrize("there", [True, False])
def test_whether_a_personal_field_is_there_may_be_asked(text, there):
    when = {"exists": there}
    rules = parse_rulebook(text(rules=[{**RULE, "where": {"email": when}}]))
    assert rules.score.rules[0].where.properties["email"].exists is there
    attributes = [{"attribute": "phone", "id": "phone", "cases": [{"when": when, "points": 5}]}]
    assert parse_rulebook(text(attributes=attributes)).score.fit.attributes[0].attribute == "phone"


def test_what_is_personal_is_for_the_settings_to_say(text):
    asks_email = text(rules=[{**RULE, "where": {"email": "x"}}])
    assert parse_rulebook(asks_email, personal_fields=PersonalFields.named("plan")).score.rules
    asks_plan = text(rules=[{**RULE, "where": {"plan": "gold"}}])
    assert parse_rulebook(asks_plan).score.rules
    assert (
        "'plan' is a personal field"
        in refused(asks_plan, personal_fields=PersonalFields.named("plan")).detail
    )


def test_a_published_rulebook_stays_readable_whatever_became_personal_since(text):
    content = yaml.safe_load(text(rules=[{**RULE, "where": {"email": "x"}}]))
    assert Rulebook.model_validate(content).score.rules
