"""What becomes of messages that cannot be taken: they are kept with their reasons, encrypted, for seven days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pymongo.errors import PyMongoError

from domain.capture.captured import first_texts
from domain.capture.formats import Format
from domain.capture.mapping import value_at
from domain.errors import Fault, Unavailable
from domain.events.event import Json
from domain.instant import Millis
from engine.runtime import Runtime
from engine.sources.rejected_store import RejectedItem
from engine.sources.source import Source
from workflows.sources.seal_items import sealed_contents

__all__ = ["Rejection", "keep_rejected"]

_MAX_FAULTS = 5
"""Faults that are kept per message."""
_PERSON_AT = ("userId", "anonymousId", "previousId", "distinct_id", "properties.distinct_id", "data.userId")
"""Where messages of any format name their person."""


class Rejection(NamedTuple):
    """A message that cannot be taken, under the id that its event would have, and what is wrong with it."""

    event_id: str
    message: Json
    faults: tuple[Fault, ...]


async def keep_rejected(
    runtime: Runtime, source: Source, wire_format: Format, rejections: Sequence[Rejection], at: Millis
) -> int:
    """Keep the messages durably. Returns how many; the others are too many for this source.

    Raises `Unavailable`.
    """
    if not rejections:
        return 0
    try:
        contents = await sealed_contents(runtime, source, [one.message for one in rejections])
        items = [
            RejectedItem(
                item_id=one.event_id,
                source_id=source.source_id,
                format=wire_format,
                faults=one.faults[:_MAX_FAULTS],
                rejected_at=at,
                sealed=sealed,
                about=_about(one.message),
            )
            for one, sealed in zip(rejections, contents, strict=True)
        ]
        return await runtime.sources.rejected.keep(source.source_id, items)
    except PyMongoError as error:
        raise Unavailable("The store is not available; the request is safe to repeat.") from error


def _about(message: Json) -> tuple[str, ...]:
    if not isinstance(message, Mapping):
        return ()
    return tuple(first_texts((path, value_at(message, path)) for path in _PERSON_AT).values())
