"""The active rulebook: a pointer in MongoDB that every process polls, so that all switch within seconds."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from typing import NamedTuple

from domain.rulebooks.compiled import CompiledRulebook, compile_rulebook
from domain.rulebooks.rulebook import Rulebook
from engine.process.periodic import every
from engine.rulebooks.built_in import is_built_in
from engine.rulebooks.library import RulebookLibrary
from engine.store.checkpoints import CHECKPOINTS
from engine.store.mongo import Database, Session

__all__ = ["ActivePointer", "ActiveRulebook"]

_log = logging.getLogger(__name__)

_REFRESH_SECONDS = 2.0


class ActivePointer(NamedTuple):
    """The labels of the active rulebook and of the one before, if there was one."""

    label: str
    before: str | None


class ActiveRulebook:
    """The rulebook that scores leads now.

    That is the one of the setting RULEBOOK until another is activated; a setting that has changed since it was last
    applied wins again when the engine is set up.
    """

    def __init__(self, database: Database, library: RulebookLibrary, initial: Rulebook) -> None:
        self._pointers = CHECKPOINTS.of(database)
        self._library = library
        self._current = compile_rulebook(initial)

    @property
    def current(self) -> CompiledRulebook:
        """The active rulebook as of the last refresh."""
        return self._current

    async def is_new_setting(self, wanted: Rulebook, session: Session | None = None) -> bool:
        """Whether the setting names another rulebook than when it was last applied.

        A newer version of a built-in one, which came with a release, counts only if the one before is still active.
        """
        pointer = await self._pointers.find_one({"_id": "rulebook"}, session=session)
        before = pointer.get("ofSetting") if pointer else None
        if pointer is None or before is None or before == wanted.label:
            return before != wanted.label
        if is_built_in(before) and is_built_in(wanted.label) and before.split("@")[0] == wanted.name:
            return bool(pointer["label"] == before)
        return True

    async def activate(self, rulebook: Rulebook, session: Session, *, of_setting: bool = False) -> str | None:
        """Make a published rulebook the active one of every process. Returns the label of the previous one, if any.

        This process uses it after its next refresh.
        """
        pointer = await self._pointers.find_one({"_id": "rulebook"}, session=session)
        before = pointer["label"] if pointer else None
        fields = {"label": rulebook.label, **({"ofSetting": rulebook.label} if of_setting else {})}
        if before not in {None, rulebook.label}:
            fields["before"] = before
        await self._pointers.update_one({"_id": "rulebook"}, {"$set": fields}, upsert=True, session=session)
        return before

    async def stored(self) -> ActivePointer | None:
        """Which rulebook is active by the store, and which one was before; None if none ever was."""
        pointer = await self._pointers.find_one({"_id": "rulebook"})
        return ActivePointer(pointer["label"], pointer.get("before")) if pointer else None

    async def refresh(self) -> None:
        """Read which rulebook is active, and load it if it has changed. Raises `NotFound`, and what PyMongo raises."""
        pointer = await self._pointers.find_one({"_id": "rulebook"})
        if pointer is not None and pointer["label"] != self._current.label:
            self._current = compile_rulebook(await self._library.get(pointer["label"]))
            _log.debug("Rulebook %s is active.", self._current.label)

    @contextlib.asynccontextmanager
    async def kept_current(self) -> AsyncIterator[None]:
        """Refresh now and every two seconds while the context is open."""
        await self.refresh()
        async with every(self.refresh, _REFRESH_SECONDS, "Cannot read which rulebook is active"):
            yield
