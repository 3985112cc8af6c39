"""`lead-engine setup`."""

from __future__ import annotations

from engine.mongo import create_collections
from engine.rulebooks import publish
from engine.runtime import open_runtime
from engine.settings import Settings

__all__ = ["run_setup"]


async def run_setup(settings: Settings) -> None:
    """Create what is missing and record the rulebook in force."""
    async with open_runtime(settings) as runtime:
        await create_collections(runtime.database)
        await publish(runtime.rulebook)
        print(f"Collections, indexes and rulebook {runtime.rulebook.label} are in place.")
