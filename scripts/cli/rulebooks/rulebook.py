"""`lead-engine rulebook`: check, explain, compare, preview and activate rulebooks."""

from __future__ import annotations

import asyncio
import json

import click
import msgspec
from rich.console import Console

from domain.privacy.personal_fields import USUAL_FIELDS, PersonalFields
from domain.rule_lab.difference import Difference, compare_rulebooks, digest_of
from domain.rulebooks.rulebook import Rulebook
from engine.process.printable import printable
from engine.rulebooks.library import load_rulebook
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings, load_settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.cli.document_schema import rulebook_schema
from scripts.cli.rulebooks.rule_lab import preview, publish, rollback, shadow
from scripts.explain.document import explain_document
from scripts.terminal.actor import current_actor
from scripts.terminal.progress import progress_bar
from workflows.rulebooks.activate import activate_rulebook

__all__ = ["check", "rulebook", "run_activate"]

_POLL_SECONDS = 0.5


@click.group()
def rulebook() -> None:
    """Check, explain, compare, preview and publish rulebooks, and print their JSON Schema."""


@rulebook.command("check")
@click.argument("file")
@exits
def check_command(file: str) -> None:
    """Validate the rulebook in FILE; report every fault with its line and a correction."""
    check(file, load_settings().personal)


@rulebook.command("explain")
@click.argument("name_or_file", required=False)
@exits
def explain_command(name_or_file: str | None) -> None:
    """Describe a rulebook in plain words; by default that of the settings."""
    found = load_rulebook(name_or_file or load_settings().rulebook)
    explain_document(Console(highlight=False, markup=False, emoji=False), found)


@rulebook.command("diff")
@click.argument("before")
@click.argument("after")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@exits
def diff_command(before: str, after: str, as_json: bool) -> None:  # noqa: FBT001
    """Show in words what AFTER changes of BEFORE, each a built-in rulebook (name or name@version) or a file.

    Each change has a class. words: only what people read. look: what is concluded from the same score and stage. path:
    which stages and automations the same points lead to. scale: how much events count. refold: what is remembered of them.
    """
    print_difference(load_rulebook(before), load_rulebook(after), as_json=as_json)


@rulebook.command("activate")
@click.argument("name_or_file")
@click.option("--wait", is_flag=True, help="Return only when every lead has been rebuilt.")
@exits
def activate_command(name_or_file: str, wait: bool) -> int | None:  # noqa: FBT001
    """Make a rulebook the active one in every process, without downtime and without firing automations.

    Leads are rebuilt in the background. `replay --dry-run --rulebook` shows beforehand which leads would move.
    """
    return run(run_activate(settings_with_logs(), name_or_file, wait=wait))


@rulebook.command("schema")
@exits
def schema_command() -> None:
    """Print the JSON Schema of rulebooks, for editors."""
    print(json.dumps(rulebook_schema(), indent=2))


rulebook.add_command(preview)
rulebook.add_command(publish)
rulebook.add_command(rollback)
rulebook.add_command(shadow)


def print_difference(before: Rulebook, after: Rulebook, *, as_json: bool) -> None:
    """Print each change with its class, then the class that covers all and the digest of the later rulebook."""
    found = compare_rulebooks(before, after)
    if as_json:
        print(msgspec.json.encode(document_of(before, after, found)).decode())
        return
    for change in found.changes:
        print(f"{change.change_class:7} {printable(change.text)}")
    if not found.changes:
        print("Both say the same.")
    print(f"Class: {found.change_class}. Digest of {after.label}: {digest_of(after)}")


def document_of(before: Rulebook, after: Rulebook, found: Difference) -> dict[str, object]:
    """The difference as JSON, with the names that the API gives it."""
    return {
        "before": before.label,
        "after": after.label,
        "digest": digest_of(after),
        "class": found.change_class,
        "changes": found.changes,
    }


def check(file: str, personal_fields: PersonalFields = USUAL_FIELDS) -> None:
    """Print one line about a valid rulebook. Raises `Invalid` with every fault."""
    found = load_rulebook(file, personal_fields)
    rules, automations = len(found.score.rules), len(found.automations)
    print(
        f"{found.name} version {found.version} is valid: "
        f"{rules} rule{'' if rules == 1 else 's'}, {automations} automation{'' if automations == 1 else 's'}."
    )
    read = sorted({name for name, _ in found.score.properties_read() if name in USUAL_FIELDS})
    if read:
        print(
            "WARNING: these properties look personal, and stay in the open under PERSONAL_FIELDS, OPEN_FIELDS and "
            f"RECOGNISE_PERSONAL_DATA: {', '.join(map(printable, read))}"
        )


async def run_activate(settings: Settings, name: str, *, wait: bool) -> None:
    """Activate a rulebook; with `wait`, return only when every lead has been rebuilt."""
    found = load_rulebook(name, settings.personal)
    async with open_runtime(settings) as runtime:
        before = runtime.rulebook.label
        await activate_rulebook(runtime, current_actor(), found)
        left = await runtime.leads.states.count_stale_under(found.label)
        print(f"Rulebook {found.label} is active (before: {before}); {left} leads are to be rebuilt.")
        if wait:
            await _wait_until_rebuilt(runtime, left)
            print("All leads are up to date.")
        elif left:
            print("They are rebuilt in the background; reads use the new rulebook already.")


async def _wait_until_rebuilt(runtime: Runtime, total: int) -> None:
    """Show how many leads the scheduler has rebuilt."""
    with progress_bar() as bar:
        task = bar.add_task("Leads", total=total)
        while left := await runtime.leads.states.count_stale_under(runtime.rulebook.label):
            bar.update(task, completed=total - left)
            await asyncio.sleep(_POLL_SECONDS)
