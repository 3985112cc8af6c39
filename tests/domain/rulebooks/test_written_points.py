"""The points of a rule are found where they are written, and another number there is another rule and nothing else."""

from __future__ import annotations

import pytest

from domain.rule_lab.difference import compare_rulebooks
from domain.rulebooks.loader import parse_rulebook, rulebook_yaml
from domain.rulebooks.written_points import written_points
from engine.rulebooks.built_in import built_in, built_in_labels, built_in_text


def with_points(text, found, points):
    """The text with another number at the place."""
    lines = text.split("\n")
    line, start = lines[found.place.line - 1], found.place.column - 1
    assert line[start:].startswith(found.written)
    lines[found.place.line - 1] = line[:start] + points + line[start + len(found.written) :]
    return "\n".join(lines)


@pytest.mark.parametrize("label", built_in_labels())
def test_each_rule_of_a_built_in_rulebook_can_have_other_points(label):
    text = built_in_text(label)
    before = parse_rulebook(text)
    found = written_points(text)
    assert [float(one.written) for one in found] == [rule.points for rule in before.score.rules]
    for one in found[:: max(1, len(found) - 1)]:  # the first and the last
        after = parse_rulebook(with_points(text, one, "17.5"))
        (change,) = compare_rulebooks(before, after).changes
        assert change.place == ("score", "rules", before.score.rules[one.number].id, "points")
        assert change.after == 17.5


def test_a_written_document_has_its_points_too():
    text = rulebook_yaml(built_in("standard"))
    assert len(written_points(text)) == len(built_in("standard").score.rules)


def test_text_before_them_on_the_line_and_comments_behind_them_stay():
    text = (
        "name: Großkunden 🎉\nscore: {model: points, rules: [{label: 'Ü 🎉: 30', points: 30 , id: a}, "
        "{id: b},\n {id: c, points: -1e1}]} # 30\n"
    )
    first, last = written_points(text)
    assert (first.number, last.number, last.written) == (0, 2, "-1e1")
    assert with_points(text, first, "40") == text.replace("points: 30", "points: 40")


def test_a_text_without_rules_has_none():
    assert written_points("name: mine") == written_points("- 1") == written_points("score: {rules: 3}") == ()
