"""Prediction models as they are used: activated, rolled back, and read for a lead."""

from __future__ import annotations

from collections.abc import Iterable

from domain.decisions.goal import WIN, Goal
from domain.decisions.outcome import OPEN
from domain.errors import Conflict, NotFound
from domain.instant import Millis
from domain.leads.state import LeadState
from domain.prediction.features import features_of
from domain.prediction.model import LeadPrediction, Model, predict
from domain.rulebooks.compiled import CompiledRulebook
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited

__all__ = ["activate_model", "goal_of", "predict_goals", "predict_lead", "roll_back"]


def goal_of(rulebook: CompiledRulebook, name: str) -> Goal:
    """The goal of this name in a rulebook. Raises `NotFound`."""
    found = next((goal for goal in rulebook.goals if goal.name == name), None)
    if found is None:
        raise NotFound("goal", name)
    return found


async def activate_model(runtime: Runtime, by: Actor, label: str) -> Model:
    """Show probabilities by this model, in every process within two seconds.

    Raises `NotFound`, and `Conflict` for one that has failed the gate or belongs to another rulebook than the active one.
    """

    async def activate(session: Session) -> tuple[Model, AuditAction]:
        stored = await runtime.prediction.models.get(label, session)
        model = stored.model
        if stored.failures:
            raise Conflict(f"Model {label} has failed its tests: {'; '.join(stored.failures)}.")
        if model.rulebook != runtime.rulebook.label:
            raise Conflict(
                f"Model {label} belongs to rulebook {model.rulebook}, and {runtime.rulebook.label} is active."
            )
        return model, await _switch(runtime, model.goal.name, label, session)

    model = await audited(runtime, by, activate)
    await runtime.prediction.active.refresh()
    return model


async def roll_back(runtime: Runtime, by: Actor, goal: str = WIN.name) -> str | None:
    """Show probabilities by the model before, or none again. Returns its label."""

    async def back(session: Session) -> tuple[str | None, AuditAction]:
        if await runtime.prediction.models.active_label(goal, session) is None:
            raise Conflict(f"No model of '{goal}' is active.")
        before = await runtime.prediction.models.previous_label(goal, session)
        return before, await _switch(runtime, goal, before, session)

    label = await audited(runtime, by, back)
    await runtime.prediction.active.refresh()
    return label


async def _switch(runtime: Runtime, goal: str, label: str | None, session: Session) -> AuditAction:
    before = await runtime.prediction.models.active_label(goal, session)
    await runtime.prediction.models.activate(goal, label, runtime.now(), session)
    return AuditAction("prediction.model_activated", goal, before={"model": before}, after={"model": label})


def predict_goals(
    state: LeadState, at: Millis, rulebook: CompiledRulebook, models: Iterable[Model]
) -> dict[str, LeadPrediction]:
    """What each model says of a lead at `at`, by goal; without models of another rulebook, empty for a decided lead."""
    wanted = [model for model in models if model.rulebook == rulebook.label]
    if not wanted or state.outcome.name != OPEN:
        return {}
    features = features_of(state, max(at, state.clock), rulebook, rulebook.decisive_rules)
    return {model.goal.name: LeadPrediction(model, predict(model, features)) for model in wanted}


def predict_lead(
    state: LeadState, at: Millis, rulebook: CompiledRulebook, model: Model
) -> LeadPrediction | None:
    """What the model says of a lead at `at`; None if it belongs to another rulebook, or the lead is decided."""
    if model.rulebook != rulebook.label or state.outcome.name != OPEN:
        return None
    features = features_of(state, max(at, state.clock), rulebook, rulebook.decisive_rules)
    return LeadPrediction(model, predict(model, features))
