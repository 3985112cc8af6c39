"""Training of a prediction model: learn from early landmarks, and test on the last ones.

Between the two periods lies one horizon, so that nothing of the later one was known in the earlier one. What passes the gate
is learnt once more from all landmarks, and says how it was tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from domain.decisions.goal import Goal
from domain.errors import Invalid
from domain.instant import Millis
from domain.prediction.features import FEATURES
from domain.prediction.gate import MIN_TEST, failures, too_little
from domain.prediction.model import Model, Term, probability_of
from domain.prediction.report import auc, evaluate, logistic_scaling, wilson
from domain.rulebooks.compiled import CompiledRulebook
from workflows.prediction.table import LandmarkTable

__all__ = ["Learnt", "TooLittleData", "Trained", "learn_from", "probabilities", "probabilities_by", "train"]

_LAST = 0.25
"""The share of the time that is held out for the test."""
_FOLDS = 4
_LEAST_FOR_SCALE = 20
_SCALES = 0.3, 1.5


class TooLittleData(Invalid):
    """There is too little to learn from; the message says what, and the base rate with its interval."""


class Trained(NamedTuple):
    """A model and the tests of the gate that it fails; it may be activated if there are none."""

    model: Model
    failures: tuple[str, ...]


def train(
    table: LandmarkTable,
    goal: Goal,
    rulebook: CompiledRulebook,
    *,
    version: int,
    known_at: Millis,
    position: int,
    active: Model | None = None,
) -> Trained:
    """Learn a model from matured landmarks. Raises `TooLittleData`.

    `active` is the model that is shown today: the new one must not rank worse on landmarks that neither has seen.
    """
    training, test = _split(table, range(len(table)), goal)
    if reason := too_little(*_leads(table, training), *_leads(table, test)):
        raise TooLittleData(_base_rate(table, goal, reason))
    reached = [bool(table.reached[row]) for row in test]
    tried = learn_from(table, training)
    predicted = probabilities(table, tried, test)
    held_out = evaluate(predicted, reached, [table.scores[row] for row in test])
    beside = None if active is None else _beside(table, active, tried, test)
    failed = failures(held_out, predicted, reached, beside)
    final = _fit(table, range(len(table)))
    model = Model(
        goal=goal,
        version=version,
        rulebook=rulebook.label,
        features=FEATURES,
        known_at=known_at,
        position=position,
        backfilled=table.backfilled,
        base=final[0],
        shift=tried.shift,
        scale=tried.scale,
        terms=final[1],
        labels=_labels(rulebook),
        held_out=held_out,
        landmarks=len(table),
        wins=table.wins,
        trained_with=_versions(),
    )
    return Trained(model, failed)


class Learnt(NamedTuple):
    """The base and terms that were learnt, and their recalibration."""

    base: float
    terms: tuple[Term, ...]
    shift: float
    scale: float


def learn_from(table: LandmarkTable, rows: Sequence[int]) -> Learnt:
    """A model from these rows, recalibrated by what models without a quarter of the leads say of these leads."""
    base, terms = _fit(table, rows)
    if min(_leads(table, rows)) < _LEAST_FOR_SCALE:
        return Learnt(base, terms, 0.0, 1.0)
    folds = [_fold(lead_id) for lead_id in table.leads]
    log_odds: list[float] = []
    reached: list[bool] = []
    for fold in range(_FOLDS):
        held = [row for row in rows if folds[row] == fold]
        others = Learnt(*_fit(table, [row for row in rows if folds[row] != fold]), 0.0, 1.0)
        log_odds += _log_odds(table, others, held)
        reached += [bool(table.reached[row]) for row in held]
    shift, scale = logistic_scaling(log_odds, reached)
    return Learnt(base, terms, shift, min(max(scale, _SCALES[0]), _SCALES[1]))


def _fold(lead_id: str) -> int:
    return blake2b(lead_id.encode(), digest_size=8).digest()[0] % _FOLDS


def _fit(table: LandmarkTable, rows: Sequence[int]) -> tuple[float, tuple[Term, ...]]:
    try:
        from workflows.prediction.fit import fit  # noqa: PLC0415 - numpy is needed for training only
    except ModuleNotFoundError as error:
        raise Invalid(
            "Training needs numpy: install the engine with its extra, `pip install lead-engine[prediction]`."
        ) from error
    return fit(table, rows)


def _split(table: LandmarkTable, rows: Sequence[int], goal: Goal) -> tuple[list[int], list[int]]:
    """The rows before the last quarter of their time and a horizon, and those in it."""
    if not rows:
        return [], []
    first, last = min(table.at[row] for row in rows), max(table.at[row] for row in rows)
    start = last - int((last - first) * _LAST)
    early = [row for row in rows if table.at[row] + goal.horizon <= start]
    return early, [row for row in rows if table.at[row] >= start]


def _leads(table: LandmarkTable, rows: Sequence[int]) -> tuple[int, int]:
    """Leads that reached the goal after one of these landmarks, and leads that did not after another."""
    won = {table.leads[row] for row in rows if table.reached[row]}
    others = {table.leads[row] for row in rows if not table.reached[row]}
    return len(won), len(others - won)


def _log_odds(table: LandmarkTable, learnt: Learnt, rows: Sequence[int]) -> list[float]:
    from workflows.prediction.fit import log_odds_of  # noqa: PLC0415 - numpy is needed for training only

    found = learnt.base + log_odds_of(table, learnt.terms, rows)
    return [float(one) for one in learnt.shift + learnt.scale * found]


def probabilities(table: LandmarkTable, learnt: Learnt, rows: Sequence[int]) -> list[float]:
    """What was learnt says of these rows."""
    return [probability_of(one) for one in _log_odds(table, learnt, rows)]


def probabilities_by(table: LandmarkTable, model: Model, rows: Sequence[int]) -> list[float]:
    """What a model says of these rows."""
    return probabilities(table, Learnt(model.base, model.terms, model.shift, model.scale), rows)


def _beside(
    table: LandmarkTable, active: Model, tried: Learnt, test: Sequence[int]
) -> tuple[float, float] | None:
    """The AUC of what was learnt and of the active model, on landmarks that neither has seen; None if they are too few."""
    rows = [row for row in test if table.at[row] + active.goal.horizon > active.known_at]
    if min(_leads(table, rows)) < MIN_TEST:
        return None
    reached = [bool(table.reached[row]) for row in rows]
    of_active = probabilities_by(table, active, rows)
    return auc(probabilities(table, tried, rows), reached), auc(of_active, reached)


def _base_rate(table: LandmarkTable, goal: Goal, reason: str) -> str:
    low, high = wilson(table.wins, len(table))
    share = f"{table.wins / len(table):.0%} ({low:.0%} to {high:.0%})" if len(table) else "not known"
    return (
        f"Too little data for '{goal.name}': {reason}. Of {len(table)} landmarks of {len(set(table.leads))} leads that are "
        f"{goal.horizon_days} days old, the share that reached it is {share}."
    )


def _labels(rulebook: CompiledRulebook) -> dict[str, str]:
    refused = rulebook.decisive_rules
    score = rulebook.document.score
    found = {rule.id: rule.label or rule.id for rule in score.rules if rule.id not in refused}
    if (fit := getattr(score, "fit", None)) is not None:
        found |= {one.attribute: one.label or one.attribute for one in fit.attributes}
    return found


def _versions() -> dict[str, str]:
    import numpy as np  # noqa: PLC0415

    return {"numpy": np.__version__}
