"""`lead-engine rulebook activate`."""

from __future__ import annotations

import asyncio

from domain.privacy.personal_fields import PersonalFields
from engine.rulebooks.library import load_rulebook
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from scripts.terminal.actor import current_actor
from scripts.terminal.progress import progress_bar
from workflows.rulebooks.activate import activate_rulebook

__all__ = ["run_activate"]

_LOOK_SECONDS = 0.5


async def run_activate(settings: Settings, name: str, *, wait: bool) -> None:
    """Put a rulebook in force; with `wait`, return only when every lead has been folded anew."""
    rulebook = load_rulebook(name, PersonalFields.named(settings.personal_fields))
    async with open_runtime(settings) as runtime:
        before = runtime.rulebook.label
        await activate_rulebook(runtime, current_actor(), rulebook)
        left = await runtime.leads.states.count_scored_by_another(rulebook.label)
        print(f"Rulebook {rulebook.label} is in force (before: {before}); {left} leads are folded anew.")
        if wait:
            await _watch(runtime, left)
            print("All leads are up to date.")
        elif left:
            print("That goes on in the background; what is read meanwhile is right already.")


async def _watch(runtime: Runtime, total: int) -> None:
    """Show how many leads the scheduler has folded anew."""
    with progress_bar() as bar:
        task = bar.add_task("Leads", total=total)
        while left := await runtime.leads.states.count_scored_by_another(runtime.rulebook.label):
            bar.update(task, completed=total - left)
            await asyncio.sleep(_LOOK_SECONDS)
