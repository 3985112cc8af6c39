"""`lead-engine setup`."""

from __future__ import annotations

from engine.mongo import create_collections
from engine.rulebooks import load_rulebook
from engine.runtime import open_runtime
from engine.settings import Settings

__all__ = ["run_setup"]


async def run_setup(settings: Settings) -> None:
    """Create what is missing, and put the rulebook of the settings in force if they have changed."""
    async with open_runtime(settings) as runtime:
        await create_collections(runtime.database)
        await runtime.rules.apply_setting(load_rulebook(settings.rulebook))
        print(f"Collections and indexes are in place; rulebook {runtime.rulebook.label} is in force.")
