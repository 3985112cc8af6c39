"""`lead-engine keys`. A new key alone goes to standard output, so that a script can take it from there."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from domain.errors import Fault, Invalid
from domain.instant import HOUR, Millis, to_datetime
from engine.access.keys.key import MAX_NAME, NAME_PATTERN, ApiKey, Scope
from engine.access.keys.key_store import IssuedKey
from engine.access.keys.origin import check_origin
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from scripts.terminal.actor import current_actor
from scripts.terminal.durations import age
from scripts.terminal.lead_facts import printable
from workflows.access.keys import create_key, revoke_key, rotate_key

__all__ = ["create", "list_all", "revoke", "rotate"]

_PAGE = 200
_WIDE = 200
"""Columns of text for a program that reads the list."""


async def create(settings: Settings, name: str, scopes: Sequence[Scope], origins: Sequence[str]) -> None:
    """Make a key and print it."""
    if faults := tuple(_faults(name, origins)):
        raise Invalid("This key cannot be made:", faults)
    async with open_runtime(settings) as runtime:
        issued = await create_key(runtime, current_actor(), name, scopes, origins)
    _show(issued, "It is shown this once; keep it where only its holder can read it.")


async def rotate(settings: Settings, key_id: str, overlap_hours: float) -> None:
    """Print the new key."""
    async with open_runtime(settings) as runtime:
        issued = await rotate_key(runtime, current_actor(), key_id, round(overlap_hours * HOUR))
    until = [one.expires_at for one in issued.key.secrets if one.expires_at is not None]
    _show(issued, f"The old key works until {_moment(max(until))}." if until else "The old key has ended.")


async def revoke(settings: Settings, key_id: str) -> None:
    """End the key."""
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
