"""`lead-engine setup`."""

from __future__ import annotations

from pathlib import Path

from domain.privacy.personal_fields import NO_FIELDS
from domain.rulebooks.rulebook import Rulebook
from engine.rulebooks.library import load_rulebook
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from engine.store.mongo import create_collections
from scripts.terminal.actor import current_actor
from workflows.access.first_key import keep_first_key
from workflows.rulebooks.activate import apply_rulebook_setting

__all__ = ["run_setup"]


async def run_setup(settings: Settings, key_file: Path | None) -> None:
    """Create what is missing, and put the rulebook of the settings in force if they have changed.

    With a `key_file`, also see to it that it holds an API key that works, with every scope.
    """
    async with open_runtime(settings) as runtime:
        await create_collections(runtime.store.database)
        await apply_rulebook_setting(runtime, current_actor(), await _wanted(runtime))
        print(f"Collections and indexes are in place; rulebook {runtime.rulebook.label} is in force.")
        if key_file is not None and await keep_first_key(runtime, current_actor(), key_file):
            print(f"A new API key with every scope is in {key_file}.")


async def _wanted(runtime: Runtime) -> Rulebook:
    """The rulebook of the setting. Raises `Invalid` for one that is not in force yet and looks into personal fields."""
    name = runtime.settings.rulebook
    rulebook = load_rulebook(name, NO_FIELDS)
    if await runtime.rulebooks.is_new_setting(rulebook):
        return load_rulebook(name, runtime.privacy.fields)
    return rulebook
