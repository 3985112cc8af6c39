"""The budget of a model per day, shared by all processes: reserved before a question, settled after its answer."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from domain.instant import DAY, Millis, to_datetime
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database

__all__ = ["ASSISTANT_USAGE", "BudgetStore", "Usage"]

_KEPT = timedelta(days=400)

ASSISTANT_USAGE = CollectionSpec(
    "assistantUsage",
    Distribution.UNSHARDED,
    (IndexModel([("expiresAt", ASCENDING)], expireAfterSeconds=0),),
    free_of_personal_data="tokens and costs per day",
)


class Usage(Struct, frozen=True):
    """What was used on a day. `cost` is in millionths of the currency of the prices, and has what is reserved now."""

    cost: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    answers: int = 0


class BudgetStore:
    """Counts costs per day (UTC)."""

    def __init__(self, database: Database) -> None:
        self._usage = ASSISTANT_USAGE.of(database)

    async def reserve(self, cost: int, budget: int, at: Millis) -> bool:
        """Whether there is room for so much today; then it is taken. A `budget` of 0 has always room."""
        day = _day(at)
        query = {"_id": day, **({"cost": {"$lte": budget - cost}} if budget else {})}
        if budget and cost > budget:
            return False
        expires = to_datetime(at - at % DAY) + _KEPT
        try:
            await self._usage.update_one(
                query, {"$inc": {"cost": cost}, "$setOnInsert": {"expiresAt": expires}}, upsert=True
            )
        except DuplicateKeyError:
            return False
        return True

    async def settle(self, reserved: int, usage: Usage, at: Millis) -> None:
        """Replace what was reserved at that moment by what was used."""
        change = {
            "cost": usage.cost - reserved,
            "inputTokens": usage.input_tokens,
            "outputTokens": usage.output_tokens,
            "answers": usage.answers,
        }
        await self._usage.update_one({"_id": _day(at)}, {"$inc": change})

    async def of_day(self, at: Millis) -> Usage:
        """What was used on the day of that moment."""
        doc = await self._usage.find_one({"_id": _day(at)}) or {}
        return Usage(
            cost=doc.get("cost", 0),
            input_tokens=doc.get("inputTokens", 0),
            output_tokens=doc.get("outputTokens", 0),
            answers=doc.get("answers", 0),
        )


def _day(at: Millis) -> str:
    return to_datetime(at).date().isoformat()
