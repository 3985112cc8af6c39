"""The rulebook in force, the same in every process within seconds of its activation."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from pymongo.errors import PyMongoError

from domain.errors import LeadEngineError
from domain.rulebooks.rulebook import Rulebook
from engine.process.tasks import cancel_and_wait, raise_if_cancelled
from engine.rulebooks.library import published
from engine.store.mongo import Database, Session

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

    async def is_new_setting(self, wanted: Rulebook, session: Session | None = None) -> bool:
        """Whether the setting names another rulebook than when it was last applied."""
        mark = await self._marks.find_one({"_id": "rulebook"}, session=session)
        return mark is None or mark.get("ofSetting") != wanted.label

    async def put_in_force(
        self, rulebook: Rulebook, session: Session, *, of_setting: bool = False
    ) -> str | None:
        """Put a published rulebook in force everywhere. Returns the label of the one before, if there was one.

        This process sees it with its next look.
        """
        fields = {"label": rulebook.label, **({"ofSetting": rulebook.label} if of_setting else {})}
        before = await self._marks.find_one_and_update(
            {"_id": "rulebook"}, {"$set": fields}, upsert=True, session=session
        )
        return before["label"] if before else None

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
            await cancel_and_wait(refreshing)

    async def _refresh_for_ever(self) -> None:
        while True:
            raise_if_cancelled()
            await asyncio.sleep(_REFRESH_SECONDS)
            try:
                await self.refresh()
            except (PyMongoError, LeadEngineError) as error:
                _log.warning("Cannot look which rulebook is in force: %s", error)
            except Exception:  # noqa: BLE001 - whatever it is, who stops looking scores by old rules for ever
                _log.exception("Cannot look which rulebook is in force.")
