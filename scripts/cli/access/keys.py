"""`lead-engine keys`: API keys. A new key alone goes to standard output, where a script can capture it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence

import click
from rich.console import Console
from rich.table import Table

from domain.errors import Fault, Invalid
from domain.instant import HOUR, Millis, to_datetime
from engine.access.keys.key import MAX_NAME, NAME_PATTERN, SCOPES, ApiKey, Scope
from engine.access.keys.key_store import IssuedKey
from engine.access.keys.origin import check_origin
from engine.process.printable import printable
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from scripts.terminal.durations import age
from workflows.access.keys import create_key, revoke_key, rotate_key

__all__ = ["create", "keys", "list_all", "revoke", "rotate"]

_PAGE = 200
_WIDE = 200
"""Width in characters where the output is not a terminal."""


@click.group()
def keys() -> None:
    """Create, list, rotate and revoke API keys."""


@keys.command("create")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    required=True,
    help="ingest sends events, read reads leads, work handles tasks, manage changes how the engine works, "
    "own erases people and decides over owners. May be repeated.",
)
@click.option(
    "--origin", "origins", multiple=True, help="For web pages of this origin only. May be repeated."
)
@exits
def create_command(name: str, scopes: tuple[Scope, ...], origins: tuple[str, ...]) -> int | None:
    """Create a key and print it. It is shown only once: the engine stores its hash."""
    return run(create(settings_with_logs(), name, scopes, origins))


@keys.command("list")
@exits
def list_command() -> int | None:
    """List all keys, revoked ones too, with the time of their last use."""
    return run(list_all(settings_with_logs()))


@keys.command("rotate")
@click.argument("key_id", metavar="ID")
@click.option(
    "--overlap-hours",
    default=24.0,
    show_default=True,
    type=click.FloatRange(0, 720),
    help="Hours for which the old secret works beside the new one.",
)
@exits
def rotate_command(key_id: str, overlap_hours: float) -> int | None:
    """Print a new secret for a key. The old one expires after the overlap."""
    return run(rotate(settings_with_logs(), key_id, overlap_hours))


@keys.command("revoke")
@click.argument("key_id", metavar="ID")
@exits
def revoke_command(key_id: str) -> int | None:
    """Revoke a key for good; every process refuses it within seconds."""
    return run(revoke(settings_with_logs(), key_id))


async def create(settings: Settings, name: str, scopes: Sequence[Scope], origins: Sequence[str]) -> None:
    """Create a key and print it. Raises `Invalid`."""
    if faults := tuple(_faults(name, origins)):
        raise Invalid("This key cannot be created:", faults)
    async with open_runtime(settings) as runtime:
        issued = await create_key(runtime, current_actor(), name, scopes, origins)
    _show(issued, "It is shown this once; keep it where only its holder can read it.")


async def rotate(settings: Settings, key_id: str, overlap_hours: float) -> None:
    """Print the new secret of a key. Raises `NotFound`."""
    async with open_runtime(settings) as runtime:
        issued = await rotate_key(runtime, current_actor(), key_id, round(overlap_hours * HOUR))
    until = [one.expires_at for one in issued.key.secrets if one.expires_at is not None]
    _show(
        issued,
        f"The old secret works until {_moment(max(until))}." if until else "The old secret has expired.",
    )


async def revoke(settings: Settings, key_id: str) -> None:
    """Revoke the key. Raises `NotFound`."""
    async with open_runtime(settings) as runtime:
        key = await revoke_key(runtime, current_actor(), key_id)
    print(f"Key {key.key_id} ({key.name}) is revoked; every process refuses it within seconds.")


async def list_all(settings: Settings) -> None:
    """Print every key."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("Id", "Name", "Scopes", "Origins", "Created", "Last used", ""):
        table.add_column(column, overflow="fold", no_wrap=column in {"Id", "Last used"}, header_style="dim")
    async with open_runtime(settings) as runtime:
        for key in await _all(runtime):
            used = "never" if key.last_used_at is None else age(key.last_used_at, runtime.now())
            table.add_row(
                key.key_id,
                printable(key.name),
                ", ".join(key.scopes),
                ", ".join(key.origins),
                age(key.created_at, runtime.now()),
                used,
                "revoked" if key.revoked_at is not None else "",
            )
    Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False, markup=False).print(table)


async def _all(runtime: Runtime) -> list[ApiKey]:
    keys: list[ApiKey] = []
    while page := await runtime.access.keys.page(
        (keys[-1].created_at, keys[-1].key_id) if keys else None, _PAGE
    ):
        keys += page
    return keys


def _faults(name: str, origins: Sequence[str]) -> Iterator[Fault]:
    if len(name) > MAX_NAME or not re.match(NAME_PATTERN, name):
        yield Fault("NAME", f"write 1 to {MAX_NAME} visible characters")
    for origin in origins:
        try:
            check_origin(origin)
        except Invalid as error:
            yield Fault(f"--origin {origin}", error.message)


def _show(issued: IssuedKey, then: str) -> None:
    key = issued.key
    print(f"Key {key.key_id} ({key.name}) with {', '.join(key.scopes)}. {then}", file=sys.stderr)
    print(issued.token.text)


def _moment(at: Millis) -> str:
    return f"{to_datetime(at):%Y-%m-%d %H:%M} UTC"
