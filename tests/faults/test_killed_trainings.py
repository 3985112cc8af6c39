"""A training is killed at any step: the model is whole or absent, another process goes on, and nothing is learnt twice."""

from __future__ import annotations

import asyncio
import contextlib
import random
from datetime import UTC, datetime

import pytest

from domain.decisions.goal import WIN
from domain.errors import Conflict
from engine.operations.audit_log import ENGINE
from engine.prediction.training_store import PREDICTION_TRAININGS
from tests.workflows.prediction.conftest import LEADS, store_history
from workflows.prediction.landmarks import read_landmarks
from workflows.prediction.train import train
from workflows.prediction.training import train_model

STORE, MODELS = "engine.prediction.training_store:TrainingStore", "engine.prediction.model_store:ModelStore"
POINTS = {
    "landmarks stored, not counted": (f"{STORE}.add_slice", "after"),
    "a page of leads counted": (f"{STORE}.advance", "after"),
    "learnt, not stored": (f"{MODELS}.add", "before"),
    "stored, not committed": (f"{MODELS}.add", "after"),
    "ended, not committed": (f"{STORE}.end", "after"),
    "committed": ("workflows.prediction.training:audited", "after"),
}


async def models_after_a_crash(truth, engine, point, plant=()):
    """Kill a training at a step, and let another process take it over. Returns the models that there are then."""
    await store_history(truth, datetime.now(UTC))
    at, when = POINTS[point]
    sabotage = {"crash": {"at": at, "when": when, "nth": 1}, "plant": ["short_pages", *plant]}
    await engine.start("predict", arguments=("train",), sabotage=sabotage)
    assert await engine.ended("predict") == -9
    stopped = await truth.prediction.trainings.running("win")
    if stopped is not None:  # it has not ended
        seen = await taken_over(truth)
        assert [leads > stopped.leads for leads in seen] == [True] * len(seen)  # none is read again
        assert (seen or [stopped.leads])[-1] == LEADS
    assert await truth.prediction.trainings.running("win") is None
    return [one.model for one in await truth.prediction.models.all()]


async def taken_over(truth):
    """Go on with the training once the lease of the killed process has ended. Returns how far it was, page by page."""
    seen = []
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(Conflict):
                await train_model(truth, ENGINE, on_progress=lambda leads, _: seen.append(leads))
                return seen
            await asyncio.sleep(0.1)


async def never_killed(truth, model):
    """The model that a training gives which nothing disturbs."""
    table, _ = await read_landmarks(truth, WIN, truth.rulebook, model.known_at)
    return train(
        table,
        WIN,
        truth.rulebook,
        version=model.version,
        known_at=model.known_at,
        position=model.position,
    ).model


async def check(new_engine, point):
    async with new_engine() as engine:
        truth = engine.truth
        (model,) = await models_after_a_crash(truth, engine, point)
        assert model == await never_killed(truth, model)  # bit for bit
        result = await truth.prediction.trainings.result("win")
        assert result.model == model.label == "win@1"
        assert await PREDICTION_TRAININGS.of(truth.store.database).count_documents({}) == 1


@pytest.mark.long
@pytest.mark.parametrize("point", POINTS)
async def test_a_model_is_whole_or_absent_wherever_its_training_is_killed(new_engine, point):
    await check(new_engine, point)


async def test_a_model_is_whole_or_absent_though_its_training_is_killed_at_one_of_the_steps(new_engine, seed):
    await check(new_engine, random.Random(seed).choice(sorted(POINTS)))


@pytest.mark.long
async def test_control_without_transactions_the_same_is_learnt_twice(new_engine):
    async with new_engine() as engine:
        models = await models_after_a_crash(
            engine.truth, engine, "stored, not committed", plant=["no_transactions"]
        )
        assert [one.label for one in models] == ["win@2", "win@1"]
