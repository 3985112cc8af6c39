"""`lead-engine dead-letters`: leads that cannot be folded, and what an operator can do about them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Table

from domain.errors import Invalid
from engine.operations.dead_letters import DeadLetter, LetterState
from engine.process.printable import printable
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from scripts.terminal.durations import age
from scripts.terminal.lead_facts import moment
from workflows.operations.discard_event import discard_event
from workflows.operations.release_lead import release_lead
from workflows.operations.show_dead_letter import show_dead_letter

__all__ = ["dead_letters", "discard", "list_letters", "retry", "show"]

_PAGE = 200
_WIDE = 200
"""Width in characters where the output is not a terminal."""


@click.group("dead-letters")
def dead_letters() -> None:
    """Inspect leads that cannot be folded, retry them, or discard the event at fault."""


@dead_letters.command("list")
@click.option("--state", type=click.Choice(["quarantined", "retrying"]), help="Only in this state.")
@exits
def list_command(state: LetterState | None) -> int | None:
    """List the leads that cannot be folded, the latest failure first."""
    return run(list_letters(settings_with_logs(), state))


@dead_letters.command("show")
@click.argument("lead_id", metavar="LEADID")
@exits
def show_command(lead_id: str) -> int | None:
    """Show why a lead cannot be folded, and the event at which it fails."""
    return run(show(settings_with_logs(), lead_id))


@dead_letters.command("retry")
@click.argument("lead_ids", metavar="[LEADID]...", nargs=-1)
@click.option("--all", "every_lead", is_flag=True, help="Every quarantined lead.")
@exits
def retry_command(lead_ids: tuple[str, ...], every_lead: bool) -> int | None:  # noqa: FBT001
    """Fold leads again, after the rulebook or the program has been corrected."""
    return run(retry(settings_with_logs(), lead_ids, every_lead=every_lead))


@dead_letters.command("discard")
@click.argument("lead_id", metavar="LEADID")
@click.option(
    "--event", "event_id", required=True, metavar="EVENTID", help="The event at which the lead fails."
)
@click.option("--reason", required=True, help="Why, for the audit log; without names of persons.")
@exits
def discard_command(lead_id: str, event_id: str, reason: str) -> int | None:
    """Exclude an event from every score, for good, and continue without it.

    The event stays stored, with a tombstone that records by whom, when and why it was discarded.
    """
    return run(discard(settings_with_logs(), lead_id, event_id, reason))


async def list_letters(settings: Settings, state: LetterState | None) -> None:
    """Print every dead letter."""
    async with open_runtime(settings) as runtime:
        letters, now = await _all(runtime, state), runtime.now()
    if not letters:
        print("There are no dead letters: every lead can be folded.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("Lead", "State", "Tries", "Event", "Last", "Reason"):
        table.add_column(name, overflow="fold", no_wrap=name in {"State", "Last"}, header_style="dim")
    for letter in letters:
        table.add_row(
            printable(letter.lead_id),
            letter.state,
            str(letter.attempts),
            printable(letter.event_id) or "not known",
            age(letter.last_at, now),
            printable(letter.reason),
        )
    Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False, markup=False).print(table)


async def show(settings: Settings, lead_id: str) -> None:
    """Print a dead letter, and the event at which its lead fails, as it is stored."""
    async with open_runtime(settings) as runtime:
        shown = await show_dead_letter(runtime, lead_id)
    letter = shown.letter
    print(f"Lead {printable(letter.lead_id)} is {letter.state}, after {letter.attempts} failed attempts")
    print(f"  first   {moment(letter.first_at)} UTC")
    print(f"  last    {moment(letter.last_at)} UTC")
    print(f"  reason  {printable(letter.reason)}")
    print(f"  events  {shown.waiting} wait; applied up to position {shown.applied}")
    if shown.event is None:
        print("The event at which it fails is not known.")
        return
    print("It fails at this event:")
    for line in json.dumps(shown.event, indent=2, ensure_ascii=False).splitlines():
        print(f"  {printable(line)}")
    if letter.state == "quarantined":
        print(
            "After the rulebook or the program has been corrected: lead-engine dead-letters retry LEADID\n"
            "To continue without this event, for good: lead-engine dead-letters discard LEADID --event ... --reason ..."
        )


async def retry(settings: Settings, lead_ids: Sequence[str], *, every_lead: bool) -> None:
    """Fold leads again: those named, or every one that is quarantined."""
    if bool(lead_ids) == every_lead:
        raise Invalid("Name the leads to fold again, or use --all.")
    async with open_runtime(settings) as runtime:
        wanted = [one.lead_id for one in await _all(runtime, "quarantined")] if every_lead else list(lead_ids)
        for lead_id in wanted:
            await release_lead(runtime, current_actor(), lead_id)
            print(f"Lead {printable(lead_id)} will be folded again.")
    if every_lead:
        print(f"{len(wanted)} in all.")


async def discard(settings: Settings, lead_id: str, event_id: str, reason: str) -> None:
    """Discard an event, so that no score counts it."""
    if not reason.strip():
        raise Invalid("Give the reason, for the audit log: --reason ...")
    async with open_runtime(settings) as runtime:
        await discard_event(runtime, current_actor(), lead_id, event_id, reason)
    print(
        f"Event {printable(event_id)} no longer counts, in any read and any replay; it stays stored.\n"
        f"Lead {printable(lead_id)} continues without it."
    )


async def _all(runtime: Runtime, state: LetterState | None) -> list[DeadLetter]:
    letters: list[DeadLetter] = []
    while page := await runtime.operations.dead_letters.page(
        state, (letters[-1].last_at, letters[-1].lead_id) if letters else None, _PAGE
    ):
        letters += page
    return letters
