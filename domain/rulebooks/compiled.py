"""The compiled rulebook: plain frozen objects that evaluate events and leads, made once from the document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from msgspec import Struct

from domain.accounts.account_rules import AccountRules
from domain.automations.automations import Automations, compile_automations
from domain.decisions.contact import ContactRules
from domain.decisions.goal import Goal
from domain.decisions.next_action import DecisionTable, compile_rows
from domain.decisions.outcome import OutcomeRules
from domain.decisions.stage import StageLadder
from domain.risk.mbg_nbd import MbgNbdState
from domain.risk.silence import SilenceState
from domain.rulebooks.models import RiskModel, ScoreModel, VelocityModel
from domain.rulebooks.rulebook import Rulebook
from domain.scoring.half_life import HalfLifeState
from domain.scoring.points import PointsState
from domain.velocity.sessions import SessionState
from domain.velocity.window import WindowState

__all__ = ["CompiledRulebook", "RiskState", "ScoreState", "VelocityState", "compile_rulebook"]

ScoreState = PointsState | HalfLifeState
VelocityState = WindowState | SessionState
RiskState = SilenceState | MbgNbdState


class CompiledRulebook(Struct, frozen=True):
    """A rulebook in executable form; `document` is what a person wrote, and what is published."""

    name: str
    version: int
    label: str
    score: ScoreModel[ScoreState]
    velocity: VelocityModel[VelocityState]
    risk: RiskModel[RiskState]
    stages: StageLadder
    contact: ContactRules
    outcome: OutcomeRules
    goals: tuple[Goal, ...]
    decisions: DecisionTable
    automations: Automations
    accounts: AccountRules
    decay_min_delta: float
    decisive_rules: frozenset[str]
    """The ids of the scoring rules over our own actions, or over events that decide the outcome."""
    document: Rulebook


def compile_rulebook(document: Rulebook) -> CompiledRulebook:
    """The document in executable form.

    Each model accepts its own kind of state only. A lead never holds another kind, because its state carries the label of
    its rulebook: under another one it is folded again from its events.
    """
    contact, outcome = document.contact.compile(), document.outcome.compile()
    return CompiledRulebook(
        name=document.name,
        version=document.version,
        label=document.label,
        score=cast("ScoreModel[ScoreState]", document.score.compile(contact.our_actions)),
        velocity=cast("VelocityModel[VelocityState]", document.velocity.compile()),
        risk=cast("RiskModel[RiskState]", document.risk.compile()),
        stages=document.stages.compile(),
        contact=contact,
        outcome=outcome,
        goals=document.goals_or_win,
        decisions=compile_rows(document.next_action),
        automations=compile_automations(
            document.automations, document.stages.names, outcome, document.timezone
        ),
        accounts=document.accounts.compile(),
        decay_min_delta=document.decay_min_delta,
        decisive_rules=frozenset(_rules_over(document, {*outcome.by_type, *contact.our_actions})),
        document=document,
    )


def _rules_over(document: Rulebook, types: set[str]) -> Iterator[str]:
    """The ids of the scoring rules over any of these types of events."""
    for rule in document.score.rules:
        if not types.isdisjoint((rule.event,) if isinstance(rule.event, str) else rule.event):
            yield rule.id
