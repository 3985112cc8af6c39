"""Prediction models in MongoDB, each stored once and never changed, and which of them is active per goal."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Collection

import msgspec
from msgspec import Struct
from pymongo.errors import DuplicateKeyError

from domain.errors import Conflict, NotFound
from domain.instant import Millis
from domain.prediction.model import Model
from engine.process.clock import from_bson, to_bson
from engine.process.periodic import every
from engine.store.checkpoints import CHECKPOINTS
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session

__all__ = ["PREDICTION_MODELS", "ActiveModels", "ModelStore", "StoredModel"]

PREDICTION_MODELS = CollectionSpec(
    "predictionModels",
    Distribution.UNSHARDED,
    free_of_personal_data="weights by feature and level, and figures over many leads",
)
_POINTER = "prediction-model:"
_BEHIND_POINTERS = "prediction-model;"
_REFRESH_SECONDS = 2.0
_decoder = msgspec.json.Decoder(Model)


class StoredModel(Struct, frozen=True):
    """A model, when it was stored, and the tests of the gate that it fails: only one without any may be activated."""

    model: Model
    failures: tuple[str, ...]
    created_at: Millis


class ModelStore:
    """Stores models by goal and version, and points to the active one of each goal."""

    def __init__(self, database: Database) -> None:
        self._models = PREDICTION_MODELS.of(database)
        self._pointers = CHECKPOINTS.of(database)

    async def next_version(self, goal: str) -> int:
        """One more than the highest version of a goal."""
        doc = await self._models.find_one({"goal": goal}, {"version": 1}, sort=[("version", -1)])
        return 1 if doc is None else int(doc["version"]) + 1

    async def add(self, model: Model, failures: tuple[str, ...], at: Millis, session: Session) -> StoredModel:
        """Store a model. Raises `Conflict` if its version was stored meanwhile."""
        doc: Document = {
            "_id": model.label,
            "goal": model.goal.name,
            "version": model.version,
            "content": msgspec.json.encode(model).decode(),
            "failures": list(failures),
            "createdAt": to_bson(at),
        }
        try:
            await self._models.insert_one(doc, session=session)
        except DuplicateKeyError as error:
            raise Conflict(f"Model {model.label} was stored at this moment; train again.") from error
        return _stored(doc)

    async def get(self, label: str, session: Session | None = None) -> StoredModel:
        """The model of this label, `name@version`. Raises `NotFound`."""
        doc = await self._models.find_one({"_id": label}, session=session)
        if doc is None:
            raise NotFound("model", label)
        return _stored(doc)

    async def all(self) -> list[StoredModel]:
        """Every model, by goal, the newest first."""
        cursor = self._models.find().sort([("goal", 1), ("version", -1)])
        return [_stored(doc) async for doc in cursor]

    async def active_label(self, goal: str, session: Session | None = None) -> str | None:
        """The label of the active model of a goal; None while none is."""
        pointer = await self._pointers.find_one({"_id": _POINTER + goal}, session=session)
        return None if pointer is None else pointer["label"]

    async def active_labels(self) -> dict[str, str]:
        """The labels of the active models by goal."""
        cursor = self._pointers.find({"_id": {"$gte": _POINTER, "$lt": _BEHIND_POINTERS}})
        return {doc["_id"].removeprefix(_POINTER): doc["label"] async for doc in cursor if doc["label"]}

    async def previous_label(self, goal: str, session: Session | None = None) -> str | None:
        """The label of the model that was active before, None if there was none."""
        pointer = await self._pointers.find_one({"_id": _POINTER + goal}, session=session)
        return None if pointer is None else pointer.get("before")

    async def activated_at(self, goal: str) -> Millis | None:
        """When the active model of a goal was activated; None if that is not known."""
        pointer = await self._pointers.find_one({"_id": _POINTER + goal})
        return None if pointer is None or "at" not in pointer else from_bson(pointer["at"])

    async def activate(self, goal: str, label: str | None, at: Millis, session: Session) -> None:
        """Read by this model from now on, or by none."""
        before = await self.active_label(goal, session)
        await self._pointers.update_one(
            {"_id": _POINTER + goal},
            {"$set": {"label": label, "before": before, "at": to_bson(at)}},
            upsert=True,
            session=session,
        )


class ActiveModels:
    """The active model of each goal as this process knows it, refreshed every two seconds."""

    def __init__(self, store: ModelStore) -> None:
        self._store = store
        self._by_goal: dict[str, Model] = {}

    def of(self, goal: str) -> Model | None:
        """The active model of a goal; None while none is."""
        return self._by_goal.get(goal)

    def all(self) -> Collection[Model]:
        """The active models, one per goal at most."""
        return self._by_goal.values()

    async def refresh(self) -> None:
        """Read which models are active, and load those that have changed."""
        known = {model.label: model for model in self._by_goal.values()}
        labels = await self._store.active_labels()
        self._by_goal = {
            goal: known.get(label) or (await self._store.get(label)).model for goal, label in labels.items()
        }

    @contextlib.asynccontextmanager
    async def kept_current(self) -> AsyncIterator[None]:
        """Refresh now and every two seconds while the context is open."""
        await self.refresh()
        async with every(self.refresh, _REFRESH_SECONDS, "Cannot read which prediction models are active"):
            yield


def _stored(doc: Document) -> StoredModel:
    return StoredModel(_decoder.decode(doc["content"]), tuple(doc["failures"]), from_bson(doc["createdAt"]))
