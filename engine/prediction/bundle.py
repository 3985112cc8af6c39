"""The bundle of prediction: the stored models, and the active ones as this process knows it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from engine.prediction.model_store import ActiveModels, ModelStore
from engine.prediction.training_store import TrainingStore
from engine.store.mongo import Database

__all__ = ["Prediction", "open_prediction"]


@dataclass(frozen=True)
class Prediction:
    """Models by goal and version, the active one of each goal, and trainings."""

    models: ModelStore
    active: ActiveModels
    trainings: TrainingStore


@contextlib.asynccontextmanager
async def open_prediction(database: Database) -> AsyncIterator[Prediction]:
    """Wire the store, and keep the active models current."""
    models = ModelStore(database)
    active = ActiveModels(models)
    async with active.kept_current():
        yield Prediction(models, active, TrainingStore(database))
