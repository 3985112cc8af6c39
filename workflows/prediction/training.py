"""Training: landmarks from the log, a model and its tests; stored, and gone on with after a stop.

Its phases: the landmarks of all leads, page by page, are stored as they are made; then the model is learnt in a thread, and
stored with what it fails and the end of the training, in one transaction. People who are erased meanwhile are left out.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from domain.decisions.goal import WIN, Goal
from domain.errors import Conflict
from domain.events.event import Json
from domain.events.log_cursor import events_at
from domain.instant import DAY, HOUR
from domain.rulebooks.compiled import CompiledRulebook
from engine.operations.audit_log import Actor, AuditAction
from engine.prediction.model_store import StoredModel
from engine.prediction.training_store import Training, TrainingResult
from engine.process.tasks import raise_if_cancelled
from engine.runtime import Runtime
from engine.store.mongo import Session, transact
from workflows.audited import audited
from workflows.prediction.drift import active_model, record_matured
from workflows.prediction.landmarks import Progress, photograph
from workflows.prediction.table import LandmarkTable
from workflows.prediction.train import TooLittleData, Trained, train
from workflows.privacy.erase import ERASED

__all__ = ["NotEnoughNew", "train_model"]

_GIVEN_UP_AFTER = DAY
"""A training that began longer ago is not gone on with: it would learn from what was known then."""

IsEnough = Callable[[TrainingResult], bool]
"""Whether these landmarks and wins are worth a model."""


_CLOCKS_DIFFER_BY = HOUR
"""Clocks of two processes, at the most. Leads that were erased before the training began have no landmarks anyway."""


class _ErasedMeanwhile(Exception):
    """The personal data of a lead was erased while a model learnt from it."""


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
        run = _Run(by, goal, rulebook, training, is_enough)
        while True:
            raise_if_cancelled()
            erased = await _erased_since(runtime, training)
            with contextlib.suppress(_ErasedMeanwhile):
                return await _end(runtime, run, table.without(erased), erased)


class _Run(NamedTuple):
    """A training as it was asked for, under the rulebook that was active."""

    by: Actor
    goal: Goal
    rulebook: CompiledRulebook
    training: Training
    is_enough: IsEnough


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


async def _erased_since(
    runtime: Runtime, training: Training, session: Session | None = None
) -> frozenset[str]:
    """The leads whose personal data was erased since the training began, perhaps after they were photographed."""
    since = training.started_at - _CLOCKS_DIFFER_BY
    streams = await runtime.operations.audit.targets_since(ERASED, since, session)
    lead_of = (await runtime.identity.streams.membership(list(streams))).lead_of
    return frozenset(lead_of.get(one, one) for one in streams)


async def _end(runtime: Runtime, run: _Run, table: LandmarkTable, erased: frozenset[str]) -> StoredModel:
    """Learn a model if that is worth it, and store it with the end of the training, or the reason why there is none.

    Raises `_ErasedMeanwhile` if another lead was erased before both were stored.
    """
    by, goal, rulebook, training, is_enough = run
    result = TrainingResult(
        at=runtime.now(),
        known_at=training.known_at,
        rulebook=rulebook.label,
        landmarks=len(table) * training.one_in,
        wins=table.wins * training.one_in,
    )
    await record_matured(runtime, goal, table)
    trainings, models = runtime.prediction.trainings, runtime.prediction.models
    try:
        if not is_enough(result):
            raise NotEnoughNew(f"Too little has matured since the last training of '{goal.name}'.")
        trained = await _learn(runtime, goal, rulebook, table, training)
    except (TooLittleData, NotEnoughNew) as error:
        without = replace(result, reason=str(error))
        await transact(runtime.store.client, lambda session: trainings.end(goal.name, without, session))
        raise

    async def add(session: Session) -> tuple[StoredModel, AuditAction]:
        newly = await _erased_since(runtime, training, session) - erased
        if not newly.isdisjoint(table.leads):
            raise _ErasedMeanwhile
        stored = await models.add(trained.model, trained.failures, runtime.now(), session)
        await trainings.end(goal.name, replace(result, model=stored.model.label), session)
        after: dict[str, Json] = {"failures": list(trained.failures), "landmarks": trained.model.landmarks}
        return stored, AuditAction("prediction.model_trained", trained.model.label, after=after)

    return await audited(runtime, by, add)


async def _learn(
    runtime: Runtime, goal: Goal, rulebook: CompiledRulebook, table: LandmarkTable, training: Training
) -> Trained:
    active = await active_model(runtime, goal)
    return await asyncio.to_thread(
        train,
        table,
        goal,
        rulebook,
        version=await runtime.prediction.models.next_version(goal.name),
        known_at=training.known_at,
        position=events_at(training.position),
        active=active if active is not None and active.rulebook == rulebook.label else None,
    )
