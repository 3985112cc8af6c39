"""A rulebook without some of its scoring rules, to ask what they make of a lead."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from functools import lru_cache

from domain.errors import Fault, Invalid
from domain.rulebooks.compiled import CompiledRulebook, compile_rulebook
from domain.rulebooks.rulebook import Rulebook
from domain.scoring.half_life_section import HalfLifeScoreSection

__all__ = ["without_scoring_rules"]


def without_scoring_rules(rulebook: CompiledRulebook, rule_ids: Collection[str]) -> CompiledRulebook:
    """The rulebook without these rules and attributes of fit. Its label stays: nothing that it makes may be stored.

    Raises `Invalid` for a rule that does not score.
    """
    if not rule_ids:
        return rulebook
    known = _scoring_rules(rulebook.document)
    if faults := tuple(_unknown(one, known) for one in rule_ids if one not in known):
        raise Invalid(f"Rulebook {rulebook.label} has no such rule that scores.", faults)
    return _compiled_without(_Held(rulebook), frozenset(rule_ids))


class _Held:
    """A rulebook as a key of the cache: equal to itself alone, because its content cannot be hashed."""

    def __init__(self, rulebook: CompiledRulebook) -> None:
        self.rulebook = rulebook

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.rulebook is self.rulebook

    def __hash__(self) -> int:
        return id(self.rulebook)


@lru_cache(maxsize=32)
def _compiled_without(held: _Held, rule_ids: frozenset[str]) -> CompiledRulebook:
    document = held.rulebook.document
    score = document.score
    rules = tuple(rule for rule in score.rules if rule.id not in rule_ids)
    changed: dict[str, object] = {"rules": rules}
    if isinstance(score, HalfLifeScoreSection) and score.fit is not None:
        left = tuple(one for one in score.fit.attributes if one.id not in rule_ids)
        changed["fit"] = score.fit.model_copy(update={"attributes": left}) if left else None
    fewer = score.model_copy(update=changed)
    return compile_rulebook(document.model_copy(update={"score": fewer}))


def _scoring_rules(document: Rulebook) -> list[str]:
    score = document.score
    fit = score.fit.attributes if isinstance(score, HalfLifeScoreSection) and score.fit is not None else ()
    return [*(rule.id for rule in score.rules), *(attribute.id for attribute in fit)]


def _unknown(rule_id: str, known: list[str]) -> Fault:
    close = get_close_matches(rule_id, known, n=1)
    guess = f"; did you mean '{close[0]}'?" if close else ""
    return Fault("", f"there is no rule '{rule_id}' that scores{guess}")
