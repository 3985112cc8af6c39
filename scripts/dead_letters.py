"""`lead-engine dead-letters`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from domain.errors import Invalid
from engine.operations.dead_letters import DeadLetter, LetterState
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from scripts.terminal.actor import current_actor
from scripts.terminal.durations import age
from scripts.terminal.lead_facts import moment, printable
from workflows.operations.discard_event import discard_event
from workflows.operations.release_lead import release_lead
from workflows.operations.show_dead_letter import show_dead_letter

__all__ = ["discard", "list_letters", "retry", "show"]

_PAGE = 200
_WIDE = 200
"""Columns of text for a program that reads the list."""


async def list_letters(settings: Settings, state: LetterState | None) -> None:
    """Print every dead letter."""
    async with open_runtime(settings) as runtime:
        letters, now = await _all(runtime, state), runtime.now()
    if not letters:
        print("Every lead could be folded.")
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
    """Print a dead letter, and the event that holds the lead up as it is stored."""
    async with open_runtime(settings) as runtime:
        shown = await show_dead_letter(runtime, lead_id)
    letter = shown.letter
    print(f"Lead {printable(letter.lead_id)} is {letter.state}, after {letter.attempts} failed attempts")
    print(f"  first   {moment(letter.first_at)} UTC")
    print(f"  last    {moment(letter.last_at)} UTC")
    print(f"  reason  {printable(letter.reason)}")
    print(f"  events  {shown.waiting} wait; applied up to position {shown.applied}")
    if shown.event is None:
        print("It is not known at which event it fails.")
        return
    print("It fails at this event:")
    for line in json.dumps(shown.event, indent=2, ensure_ascii=False).splitlines():
        print(f"  {printable(line)}")
    if letter.state == "quarantined":
        print(
            "When the rulebook or the program is mended: lead-engine dead-letters retry LEADID\n"
            "To go on without this event, for good: lead-engine dead-letters discard LEADID --event ... --reason ..."
        )


async def retry(settings: Settings, lead_ids: Sequence[str], *, everyone: bool) -> None:
    """Fold leads again: those named, or every one that is quarantined."""
    if bool(lead_ids) == everyone:
        raise Invalid("Name the leads to fold again, or say --all.")
    async with open_runtime(settings) as runtime:
        wanted = [one.lead_id for one in await _all(runtime, "quarantined")] if everyone else list(lead_ids)
        for lead_id in wanted:
            await release_lead(runtime, current_actor(), lead_id)
            print(f"Lead {printable(lead_id)} is folded again.")
    if everyone:
        print(f"{len(wanted)} in all.")


async def discard(settings: Settings, lead_id: str, event_id: str, reason: str) -> None:
    """Take an event out of the count."""
    if not reason.strip():
        raise Invalid("Say why, for those who ask later: --reason ...")
    async with open_runtime(settings) as runtime:
        await discard_event(runtime, current_actor(), lead_id, event_id, reason)
    print(
        f"Event {printable(event_id)} no longer counts, in any read and any replay; it stays stored.\n"
        f"Lead {printable(lead_id)} goes on without it."
    )


async def _all(runtime: Runtime, state: LetterState | None) -> list[DeadLetter]:
    letters: list[DeadLetter] = []
    while page := await runtime.operations.dead_letters.page(
        state, (letters[-1].last_at, letters[-1].lead_id) if letters else None, _PAGE
    ):
        letters += page
    return letters
