"""`lead-engine tail`: the live debugger of senders, on the terminal."""

from __future__ import annotations

import asyncio
import contextlib

import click
import msgspec
from pymongo.errors import PyMongoError

from domain.errors import Unavailable
from domain.events.event import Json
from domain.instant import Millis, to_datetime
from domain.privacy.personal_fields import SEALED_PART, looks_sealed
from engine.capture.escaped_names import unescaped
from engine.process.clock import from_bson
from engine.process.printable import printable
from engine.runtime import open_runtime
from engine.settings import Settings
from engine.sources.rejected_store import RejectedItem
from scripts.cli.command import exits, run, settings_with_logs
from workflows.sources.follow import Followed, follow, source_named

__all__ = ["run_tail", "tail"]

_SEALED = "[sealed]"
_MAX_SHOWN = 500
"""Characters of the properties of one event."""


@click.command()
@click.option("--source", help="Only of this source, by its name or id.")
@click.option("--lead", "lead_id", help="Only of this lead; rejected messages are left out.")
@click.option("--count", type=click.IntRange(1), help="End after so many lines.")
@exits
def tail(source: str | None, lead_id: str | None, count: int | None) -> int | None:
    """Follow events as they arrive, and messages of sources as they are rejected, each with its reason.

    Encrypted values are shown as [sealed]. Ctrl-C ends it.
    """
    try:
        return run(run_tail(settings_with_logs(), source, lead_id, count))
    except KeyboardInterrupt:
        return 0


async def run_tail(settings: Settings, source: str | None, lead_id: str | None, count: int | None) -> None:
    """Print what arrives from now on. Raises `NotFound` for a source that is not there, and `Unavailable`."""
    async with open_runtime(settings) as runtime:
        wanted = await source_named(runtime, source) if source else None
        shown = 0
        try:
            async with contextlib.aclosing(follow(runtime, wanted, lead_id)) as following:
                async for one in following:
                    print(line_of(one), flush=True)
                    shown += 1
                    if shown == count:
                        return
        except asyncio.CancelledError:  # Ctrl-C
            return
        except PyMongoError as error:
            raise Unavailable(f"MongoDB has stopped answering: {error}") from error


def line_of(one: Followed) -> str:
    """One line: when, what, whose, and the properties or the reasons."""
    if isinstance(one, RejectedItem):
        reasons = "; ".join(map(str, one.faults))
        return printable(f"{_time(one.rejected_at)}  REJECTED  {one.source_id}  {one.format}  {reasons}")
    raw = unescaped(one.raw)
    properties = msgspec.json.encode(_without_sealed(raw.get("properties") or {})).decode()[:_MAX_SHOWN]
    source = raw.get("source") or "-"
    at = _time(from_bson(raw["receivedAt"]))
    return printable(f"{at}  {one.type}  {source}  lead {one.lead_id}  {properties}")


def _time(at: Millis) -> str:
    return f"{to_datetime(at):%H:%M:%S}"


def _without_sealed(value: Json) -> Json:
    match value:
        case dict():
            return {name: _without_sealed(inner) for name, inner in value.items()}
        case list():
            return [_without_sealed(inner) for inner in value]
        case str() if looks_sealed(value):
            return _SEALED if not value.count(SEALED_PART) else _open_parts(value)
    return value


def _open_parts(text: str) -> str:
    """The text with each sealed part shown as such."""
    pieces = text.split(SEALED_PART)
    return pieces[0] + "".join(_SEALED + piece.partition("]")[2] for piece in pieces[1:])
