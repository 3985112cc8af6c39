"""The nightly job of prediction: trains each goal when enough has matured, and looks for drift of what is active."""

from __future__ import annotations

import logging

from domain.decisions.goal import Goal
from domain.errors import Conflict
from domain.instant import DAY
from engine.operations.audit_log import ENGINE
from engine.prediction.training_store import TrainingResult
from engine.runtime import Runtime
from workflows.prediction.drift import look_for_drift
from workflows.prediction.models import activate_model
from workflows.prediction.train import TooLittleData
from workflows.prediction.training import train_model

__all__ = ["train_if_due", "train_nightly"]

_log = logging.getLogger(__name__)

_WEEK = 7 * DAY
"""Landmarks are Mondays: more of them mature once a week."""
_MORE_WINS = 10
_MORE_LANDMARKS = 1.1


async def train_nightly(runtime: Runtime) -> None:
    """Train each goal of the active rulebook that is due, and look for drift of its active model."""
    for goal in runtime.rulebook.goals:
        try:
            await train_if_due(runtime, goal)
        except (TooLittleData, Conflict) as error:
            _log.info("%s", error)
        await look_for_drift(runtime, goal)


async def train_if_due(runtime: Runtime, goal: Goal) -> str | None:
    """Train a goal a week or more after the last time if enough has matured since, or go on with a stopped training.

    Returns the label of the model; None if it is not due. One that passes its tests is activated if PREDICTION_ACTIVATE
    says so. Raises what `train_model` raises.
    """
    store, label = runtime.prediction.trainings, runtime.rulebook.label
    last = await store.result(goal.name)
    if last is not None and last.rulebook != label:
        last = None
    is_running = await store.running(goal.name) is not None
    if last is not None and not is_running and last.known_at > runtime.now() - _WEEK:
        return None

    def is_enough(found: TrainingResult) -> bool:
        return last is None or last.model is None or _has_grown(last, found)

    stored = await train_model(runtime, ENGINE, goal, is_enough=is_enough)
    model = stored.model
    _log.info("Trained %s: %s", model.label, "; ".join(stored.failures) or "it passes every test")
    if runtime.settings.prediction_activate == "auto" and not stored.failures:
        await activate_model(runtime, ENGINE, model.label)
    return model.label


def _has_grown(last: TrainingResult, found: TrainingResult) -> bool:
    return found.wins >= last.wins + _MORE_WINS or found.landmarks >= last.landmarks * _MORE_LANDMARKS
