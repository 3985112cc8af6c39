"""The rulebooks bundle: the library of published rulebooks and the active one."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from domain.privacy.personal_fields import NO_FIELDS
from domain.rulebooks.rulebook import Rulebook
from engine.rulebooks.active import ActiveRulebook
from engine.rulebooks.library import RulebookLibrary, load_rulebook
from engine.settings.rulebooks import RulebookSettings
from engine.store.bound_documents import BoundDocuments
from engine.store.mongo import Database

__all__ = ["Rulebooks", "open_rulebooks"]


@dataclass(frozen=True)
class Rulebooks:
    """Where rulebooks are published, and the one that scores leads now."""

    library: RulebookLibrary
    active: ActiveRulebook


@contextlib.asynccontextmanager
async def open_rulebooks(
    settings: RulebookSettings, database: Database, documents: BoundDocuments, fixed: Rulebook | None
) -> AsyncIterator[Rulebooks]:
    """Read which rulebook is active, and keep that current. A `fixed` one is active whatever is activated elsewhere."""
    library = RulebookLibrary(documents)
    active = ActiveRulebook(database, library, fixed or load_rulebook(settings.rulebook, NO_FIELDS))
    async with contextlib.AsyncExitStack() as opened:
        if fixed is None:
            await opened.enter_async_context(active.kept_current())
        yield Rulebooks(library, active)
