"""Field-level encryption of rejected items, with a key of their source, which is destroyed with it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from domain.events.event import Json
from engine.runtime import Runtime
from engine.sources.personal_data import SEALED_FIELD, key_owner_of
from engine.sources.rejected_store import RejectedItem
from engine.sources.source import Source

__all__ = ["opened_contents", "sealed_contents"]

_MAX_BYTES = 256 * 1024
"""Size of an item whose content is kept, as JSON."""


async def sealed_contents(runtime: Runtime, source: Source, contents: Sequence[Json]) -> list[str | None]:
    """Each content encrypted; None for one that is too large. Raises `Unavailable`, and what PyMongo raises."""
    owner = key_owner_of(source.source_id)
    key = (await runtime.privacy.keys.of_leads([owner]))[owner]
    return [
        key.seal(SEALED_FIELD, content) if len(msgspec.json.encode(content)) <= _MAX_BYTES else None
        for content in contents
    ]


async def opened_contents(runtime: Runtime, source_id: str, items: Sequence[RejectedItem]) -> list[Json]:
    """The content of each item as it was sent; None if it was too large or the key is gone."""
    key = await runtime.privacy.keys.find(key_owner_of(source_id))
    return [
        None if key is None or item.sealed is None else key.open(SEALED_FIELD, item.sealed) for item in items
    ]
