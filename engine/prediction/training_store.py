"""Trainings in MongoDB: how far a run is, the landmarks that it has photographed, its result, and the drift since."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

import msgspec
from bson.binary import Binary
from msgspec import Struct

from domain.instant import Millis
from domain.prediction.drift import Drift
from domain.prediction.landmark import Landmark
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Session

__all__ = ["PREDICTION_TRAININGS", "Training", "TrainingResult", "TrainingStore"]

PREDICTION_TRAININGS = CollectionSpec(
    "predictionTrainings",
    Distribution.UNSHARDED,
    free_of_personal_data="ids of leads with features, which read no personal field, until the training ends; counts",
)
_LEVEL = 1
_slices = msgspec.msgpack.Decoder(list[Landmark])

S = TypeVar("S", bound=Struct)


class Training(Struct, frozen=True, rename="camel", kw_only=True):
    """A training that has not ended: what it learns from, and the leads and landmarks that it has photographed so far.

    It reads what was known at `known_at`, up to the place in the log of `position`. All leads up to `after` are in its `slices`; of their landmarks
    one of `one_in` is kept.
    """

    goal: str
    rulebook: str
    known_at: Millis
    position: int | str
    started_at: Millis
    after: str = ""
    slices: int = 0
    leads: int = 0
    landmarks: int = 0
    one_in: int = 1


class TrainingResult(Struct, frozen=True, rename="camel", kw_only=True):
    """How the last training ended: with a `model`, or without one for a `reason`. `wins` are those of all landmarks."""

    at: Millis
    known_at: Millis
    rulebook: str
    landmarks: int
    wins: int
    model: str | None = None
    reason: str = ""


class TrainingStore:
    """One document per goal, and one per slice of landmarks while a training runs."""

    def __init__(self, database: Database) -> None:
        self._docs = PREDICTION_TRAININGS.of(database)

    async def running(self, goal: str) -> Training | None:
        """The training of a goal that has not ended, None if there is none."""
        return await self._read(goal, "running", Training)

    async def result(self, goal: str) -> TrainingResult | None:
        """How the last training of a goal ended."""
        return await self._read(goal, "result", TrainingResult)

    async def drift(self, goal: str) -> Drift | None:
        """How far what the active model says has come from what it was trained on, when that was last looked at."""
        return await self._read(goal, "drift", Drift)

    async def begin(self, training: Training) -> None:
        """Record that a training begins, with no landmarks. What was left of an earlier one of its goal is deleted."""
        await self._delete_slices(training.goal)
        await self._write(training.goal, "running", training)

    async def add_slice(self, goal: str, number: int, landmarks: Sequence[Landmark]) -> None:
        """Store a slice of landmarks; it counts once `advance` says so."""
        content = zlib.compress(msgspec.msgpack.encode(landmarks), _LEVEL)
        _id = _slice_id(goal, number)
        await self._docs.replace_one({"_id": _id}, {"content": Binary(content)}, upsert=True)

    async def advance(self, training: Training) -> None:
        """Record how far a training is."""
        await self._write(training.goal, "running", training)

    async def slices(self, training: Training) -> AsyncIterator[list[Landmark]]:
        """The landmarks so far, slice by slice; ends early if one is missing."""
        for number in range(1, training.slices + 1):
            doc = await self._docs.find_one({"_id": _slice_id(training.goal, number)})
            if doc is None:
                return
            yield _slices.decode(zlib.decompress(doc["content"]))

    async def end(self, goal: str, result: TrainingResult, session: Session) -> None:
        """Record how a training ended, and delete its landmarks."""
        await self._docs.update_one(
            {"_id": goal},
            {"$set": {"result": msgspec.json.encode(result).decode()}, "$unset": {"running": ""}},
            upsert=True,
            session=session,
        )
        await self._delete_slices(goal, session)

    async def set_drift(self, goal: str, drift: Drift) -> None:
        """Replace what was seen of a drift."""
        await self._write(goal, "drift", drift)

    async def _read(self, goal: str, field: str, kind: type[S]) -> S | None:
        doc = await self._docs.find_one({"_id": goal}, {field: 1})
        return None if doc is None or field not in doc else msgspec.json.decode(doc[field], type=kind)

    async def _write(self, goal: str, field: str, value: Struct) -> None:
        content = msgspec.json.encode(value).decode()
        await self._docs.update_one({"_id": goal}, {"$set": {field: content}}, upsert=True)

    async def _delete_slices(self, goal: str, session: Session | None = None) -> None:
        await self._docs.delete_many({"_id": {"$gte": f"{goal}:", "$lt": f"{goal};"}}, session=session)


def _slice_id(goal: str, number: int) -> str:
    return f"{goal}:{number:08d}"
