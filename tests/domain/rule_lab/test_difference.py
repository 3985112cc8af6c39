"""What a rulebook changes of another, each change with the class of what has to be computed for it."""

from __future__ import annotations

import pytest

from domain.rule_lab.difference import compare_rulebooks, digest_of
from domain.rulebooks.loader import parse_rulebook, rulebook_yaml
from domain.rulebooks.rulebook import Rulebook
from engine.rulebooks.built_in import built_in
from tests.growth import assert_linear


@pytest.fixture
def standard():
    return built_in("standard")


def changed(rulebook, change):
    content = rulebook.model_dump(mode="json", by_alias=True, exclude_none=True)
    change(content)
    return Rulebook.model_validate(content)


def the_rule(content, name):
    return next(rule for rule in content["score"]["rules"] if rule["id"] == name)


CHANGES = {
    "label": (
        lambda c: the_rule(c, "pricing-view").update(label="Prices"),
        "words",
        "Rule pricing-view (Prices): label Looked at prices -> Prices.",
    ),
    "grades": (
        lambda c: c["score"]["grades"].update(fit=[80, 50, 30]),
        "look",
        "Score: grades fit [75.0,50.0,30.0] -> [80.0,50.0,30.0].",
    ),
    "line": (lambda c: c["stages"]["steps"][1].update({"from": 12}), "path", "Stage warm: from 15 -> 12."),
    "points": (
        lambda c: the_rule(c, "pricing-view").update(points=8),
        "scale",
        "Rule pricing-view (Looked at prices): points 5 -> 8.",
    ),
    "half life": (
        lambda c: the_rule(c, "pricing-view").update(halfLifeDays=20),
        "refold",
        "Rule pricing-view (Looked at prices): half life days 10 -> 20.",
    ),
    "switched off": (
        lambda c: c["automations"][0].update(enabled=False),
        "path",
        "Automation call-qualified-lead: enabled yes -> no.",
    ),
    "rule gone": (
        lambda c: c["score"].update(rules=[r for r in c["score"]["rules"] if r["id"] != "deal-lost"]),
        "refold",
        "Rule deal-lost (Said no) is gone, was (",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_one_sentence_with_its_class(standard, name):
    change, wanted, text = CHANGES[name]
    (found,) = compare_rulebooks(standard, changed(standard, change)).changes
    assert (found.change_class, found.text[: len(text)]) == (wanted, text)


def test_the_heaviest_class_covers_all_and_no_change_is_words(standard):
    both = changed(standard, lambda c: [CHANGES["label"][0](c), CHANGES["points"][0](c)])
    assert compare_rulebooks(standard, both).change_class == "scale"
    same = compare_rulebooks(standard, standard)
    assert (same.changes, same.change_class) == ((), "words")


def test_the_order_of_rules_is_no_change_and_the_order_of_the_next_action_is(standard):
    assert (
        compare_rulebooks(standard, changed(standard, lambda c: c["score"]["rules"].reverse())).changes == ()
    )

    def swap(content):
        rows = content["nextAction"]
        rows[0], rows[1] = rows[1], rows[0]

    assert {one.change_class for one in compare_rulebooks(standard, changed(standard, swap)).changes} == {
        "look"
    }


def test_a_removed_row_is_one_change_not_one_for_each_row_behind_it(standard):
    (found,) = compare_rulebooks(standard, changed(standard, lambda c: c["nextAction"].pop(2))).changes
    assert found.text.startswith("Next action, row 3 is gone")


def test_the_digest_is_of_the_content_alone(standard):
    written = parse_rulebook("# a comment\n" + rulebook_yaml(standard))
    assert digest_of(written) == digest_of(standard)
    others = [changed(standard, change) for change, *_ in CHANGES.values()]
    assert len({digest_of(one) for one in (standard, *others)}) == len(others) + 1


def test_the_time_of_a_comparison_grows_as_the_rulebooks_do():
    def made(size, points):
        content = built_in("classic").model_dump(mode="json", by_alias=True, exclude_none=True)
        rule = {"event": ["x"], "points": points}
        content["score"]["rules"] = [{"id": f"r{n}", "label": f"Rule {n}", **rule} for n in range(size)]
        row = {"when": {"stage": ["hot"]}, "action": f"a{points}"}
        content["nextAction"] = [*[row] * size, {"action": "monitor"}]
        return Rulebook.model_validate(content)

    def pair(size):
        return made(size, 1), made(size, 2)

    assert len(compare_rulebooks(*pair(400)).changes) == 800
    assert_linear(lambda both: compare_rulebooks(*both), pair, 500)
