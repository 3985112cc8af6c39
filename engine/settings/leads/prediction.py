"""Settings of prediction: when models are trained, and how they become active."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.settings.section import Section

__all__ = ["PredictionSettings"]


class PredictionSettings(Section):
    """Prediction: how likely leads are to buy."""

    prediction_train_at: str = Field(
        "03:30",
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$",
        description="Time of day, UTC, at which the scheduler trains prediction models if enough has matured. Empty: never.",
    )
    prediction_activate: Literal["manual", "auto"] = Field(
        "manual",
        description="Who activates a model that passed its tests: manual (a person) or auto (the nightly training).",
    )
    queue_order: Literal["score", "win"] = Field(
        "score",
        description="Order of the leads in the queue of a rep: score, or win (how likely they are to buy, while a model is active).",
    )
