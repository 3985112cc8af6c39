"""`lead-engine audit`: the audit log on the terminal."""

from __future__ import annotations

import click
from rich.console import Console
from rich.text import Text

from domain.events.event import Json
from engine.operations.audit_log import AuditEntry
from engine.process.printable import printable
from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.lead_facts import moment

__all__ = ["audit", "show_audit_log"]


@click.command()
@click.option("--target", help="Only about this: the id of a key, a webhook endpoint or a lead.")
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="How many entries."
)
@exits
def audit(target: str | None, limit: int) -> int | None:
    """Show the audit log: changes of keys, people, rulebooks, dead letters and webhooks, and erasures.

    Newest first, each with its actor.
    """
    return run(show_audit_log(settings_with_logs(), target, limit))


async def show_audit_log(settings: Settings, target: str | None, limit: int) -> None:
    """Print the last changes, newest first."""
    async with open_runtime(settings) as runtime:
        entries = await runtime.operations.audit.page(target, None, limit)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for entry in entries:
        console.print(_heading(entry))
        for line in _changes(entry.action.before or {}, entry.action.after or {}):
            console.print(Text(f"    {line}", style="dim"))
    if not entries:
        console.print("The audit log is empty.")


def _heading(entry: AuditEntry) -> str:
    action = entry.action
    return f"{moment(entry.at)}  {action.name}  {printable(action.target)}  by {printable(str(entry.actor))}"


def _changes(before: dict[str, Json], after: dict[str, Json]) -> list[str]:
    """The fields that differ, one line per field: `scopes: ["read"] -> ["read", "ingest"]`."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [
        f"{name}: {_shown(before, name)}{' -> ' if name in before and name in after else ''}{_shown(after, name)}"
        for name in names
    ]


def _shown(facts: dict[str, Json], name: str) -> str:
    return printable(str(facts[name])) if name in facts else ""
