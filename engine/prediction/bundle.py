"""The bundle of prediction: the stored models, and the active one as this process knows it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from domain.prediction.goal import WIN
from engine.prediction.model_store import ActiveModel, ModelStore
from engine.store.mongo import Database

__all__ = ["Prediction", "open_prediction"]


@dataclass(frozen=True)
class Prediction:
    """Models by goal and version; `win` is the active one that says how likely a lead is to be won."""

    models: ModelStore
    win: ActiveModel


@contextlib.asynccontextmanager
async def open_prediction(database: Database) -> AsyncIterator[Prediction]:
    """Wire the store, and keep the active model current."""
    models = ModelStore(database)
    win = ActiveModel(models, WIN.name)
    async with win.kept_current():
        yield Prediction(models, win)
