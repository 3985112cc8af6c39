"""`lead-engine setup`: collections, indexes, the active rulebook and the first API key."""

from __future__ import annotations

from pathlib import Path

import click

from domain.privacy.personal_fields import NO_FIELDS
from domain.rulebooks.rulebook import Rulebook
from engine.rulebooks.library import load_rulebook
from engine.runtime import Runtime, open_runtime
from engine.schema import create_schema
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from scripts.terminal.welcome import FIRST_OWNER
from workflows.access.first_key import keep_first_key
from workflows.people.invites import invite_first_owner, invite_link
from workflows.rulebooks.activate import apply_rulebook_setting

__all__ = ["run_setup", "setup"]


@click.command()
@click.option(
    "--key-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep an API key with every scope in this file, readable by its owner only; create one if necessary.",
)
@click.option(
    "--first-owner",
    is_flag=True,
    help="Print the link that makes the first owner, if there are no people yet.",
)
@exits
def setup(key_file: Path | None, *, first_owner: bool) -> int | None:
    """Create collections and indexes and activate the rulebook of the settings.

    Idempotent: run it before every start of a new version.
    """
    return run(run_setup(settings_with_logs(), key_file, first_owner=first_owner))


async def run_setup(settings: Settings, key_file: Path | None, *, first_owner: bool = False) -> None:
    """Create what is missing, and activate the rulebook of the settings if that setting has changed.

    With a `key_file`, also ensure that it holds a valid API key with every scope; with `first_owner`, print the link that
    makes the first owner while there are no people.
    """
    async with open_runtime(settings) as runtime:
        await create_schema(runtime.store.database)
        await apply_rulebook_setting(runtime, current_actor(), await _wanted(runtime))
        print(f"Collections and indexes are in place; rulebook {runtime.rulebook.label} is active.")
        if key_file is not None and await keep_first_key(runtime, current_actor(), key_file):
            print(f"A new API key with every scope is in {key_file}.")
        if first_owner and (issued := await invite_first_owner(runtime)):
            print(f"{FIRST_OWNER}{invite_link(runtime, issued)}")


async def _wanted(runtime: Runtime) -> Rulebook:
    """The rulebook of the setting. Raises `Invalid` for one that is not active yet and reads personal fields."""
    name = runtime.settings.rulebook
    rulebook = load_rulebook(name, NO_FIELDS)
    if await runtime.rulebooks.active.is_new_setting(rulebook):
        return load_rulebook(name, runtime.privacy.fields)
    return rulebook
