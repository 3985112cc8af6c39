"""`lead-engine leads`: merges of leads and their undoing."""

from __future__ import annotations

import click

from engine.process.printable import printable
from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from workflows.capture.stored_ids import stored_lead_id
from workflows.identity.merge import merge, unmerge

__all__ = ["leads", "merge_leads", "unmerge_lead"]

_WHY = click.option("--why", required=True, help="Why, for the history of both leads.")


@click.group()
def leads() -> None:
    """Merge leads that are one person, and undo merges."""


@leads.command("merge")
@click.argument("lead_id", metavar="LEADID")
@click.option("--into", required=True, metavar="LEADID", help="The lead that survives.")
@_WHY
@exits
def merge_command(lead_id: str, into: str, why: str) -> int | None:
    """Merge a lead into another one; from now on they are one, under both ids."""
    return run(merge_leads(settings_with_logs(), lead_id, into, why))


@leads.command("unmerge")
@click.argument("lead_id", metavar="LEADID")
@_WHY
@exits
def unmerge_command(lead_id: str, why: str) -> int | None:
    """Undo the merge of the lead that had this id, or the latest merge into it."""
    return run(unmerge_lead(settings_with_logs(), lead_id, why))


async def merge_leads(settings: Settings, lead_id: str, into: str, why: str) -> None:
    """Merge, and print what survives. Raises `NotFound`, `Conflict`."""
    async with open_runtime(settings) as runtime:
        part, whole = await stored_lead_id(runtime, lead_id), await stored_lead_id(runtime, into)
        merged = await merge(runtime, current_actor(), part, whole, why)
    if not merged.position:
        print(f"They are one lead already: {printable(merged.lead_id)}.")
        return
    print(f"{printable(merged.absorbed)} is part of {printable(merged.lead_id)} now.")


async def unmerge_lead(settings: Settings, lead_id: str, why: str) -> None:
    """Undo a merge, and print the two leads. Raises `NotFound`, `Conflict`."""
    async with open_runtime(settings) as runtime:
        found = await unmerge(runtime, current_actor(), await stored_lead_id(runtime, lead_id), why)
    print(
        f"{printable(found.lead_id)} is a lead of its own again, apart from {printable(found.separated_from)}."
    )
