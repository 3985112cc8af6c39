"""The rule lab bundle: previews with the leads behind them, the challenger, the switch to its states, and the thread that computes."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from engine.process.background_thread import BackgroundThread, open_background_thread
from engine.rule_lab.preview_leads import PreviewLeads
from engine.rule_lab.preview_store import PreviewStore
from engine.rule_lab.shadow_store import ShadowStore
from engine.rule_lab.switch_store import SwitchStore
from engine.store.mongo import Database

__all__ = ["RuleLab", "open_rule_lab"]


@dataclass(frozen=True)
class RuleLab:
    """What was tried of rulebooks. `thread` has a low priority, so that live work goes first."""

    previews: PreviewStore
    leads: PreviewLeads
    shadow: ShadowStore
    switch: SwitchStore
    thread: BackgroundThread


@contextlib.asynccontextmanager
async def open_rule_lab(database: Database) -> AsyncIterator[RuleLab]:
    """Wire the stores."""
    async with open_background_thread("rule-lab") as thread:
        yield RuleLab(
            PreviewStore(database),
            PreviewLeads(database),
            ShadowStore(database),
            SwitchStore(database),
            thread,
        )
