"""The time in which the probability of a lead is read, with every part of it: plain Python, without any I/O."""

from __future__ import annotations

import time
from collections.abc import Sequence

from domain.decisions.goal import WIN
from domain.instant import Millis
from domain.leads.fold import fold
from domain.leads.state import LeadState, initial_state
from domain.prediction.features import FEATURES, features_of
from domain.prediction.model import LevelTerm, Model, NumberTerm, Term
from domain.prediction.report import HeldOut
from domain.rulebooks.compiled import CompiledRulebook, compile_rulebook
from engine.rulebooks.library import load_rulebook
from scripts.bench.checks import verify
from scripts.bench.questions.fold import streams_of_week
from scripts.bench.report.figures import Figure, Row, below
from scripts.bench.workbench import Question, Workbench
from workflows.prediction.models import predict_lead

__all__ = ["READING"]

_EDGES = (0.5, 1.0, 3.0, 7.0, 14.0, 30.0)
_WEIGHTS = (0.6, 0.4, 0.1, -0.2, -0.7, -1.3, -1.9)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MICROSECONDS = 1_000_000


async def _answer(bench: Workbench) -> list[Row]:
    rulebook = compile_rulebook(load_rulebook("standard"))
    streams = streams_of_week(bench.size(5_000, 1_000))
    states = [fold(initial_state(lead_id, rulebook), events, rulebook).state for lead_id, events in streams]
    model, at = _model(rulebook), max(state.clock for state in states)
    samples = await bench.interleave({"reading": lambda _: _reading(states, at, rulebook, model)})
    return [
        Row(
            question=35,
            name="probability of a lead, with its parts",
            measured=Figure("us", samples["reading"]),
            reach=below(25),
            note=f"features and {len(model.terms)} terms; {len(states):,} leads of a simulated week; processor time",
        )
    ]


async def _reading(
    states: Sequence[LeadState], at: Millis, rulebook: CompiledRulebook, model: Model
) -> float:
    """Microseconds per lead."""
    started, read = time.process_time(), 0
    for state in states:
        read += predict_lead(state, at, rulebook, model) is not None
    seconds = time.process_time() - started
    verify(read == len(states), f"{read} of {len(states)} leads have a probability")
    return seconds / len(states) * _MICROSECONDS


def _model(rulebook: CompiledRulebook) -> Model:
    """A model with a term for every feature that leads under this rulebook can have, and made-up weights."""
    rules = [rule.id for rule in rulebook.document.score.rules if rule.id not in rulebook.decisive_rules]
    state = initial_state("", rulebook)
    plain = [*features_of(state, 0, rulebook, rulebook.decisive_rules), "ageDays", "quietDays"]
    numbers = [*plain, *(f"{kind}.{rule}" for kind in ("daysSince", "times") for rule in rules)]
    terms: list[Term] = [NumberTerm(name, _EDGES, _WEIGHTS, 0.0) for name in numbers]
    return Model(
        goal=WIN,
        version=1,
        rulebook=rulebook.label,
        features=FEATURES,
        known_at=0,
        position=0,
        backfilled=False,
        base=-2.0,
        shift=0.0,
        scale=1.0,
        terms=(*terms, LevelTerm("weekday", dict.fromkeys(_WEEKDAYS, 0.1), 0.0, 0.0)),
        labels={},
        held_out=HeldOut(),
        landmarks=0,
        wins=0,
        trained_with={},
    )


READING = Question("reading", "How fast is the probability of a lead read?", _answer, (35,))
