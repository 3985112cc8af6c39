"""Routes of prediction models: listed with their figures, activated, and rolled back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from litestar import get, post
from litestar.params import QueryParameter

from api.access.actor import CurrentActor
from api.http.parameters import PathText, RuntimeDep, invalid_parameter
from api.http.problems import problems
from api.http.view import View
from api.prediction.drift_view import DriftView, drift_view
from domain.decisions.goal import WIN, Goal
from domain.instant import to_datetime
from domain.prediction.drift import Drift
from domain.prediction.report import Group
from engine.prediction.model_store import StoredModel
from engine.runtime import Runtime
from workflows.prediction.drift import read_drifts
from workflows.prediction.models import activate_model, roll_back

__all__ = ["MANAGE_MODELS", "READ_MODELS"]

_TAGS = ["Prediction"]


class ReliabilityView(View, frozen=True):
    """Landmarks with like predictions, up to `upTo`: what was predicted, and how many of them reached the goal."""

    up_to: float
    predicted: float
    landmarks: int
    wins: int
    interval: tuple[float, float]


class FiguresView(View, frozen=True):
    """The figures on the landmarks that the model had not seen; `scoreAuc` is that of the rulebook's score on them."""

    landmarks: int
    wins: int
    auc: float
    score_auc: float
    brier_skill: float
    expected_over_observed: float
    slope: float
    calibration_error: float
    top_tenth_lift: float
    reliability: list[ReliabilityView]


class ModelView(View, frozen=True):
    """A prediction model. One with `failures` did not pass its tests and cannot be activated."""

    model: str
    goal: str
    horizon_days: int
    rulebook: str
    active: bool
    failures: list[str]
    landmarks: int
    wins: int
    backfilled: bool
    position: int
    created_at: datetime
    held_out: FiguresView


class RunningTrainingView(View, frozen=True):
    """A training that has not ended: the leads and landmarks that it has read so far."""

    started_at: datetime
    leads: int
    landmarks: int


class LastTrainingView(View, frozen=True):
    """How the last training ended: with a model, or without one for a reason. Counts are of the landmarks it has read."""

    at: datetime
    model: str | None
    reason: str
    landmarks: int
    wins: int


class GoalView(View, frozen=True):
    """A goal of the active rulebook, the model that its probabilities come from (null if none are shown), its training, its drift."""

    name: str
    outcome: str
    horizon_days: int
    active: str | None
    training: RunningTrainingView | None
    last_training: LastTrainingView | None
    drift: DriftView | None


class ModelsView(View, frozen=True):
    """All models by goal, the newest first, the goals of the active rulebook, and the active model of `win`."""

    active: str | None
    goals: list[GoalView]
    items: list[ModelView]


class ActiveModelView(View, frozen=True):
    """The model that probabilities come from; null if none are shown."""

    active: str | None


@get(
    "/api/models",
    summary="Prediction models with their figures",
    tags=_TAGS,
    responses=problems(400, 503),
)
async def list_models(runtime: RuntimeDep) -> ModelsView:
    """Every model that was trained, with its figures on leads that it had not seen."""
    active = await runtime.prediction.models.active_labels()
    found, drifts = await runtime.prediction.models.all(), await read_drifts(runtime)
    return ModelsView(
        active=active.get(WIN.name),
        goals=[
            await _goal(runtime, goal, active.get(goal.name), drifts.get(goal.name))
            for goal in runtime.rulebook.goals
        ],
        items=[_view(one, active.get(one.model.goal.name)) for one in found],
    )


@post(
    "/api/models/{model:str}/activate",
    summary="Show probabilities by a model",
    tags=_TAGS,
    status_code=200,
    responses=problems(400, 404, 409, 503),
)
async def activate(runtime: RuntimeDep, actor: CurrentActor, model: PathText) -> ActiveModelView:
    """From now on, in every process within two seconds. Refused for one that has failed a test."""
    return ActiveModelView(active=(await activate_model(runtime, actor, model)).label)


@post(
    "/api/models/rollback",
    summary="Show probabilities by the model before",
    tags=_TAGS,
    status_code=200,
    responses=problems(400, 409, 503),
)
async def rollback(
    runtime: RuntimeDep,
    actor: CurrentActor,
    goal: Annotated[str, QueryParameter(max_length=64, description="The goal of the models.")] = WIN.name,
) -> ActiveModelView:
    """Or none again, if there was no model before."""
    known = {one.name for one in runtime.rulebook.goals} | set(
        await runtime.prediction.models.active_labels()
    )
    if goal not in known:
        raise invalid_parameter("goal", f"should be one of {', '.join(sorted(known))}")
    return ActiveModelView(active=await roll_back(runtime, actor, goal))


async def _goal(runtime: Runtime, goal: Goal, active: str | None, drift: Drift | None) -> GoalView:
    trainings = runtime.prediction.trainings
    running, last = await trainings.running(goal.name), await trainings.result(goal.name)
    return GoalView(
        name=goal.name,
        outcome=goal.outcome,
        horizon_days=goal.horizon_days,
        active=active,
        training=None
        if running is None
        else RunningTrainingView(
            started_at=to_datetime(running.started_at), leads=running.leads, landmarks=running.landmarks
        ),
        last_training=None
        if last is None
        else LastTrainingView(
            at=to_datetime(last.at),
            model=last.model,
            reason=last.reason,
            landmarks=last.landmarks,
            wins=last.wins,
        ),
        drift=None if drift is None else drift_view(goal.name, drift),
    )


def _view(stored: StoredModel, active: str | None) -> ModelView:
    model, found = stored.model, stored.model.held_out
    return ModelView(
        model=model.label,
        goal=model.goal.name,
        horizon_days=model.goal.horizon_days,
        rulebook=model.rulebook,
        active=model.label == active,
        failures=list(stored.failures),
        landmarks=model.landmarks,
        wins=model.wins,
        backfilled=model.backfilled,
        position=model.position,
        created_at=to_datetime(stored.created_at),
        held_out=FiguresView(
            landmarks=found.landmarks,
            wins=found.wins,
            auc=found.auc,
            score_auc=found.score_auc,
            brier_skill=found.brier_skill,
            expected_over_observed=found.expected_over_observed,
            slope=found.slope,
            calibration_error=found.calibration_error,
            top_tenth_lift=found.top_tenth_lift,
            reliability=[_reliability(one) for one in found.reliability],
        ),
    )


def _reliability(group: Group) -> ReliabilityView:
    return ReliabilityView(
        up_to=group.up_to,
        predicted=group.predicted,
        landmarks=group.landmarks,
        wins=group.wins,
        interval=(group.low, group.high),
    )


READ_MODELS = (list_models,)
MANAGE_MODELS = (activate, rollback)
