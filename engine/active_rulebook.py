"""The rulebook in force, the same in every process within seconds of its activation."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from pymongo.errors import PyMongoError

from domain.errors import LeadEngineError
from domain.rulebook import Rulebook
from engine.cancellation import end, heed
from engine.mongo import Database
from engine.rulebooks import publish, published

__all__ = ["ActiveRulebook"]

_log = logging.getLogger(__name__)

_REFRESH_SECONDS = 2.0


class ActiveRulebook:
    """Knows which rulebook scores leads now.

    That is the one of the setting RULEBOOK until a person activates another; a setting that has changed since it
    was last applied wins again when the engine is set up.
    """

    def __init__(self, database: Database, initial: Rulebook) -> None:
        self._marks = database["checkpoints"]
        self._current = initial

    @property
    def current(self) -> Rulebook:
        """The rulebook in force, as of the last look."""
        return self._current

    async def apply_setting(self, wanted: Rulebook) -> None:
        """Publish the rulebook of the setting, and activate it if the setting is new or has changed."""
        await publish(wanted)
        mark = await self._marks.find_one({"_id": "rulebook"})
        if mark is None or mark.get("ofSetting") != wanted.label:
            await self._mark(wanted, ofSetting=wanted.label)
        await self.refresh()

    async def activate(self, rulebook: Rulebook) -> None:
        """Put a rulebook in force everywhere. Raises `Conflict` if its name and version had other rules before."""
        await publish(rulebook)
        await self._mark(rulebook)
        self._current = rulebook

    async def refresh(self) -> None:
        """Look which rulebook is in force."""
        mark = await self._marks.find_one({"_id": "rulebook"})
        if mark is not None and mark["label"] != self._current.label:
            self._current = await published(mark["label"])
            _log.debug("Rulebook %s is in force.", self._current.label)

    @contextlib.asynccontextmanager
    async def kept_fresh(self) -> AsyncIterator[None]:
        """Look every two seconds while the context is open."""
        await self.refresh()
        refreshing = asyncio.create_task(self._refresh_for_ever(), name="rulebook")
        try:
            yield
        finally:
            await end(refreshing)

    async def _mark(self, rulebook: Rulebook, **fields: str) -> None:
        await self._marks.update_one(
            {"_id": "rulebook"}, {"$set": {"label": rulebook.label, **fields}}, upsert=True
        )

    async def _refresh_for_ever(self) -> None:
        while True:
            heed()
            await asyncio.sleep(_REFRESH_SECONDS)
            try:
                await self.refresh()
            except (PyMongoError, LeadEngineError) as error:
                _log.warning("Cannot look which rulebook is in force: %s", error)
            except Exception:  # noqa: BLE001 - whatever it is, who stops looking scores by old rules for ever
                _log.exception("Cannot look which rulebook is in force.")
