"""`lead-engine personal-data`: export and erasure of what is stored about one lead."""

from __future__ import annotations

import json
import sys

import click

from engine.process.printable import printable
from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from workflows.capture.stored_ids import stored_lead_id
from workflows.privacy.block import unblock_lead
from workflows.privacy.erase import erase_personal_data
from workflows.privacy.export import begin_export, write_export

__all__ = ["erase", "export", "personal_data"]


@click.group("personal-data")
def personal_data() -> None:
    """Export or erase the personal data of a lead."""


@personal_data.command("export")
@click.argument("lead_id", metavar="LEADID")
@exits
def export_command(lead_id: str) -> int | None:
    """Print everything that is stored about a lead, as one JSON document."""
    return run(export(settings_with_logs(), lead_id))


@personal_data.command("erase")
@click.argument("lead_id", metavar="LEADID")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--block", is_flag=True, help="Refuse later events of the lead, from senders and imports.")
@exits
def erase_command(lead_id: str, yes: bool, block: bool) -> int | None:  # noqa: FBT001
    """Destroy the key of a lead's encrypted personal fields (crypto-shredding). Its scores stay."""
    if not yes:
        click.confirm(f"Erase the personal data of {lead_id!r} for good?", abort=True, err=True)
    return run(erase(settings_with_logs(), lead_id, block=block))


@personal_data.command("unblock")
@click.argument("lead_id", metavar="LEADID")
@exits
def unblock_command(lead_id: str) -> int | None:
    """Take events of a lead again that was erased with --block."""
    return run(unblock(settings_with_logs(), lead_id))


async def export(settings: Settings, lead_id: str) -> None:
    """Write the export to standard output. Raises `NotFound`."""
    async with open_runtime(settings) as runtime:
        stored_id = await stored_lead_id(runtime, lead_id)
        escaped = sys.stdout.isatty()
        async for piece in write_export(await begin_export(runtime, current_actor(), stored_id)):
            sys.stdout.buffer.write(_for_terminal(piece) if escaped else piece)
    sys.stdout.buffer.write(b"\n")
    sys.stdout.flush()


def _for_terminal(piece: bytes) -> bytes:
    """The same JSON: what a terminal would obey, or what turns text around, is escaped."""
    return "".join(
        letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in piece.decode()
    ).encode()


async def erase(settings: Settings, lead_id: str, *, block: bool = False) -> None:
    """Erase, and print how much was erased. Raises `NotFound`."""
    async with open_runtime(settings) as runtime:
        erased = await erase_personal_data(
            runtime, current_actor(), await stored_lead_id(runtime, lead_id), block=block
        )
    if block:
        print("Events of this lead are refused from now on.")
    if erased.still_open:
        print("WARNING: these look personal and were stored in the open; they are still there:")
        print(*(f"  {printable(place)}" for place in erased.still_open), sep="\n")
    if not (erased.keys or erased.webhook_answers or erased.identifiers):
        print("There was nothing to erase: no personal data of this lead can be read.")
        return
    print(
        f"Erased: the key of {erased.events} event{'' if erased.events == 1 else 's'}, {erased.identifiers} identifiers, "
        f"answers of webhook endpoints in {erased.webhook_answers} deliveries."
    )


async def unblock(settings: Settings, lead_id: str) -> None:
    """Lift the block, and print whether there was one."""
    async with open_runtime(settings) as runtime:
        was_blocked = await unblock_lead(runtime, current_actor(), await stored_lead_id(runtime, lead_id))
    print("Events of this lead are taken again." if was_blocked else "This lead is not blocked.")
