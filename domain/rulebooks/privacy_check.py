"""Rules must not depend on what a personal field holds: it is sealed, and one day it may be erased."""

from __future__ import annotations

from collections.abc import Iterator

from domain.privacy.personal_fields import PersonalFields
from domain.rule_language.matcher import Matcher
from domain.rule_language.yaml_reader import LocatedError
from domain.rulebooks.models import ScoreModel
from domain.scoring.fit import Fit
from domain.scoring.half_life import HalfLifeRule, HalfLifeScore

__all__ = ["check_privacy"]

Place = tuple[str | int, ...]


def check_privacy(score: ScoreModel, fields: PersonalFields) -> None:
    """Raises `LocatedError` at the first rule that looks into a personal field; `exists` is all that it may ask."""
    for name, place in _looks(score):
        if name in fields:
            raise LocatedError(
                f"'{name}' is a personal field (PERSONAL_FIELDS), sealed and one day erased: "
                "a rule may only ask whether it is there, with exists",
                place,
            )


def _looks(score: ScoreModel) -> Iterator[tuple[str, Place]]:
    """Every property whose value makes a difference, and where the rulebook says so."""
    if not isinstance(score, HalfLifeScore):
        return
    for number, rule in enumerate(score.rules):
        yield from _looks_of_rule(rule, ("score", "rules", number))
    if score.fit is not None:
        yield from _looks_of_fit(score.fit, ("score", "fit", "attributes"))


def _looks_of_rule(rule: HalfLifeRule, place: Place) -> Iterator[tuple[str, Place]]:
    for name, test in rule.where.items():
        if _looks_inside(test):
            yield name, (*place, "where", name)
    if rule.repeat is not None and rule.repeat.once_per is not None:
        yield rule.repeat.once_per, (*place, "repeat", "oncePer")


def _looks_of_fit(fit: Fit, place: Place) -> Iterator[tuple[str, Place]]:
    for number, attribute in enumerate(fit.attributes):
        for case_number, case in enumerate(attribute.cases):
            if _looks_inside(case.when):
                yield attribute.attribute, (*place, number, "cases", case_number, "when")


def _looks_inside(test: Matcher) -> bool:
    return test.exists is None or test.said > 1
