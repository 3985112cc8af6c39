"""`lead-engine sources`: senders in the format of other systems. A new write key alone goes to standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table

from api.sources.bodies import ChangeSource, CreateSource
from domain.capture.mapping import SourceMapping
from domain.errors import Fault, Invalid
from domain.instant import to_datetime
from engine.process.printable import printable
from engine.runtime import open_runtime
from engine.settings import Settings
from engine.sources.source import SourceChange
from engine.store.keyset import Keyset
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from scripts.terminal.durations import age
from workflows.sources.configure import change_source, create_source, delete_source
from workflows.sources.follow import source_named
from workflows.sources.replay_rejected import replay_rejected

__all__ = ["change", "create", "delete", "list_all", "rejected", "replay", "sources"]

_PAGE = 200
_WIDE = 200
"""Width in characters where the output is not a terminal."""

Fields = dict[str, Any]


def _mapping_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say what a source is."""
    for option in (
        click.option("--identifier", "identifiers", multiple=True, metavar="KIND=PATH", help="Where messages have a userId, anonymousId, email or phone. May be repeated."),
        click.option("--property", "properties", multiple=True, metavar="PATH=NAME", help="Name of a property by its name or path in messages. May be repeated."),
        click.option("--event", "events", multiple=True, metavar="NAME=TYPE", help="Type of an event by the name that the sender uses. May be repeated."),
        click.option("--origin", "origins", multiple=True, help="Web pages of this origin send with it. May be repeated."),
    ):  # fmt: skip
        command = option(command)
    return command


@click.group()
def sources() -> None:
    """Create, list, change and delete sources; list and take again what was rejected."""


@sources.command("create")
@click.argument("name")
@_mapping_options
@exits
def create_command(name: str, **mapping: tuple[str, ...]) -> int | None:
    """Create a source and print its write key. It is shown only once: the engine stores its hash."""
    return run(create(settings_with_logs(), name, _fields(mapping)))


@sources.command("list")
@exits
def list_command() -> int | None:
    """List all sources with what was rejected of each."""
    return run(list_all(settings_with_logs()))


@sources.command("change")
@click.argument("source", metavar="SOURCE")
@click.option("--name", help="Another name.")
@_mapping_options
@exits
def change_command(source: str, name: str | None, **mapping: tuple[str, ...]) -> int | None:
    """Replace what is given of a source, by its name or id: a mapping as a whole, and nothing else."""
    fields = {**_fields(mapping), **({"name": name} if name else {})}
    return run(change(settings_with_logs(), source, fields))


@sources.command("delete")
@click.argument("source", metavar="SOURCE")
@exits
def delete_command(source: str) -> int | None:
    """Delete a source, its rejected messages and its write key. Its events stay."""
    return run(delete(settings_with_logs(), source))


@sources.command("rejected")
@click.argument("source", metavar="SOURCE")
@exits
def rejected_command(source: str) -> int | None:
    """List what could not be taken in the last seven days, oldest first, with the reasons."""
    return run(rejected(settings_with_logs(), source))


@sources.command("replay")
@click.argument("source", metavar="SOURCE")
@exits
def replay_command(source: str) -> int | None:
    """Take everything that was rejected again, with the mapping of now."""
    return run(replay(settings_with_logs(), source))


async def create(settings: Settings, name: str, fields: Fields) -> None:
    """Create a source and print its write key. Raises `Invalid`, `Conflict`."""
    body = CreateSource.decode(msgspec.json.encode({"name": name, **fields}))
    identifiers = {str(kind): path for kind, path in body.identifiers.items()}
    mapping = SourceMapping(body.events, body.properties, identifiers)
    async with open_runtime(settings) as runtime:
        new = await create_source(runtime, current_actor(), body.name, body.origins, mapping)
    said = f"Source {new.source.source_id} ({body.name}). Its write key is shown this once."
    print(said, file=sys.stderr)
    print(new.issued.token.text)


async def change(settings: Settings, source: str, fields: Fields) -> None:
    """Change the fields. Raises `NotFound`, `Invalid`, `Conflict`."""
    given = ChangeSource.decode(msgspec.json.encode(fields)).model_dump()
    if "origins" in given:
        given["origins"] = tuple(given["origins"])
    async with open_runtime(settings) as runtime:
        found = await source_named(runtime, source)
        changed = await change_source(runtime, current_actor(), found.source_id, SourceChange(**given))
    print(f"Source {changed.source_id} ({changed.name}) is changed, within two seconds in every process.")


async def delete(settings: Settings, source: str) -> None:
    """Delete the source. Raises `NotFound`."""
    async with open_runtime(settings) as runtime:
        found = await source_named(runtime, source)
        await delete_source(runtime, current_actor(), found.source_id)
    print(f"Source {found.source_id} ({found.name}) is deleted and its write key revoked.")


async def list_all(settings: Settings) -> None:
    """Print every source."""
    table = _table("Id", "Name", "Key", "Origins", "Mapped events", "Rejected", "Created")
    async with open_runtime(settings) as runtime:
        after: Keyset | None = None
        while page := await runtime.sources.configured.page(after, _PAGE):
            for one in page:
                table.add_row(
                    one.source_id,
                    printable(one.name),
                    one.key_id,
                    ", ".join(one.origins),
                    str(len(one.mapping.events)),
                    str(await runtime.sources.rejected.count(one.source_id)),
                    age(one.created_at, runtime.now()),
                )
            after = (page[-1].created_at, page[-1].source_id)
    _print(table)


async def rejected(settings: Settings, source: str) -> None:
    """Print what could not be taken. Raises `NotFound`."""
    table = _table("Rejected", "Id", "Format", "Why")
    async with open_runtime(settings) as runtime:
        found = await source_named(runtime, source)
        after: Keyset | None = None
        while page := await runtime.sources.rejected.page(found.source_id, after, _PAGE):
            for one in page:
                why = "; ".join(map(str, one.faults))
                at = f"{to_datetime(one.rejected_at):%Y-%m-%d %H:%M:%S}"
                table.add_row(at, printable(one.item_id), one.format, printable(why))
            after = (page[-1].rejected_at, page[-1].item_id)
    _print(table)


async def replay(settings: Settings, source: str) -> None:
    """Take everything that was rejected again. Raises `NotFound`, `Unavailable`."""
    accepted = duplicates = still = 0
    async with open_runtime(settings) as runtime:
        found = await source_named(runtime, source)
        after: Keyset | None = None
        while True:
            done = await replay_rejected(runtime, current_actor(), found.source_id, after=after)
            accepted += done.captures.accepted
            duplicates += done.captures.duplicates
            still += done.captures.rejected
            after = done.resume
            if after is None:
                break
    print(f"{accepted} taken, {duplicates} known already, {still} still rejected.")


def _fields(given: dict[str, tuple[str, ...]]) -> Fields:
    """The fields that options give; those that are left out are not there. Raises `Invalid`."""
    fields: Fields = {}
    if given["origins"]:
        fields["origins"] = list(given["origins"])
    for name in ("events", "properties", "identifiers"):
        if given[name]:
            fields[name] = dict(_pairs(name, given[name]))
    return fields


def _pairs(option: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    """Each text in two at its last equals sign. Raises `Invalid`."""
    pairs = []
    for text in texts:
        left, equals, right = text.rpartition("=")
        if not equals:
            raise Invalid(f"The {option} cannot be read:", (Fault(text, "write two words with = between"),))
        pairs.append((left.strip(), right.strip()))
    return pairs


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold", header_style="dim")
    return table


def _print(table: Table) -> None:
    Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False, markup=False).print(table)
