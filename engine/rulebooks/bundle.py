"""The rulebooks bundle: the library of published rulebooks and the active one."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

from domain.privacy.personal_fields import NO_FIELDS, PersonalFields
from domain.rulebooks.loader import parse_rulebook
from domain.rulebooks.rulebook import Rulebook
from domain.rulebooks.written_points import WrittenPoints, written_points
from engine.process.text_parser import TextParser
from engine.rulebooks.active import ActiveRulebook
from engine.rulebooks.library import RulebookLibrary, load_rulebook
from engine.settings import Settings
from engine.store.bound_documents import BoundDocuments
from engine.store.mongo import Database

__all__ = ["Rulebooks", "open_rulebooks"]


@dataclass(frozen=True)
class Rulebooks:
    """Where rulebooks are checked and published, and the one that scores leads now."""

    parser: TextParser[Rulebook]
    points: TextParser[tuple[WrittenPoints, ...]]
    library: RulebookLibrary
    active: ActiveRulebook


@contextlib.asynccontextmanager
async def open_rulebooks(
    settings: Settings, database: Database, documents: BoundDocuments, fixed: Rulebook | None
) -> AsyncIterator[Rulebooks]:
    """Read which rulebook is active, and keep that current. A `fixed` one is active whatever is activated elsewhere."""
    library = RulebookLibrary(documents)
    active = ActiveRulebook(database, library, fixed or load_rulebook(settings.rulebook, NO_FIELDS))
    fields = PersonalFields.named(settings.personal_fields)
    parser = TextParser(partial(parse_rulebook, name="rulebook", personal_fields=fields), "rulebooks")
    async with contextlib.AsyncExitStack() as opened:
        if fixed is None:
            await opened.enter_async_context(active.kept_current())
        yield Rulebooks(parser, TextParser(written_points, "rulebooks"), library, active)
