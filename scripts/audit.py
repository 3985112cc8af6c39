"""`lead-engine audit`."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from domain.events.event import Json
from engine.operations.audit_log import AuditEntry
from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.terminal.lead_facts import moment, printable

__all__ = ["show_audit_log"]


async def show_audit_log(settings: Settings, target: str | None, limit: int) -> None:
    """Print the last changes, newest first."""
    async with open_runtime(settings) as runtime:
        entries = await runtime.operations.audit.page(target, None, limit)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for entry in entries:
        console.print(_heading(entry))
        for line in _changes(entry.deed.before or {}, entry.deed.after or {}):
            console.print(Text(f"    {line}", style="dim"))
    if not entries:
        console.print("Nothing was changed yet.")


def _heading(entry: AuditEntry) -> str:
    deed = entry.deed
    return f"{moment(entry.at)}  {deed.action}  {printable(deed.target)}  by {printable(str(entry.actor))}"


def _changes(before: dict[str, Json], after: dict[str, Json]) -> list[str]:
    """What is different, one line each: `scopes: ["read"] -> ["read", "ingest"]`."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [
        f"{name}: {_shown(before, name)}{' -> ' if name in before and name in after else ''}{_shown(after, name)}"
        for name in names
    ]


def _shown(facts: dict[str, Json], name: str) -> str:
    return printable(str(facts[name])) if name in facts else ""
