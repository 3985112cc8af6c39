"""`lead-engine messages`: what was sent to leads and what was not, what is in question, and the suppression list."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TextIO

import click
from rich.console import Console
from rich.table import Table

from domain.errors import Invalid
from domain.instant import to_datetime
from engine.outreach.suppression_store import ALL
from engine.process.printable import printable
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from engine.work.unit import UnitState
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from workflows.outreach.conversation import deliveries_of
from workflows.outreach.resolve import discard_message, resolve_message, retry_message
from workflows.outreach.suppress import Wanted, suppress

__all__ = ["messages"]

_WIDE = 200
"""Width in characters where the output is not a terminal."""
_AT_A_TIME = 1000
_STATES = ("waiting", "retrying", "held", "done", "dead")


@click.group()
def messages() -> None:
    """List messages to leads, settle those in question, and import or export the suppression list."""


@messages.command("list")
@click.option("--lead", "lead_id", help="Only those to this lead.")
@click.option("--state", type=click.Choice(_STATES), help="Only in this state of sending.")
@click.option("--unknown", is_flag=True, help="Only those of which it is not known whether they went out.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="How many.")
@exits
def list_command(lead_id: str | None, state: UnitState | None, unknown: bool, limit: int) -> int | None:  # noqa: FBT001 - click's
    """List messages, newest first, with what became of each."""
    return run(_list(settings_with_logs(), lead_id, state, limit, unknown=unknown))


@messages.command("resolve")
@click.argument("message_id", metavar="ID")
@click.argument("found", type=click.Choice(("sent", "not-sent")))
@exits
def resolve_command(message_id: str, found: Literal["sent", "not-sent"]) -> int | None:
    """Say what became of a message in question: `sent` ends it, `not-sent` sends it now."""
    return run(_settle(settings_with_logs(), message_id, found))


@messages.command("retry")
@click.argument("message_id", metavar="ID")
@exits
def retry_command(message_id: str) -> int | None:
    """Try a message again that is dead or was withheld."""
    return run(_settle(settings_with_logs(), message_id, "retry"))


@messages.command("discard")
@click.argument("message_id", metavar="ID")
@click.option("--why", required=True, help="For the list; it is stored unencrypted.")
@exits
def discard_command(message_id: str, why: str) -> int | None:
    """Give up a message that has not gone out."""
    return run(_settle(settings_with_logs(), message_id, "discard", why))


@messages.command("suppress")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--scope", default=ALL, show_default=True, help="A channel, or all of them.")
@click.option("--why", default="", help="The reason, for every entry.")
@exits
def suppress_command(file: Path, scope: str, why: str) -> int | None:
    """Suppress the addresses, numbers and domains in FILE, one per line or the first column of a CSV; - reads standard input."""
    with sys.stdin if str(file) == "-" else file.open(encoding="utf-8-sig") as lines:
        wanted = [Wanted(value, scope, why) for value in _values(lines)]
    return run(_suppress(settings_with_logs(), wanted))


@messages.command("suppressed")
@exits
def suppressed_command() -> int | None:
    """Write the suppression list to standard output as CSV."""
    return run(_export(settings_with_logs(), sys.stdout))


async def _list(
    settings: Settings, lead_id: str | None, state: UnitState | None, limit: int, *, unknown: bool
) -> None:
    async with open_runtime(settings) as runtime:
        streams = None if lead_id is None else await runtime.identity.streams.of_lead(lead_id)
        found = await runtime.outreach.messages.page(
            lead_id=streams, state=state, unclear=unknown, after=None, limit=limit
        )
        table = Table("created", "id", "lead", "channel", "status", "to", "why")
        for one in await deliveries_of(runtime, found):
            message = one.message
            reasons = "; ".join(reason.detail for reason in message.withheld)
            last = message.attempts[-1].detail if message.attempts else ""
            table.add_row(
                f"{to_datetime(message.created_at):%Y-%m-%d %H:%M}",
                message.unit_id,
                printable(message.lead_id),
                message.channel,
                one.status,
                printable(one.content.to) if one.content else "[erased]",
                printable(reasons or message.waits_because or message.held_because or last),
            )
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)


async def _settle(
    settings: Settings, message_id: str, do: Literal["sent", "not-sent", "retry", "discard"], why: str = ""
) -> None:
    async with open_runtime(settings) as runtime:
        actor = current_actor()
        if do == "retry":
            await retry_message(runtime, actor, message_id)
        elif do == "discard":
            await discard_message(runtime, actor, message_id, why)
        else:
            await resolve_message(runtime, actor, message_id, do)
        (delivery,) = await deliveries_of(runtime, [await runtime.outreach.messages.get(message_id)])
    click.echo(f"{message_id}: {delivery.status}", err=True)


async def _suppress(settings: Settings, wanted: list[Wanted]) -> None:
    """All entries are checked before the first is stored; the pointer of a fault is the number of its line, from 0."""
    async with open_runtime(settings) as runtime:
        added = 0
        for start in range(0, len(wanted), _AT_A_TIME):
            added += await _some(runtime, wanted[start : start + _AT_A_TIME], start)
    click.echo(f"{len(wanted)} read, {added} new.", err=True)


async def _some(runtime: Runtime, wanted: list[Wanted], start: int) -> int:
    try:
        return await suppress(runtime, current_actor(), wanted)
    except Invalid as error:
        lines = [
            f"entry {start + int(fault.pointer.split('/')[1]) + 1}: {fault.detail}" for fault in error.faults
        ]
        raise Invalid(
            "\n".join((f"Of the {len(wanted)} entries from {start + 1} on none was stored:", *lines))
        ) from None


async def _export(settings: Settings, out: TextIO) -> None:
    writer = csv.writer(out)
    writer.writerow(("value", "kind", "scope", "why", "source", "at"))
    async with open_runtime(settings) as runtime:
        async for one in runtime.outreach.suppressions.every():
            at = to_datetime(one.at).isoformat()
            writer.writerow((one.value or "[erased]", one.kind, one.scope, one.why, one.source, at))


def _values(lines: Iterable[str]) -> list[str]:
    """The first cell of every row that has one; a first row that is a name of a column is left out."""
    cells = [row[0].strip() for row in csv.reader(lines) if row and row[0].strip()]
    return (
        cells[1:]
        if cells and cells[0].casefold() in {"value", "email", "address", "phone", "domain"}
        else cells
    )
