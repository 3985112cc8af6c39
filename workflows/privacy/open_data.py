"""Search for what looks personal in a lead's events and is stored in the open, where no erasure reaches it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

from domain.events.event import Json
from domain.privacy.personal_fields import USUAL_FIELDS, Sealing, looks_sealed, seals_whole
from engine.capture.lenient import decode_lenient
from engine.runtime import Runtime

__all__ = ["find_open_data"]

_MAX_EVENTS = 10_000
"""Events that are looked at, the newest first."""
_PAGE = 100
_MAX_FOUND = 50
_MAX_PATH = 200
_LOCAL_NUMBER = re.compile(r"[(]?0[1-9][0-9 ()/.-]{5,16}[0-9]")
"""A telephone number without the code of its country: too doubtful to be sealed, but worth a look."""
_NEVER_SEALED = ("leadId", "eventId", "source")


async def find_open_data(runtime: Runtime, lead_id: str) -> tuple[str, ...]:
    """Where something looks personal and stays readable: `leadId`, or paths such as `properties.form.login`; 50 at most.

    By the names and values that are recognised, whatever the settings say; of the newest 10,000 events.
    """
    found: set[str] = set()
    before: int | None = None
    for _ in range(_MAX_EVENTS // _PAGE):
        page = await runtime.capture.events.page_of_lead(lead_id, _PAGE, before=before)
        for stored in page:
            event = decode_lenient(stored)
            named = {"leadId": event.lead_id, "eventId": event.event_id, "source": event.source}
            found |= {name for name in _NEVER_SEALED if USUAL_FIELDS.spans(named[name], Sealing.PARTS)}
            found |= set(_open_paths(event.properties, "properties"))
            await asyncio.sleep(0)
        if len(page) < _PAGE or len(found) >= _MAX_FOUND:
            break
        before = page[-1].position
    return tuple(sorted(found)[:_MAX_FOUND])


def _open_paths(properties: dict[str, Json], path: str) -> Iterator[str]:
    for name, value in properties.items():
        yield from _open_value(value, USUAL_FIELDS.sealing(name), f"{path}.{name}")


def _open_value(value: Json, sealing: Sealing, path: str) -> Iterator[str]:
    if value is None or value == "" or (isinstance(value, str) and looks_sealed(value)):
        return
    if isinstance(value, dict) and not seals_whole(sealing, value):
        yield from _open_paths(value, path)
    elif isinstance(value, list):
        for inner in value:
            yield from _open_value(inner, sealing, path)
    elif seals_whole(sealing, value) or (isinstance(value, str) and _looks_personal(value)):
        yield path[:_MAX_PATH]


def _looks_personal(text: str) -> bool:
    return bool(USUAL_FIELDS.spans(text, Sealing.PARTS)) or _LOCAL_NUMBER.fullmatch(text) is not None
