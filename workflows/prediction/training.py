"""Training: landmarks from the log, a model and its tests; stored, and gone on with after a stop.

Its phases: the landmarks of all leads, page by page, are stored as they are made; then the model is learnt in a thread, and
stored with what it fails, together with how well the active model has done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from domain.decisions.goal import WIN, Goal
from domain.errors import Conflict
from domain.events.event import Json
from domain.events.log_cursor import events_at
from domain.instant import DAY
from domain.rulebooks.compiled import CompiledRulebook
from engine.operations.audit_log import Actor, AuditAction
from engine.prediction.model_store import StoredModel
from engine.prediction.training_store import Training, TrainingResult
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited
from workflows.prediction.drift import active_model, record_matured
from workflows.prediction.landmarks import Progress, photograph
from workflows.prediction.table import LandmarkTable
from workflows.prediction.train import TooLittleData, Trained, train

__all__ = ["NotEnoughNew", "train_model"]

_GIVEN_UP_AFTER = DAY
"""A training that began longer ago is not gone on with: it would learn from what was known then."""

IsEnough = Callable[[TrainingResult], bool]
"""Whether these landmarks and wins are worth a model."""


class NotEnoughNew(Conflict):
    """Too little has matured since the last training."""


async def train_model(
    runtime: Runtime,
    by: Actor,
    goal: Goal = WIN,
    on_progress: Progress = lambda _leads, _landmarks: None,
    is_enough: IsEnough = lambda _: True,
) -> StoredModel:
    """Learn a model from the log under the active rulebook, test it, and store it with what it fails.

    A training that was stopped within a day goes on where it was. Raises `TooLittleData`, `NotEnoughNew`, and `Conflict`
    while another process trains the same goal.
    """
    async with runtime.store.leases.held(f"prediction-training:{goal.name}") as is_ours:
        if not is_ours:
            raise Conflict(f"Another process trains '{goal.name}' at this moment.")
        rulebook = runtime.rulebook
        training = await _begun(runtime, goal, rulebook)
        table, training = await photograph(runtime, training, goal, rulebook, on_progress)
        result = TrainingResult(
            at=runtime.now(),
            known_at=training.known_at,
            rulebook=rulebook.label,
            landmarks=len(table) * training.one_in,
            wins=table.wins * training.one_in,
        )
        await record_matured(runtime, goal, table)
        try:
            if not is_enough(result):
                raise NotEnoughNew(f"Too little has matured since the last training of '{goal.name}'.")
            stored = await _learn(runtime, by, goal, rulebook, table, training)
        except (TooLittleData, NotEnoughNew) as error:
            await runtime.prediction.trainings.end(goal.name, replace(result, reason=str(error)))
            raise
        await runtime.prediction.trainings.end(goal.name, replace(result, model=stored.model.label))
        return stored


async def _begun(runtime: Runtime, goal: Goal, rulebook: CompiledRulebook) -> Training:
    """The training to go on with, or a new one."""
    store, now = runtime.prediction.trainings, runtime.now()
    found = await store.running(goal.name)
    if found is not None and found.rulebook == rulebook.label and found.started_at > now - _GIVEN_UP_AFTER:
        return found
    training = Training(
        goal=goal.name,
        rulebook=rulebook.label,
        known_at=now,
        position=(await runtime.capture.log.end()).token,
        started_at=now,
    )
    await store.begin(training)
    return training


async def _learn(  # noqa: PLR0917 - all that a model is made of
    runtime: Runtime,
    by: Actor,
    goal: Goal,
    rulebook: CompiledRulebook,
    table: LandmarkTable,
    training: Training,
) -> StoredModel:
    models = runtime.prediction.models
    active = await active_model(runtime, goal)
    trained: Trained = await asyncio.to_thread(
        train,
        table,
        goal,
        rulebook,
        version=await models.next_version(goal.name),
        known_at=training.known_at,
        position=events_at(training.position),
        active=active if active is not None and active.rulebook == rulebook.label else None,
    )

    async def add(session: Session) -> tuple[StoredModel, AuditAction]:
        stored = await models.add(trained.model, trained.failures, runtime.now(), session)
        after: dict[str, Json] = {"failures": list(trained.failures), "landmarks": trained.model.landmarks}
        return stored, AuditAction("prediction.model_trained", trained.model.label, after=after)

    return await audited(runtime, by, add)
