"""Replay of rejected items: each is put to the mapping of now, and taken if that makes an event of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from domain.capture.formats import READERS, Format
from domain.errors import Invalid
from domain.events.event import Json
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.sources.rejected_store import RejectedItem
from engine.sources.source import Source
from engine.store.keyset import Keyset
from engine.store.mongo import Session
from workflows.audited import audited
from workflows.sources.capture import Captures, store_events
from workflows.sources.seal_items import opened_contents
from workflows.sources.to_event import SourceEvent, to_event

__all__ = ["Replayed", "replay_rejected"]

_AT_ONCE = 500
"""Items of one call, which is answered in bounded time."""


class Replayed(NamedTuple):
    """What became of the items, and behind which one the next call goes on; None at the end."""

    captures: Captures
    resume: Keyset | None


async def replay_rejected(
    runtime: Runtime, actor: Actor, source_id: str, ids: Sequence[str] = (), after: Keyset | None = None
) -> Replayed:
    """Take rejected items again: those with these ids, or the oldest ones, or those behind `after`.

    One without a time of its own occurred when it was rejected. An item that is stored is removed from the rejected ones
    after that, so that a call that is repeated finds it stored. Raises `NotFound`, `Unavailable`.
    """
    source = await runtime.sources.configured.get(source_id)
    found = await runtime.sources.rejected.page(source_id, after, _AT_ONCE, ids)
    contents = await opened_contents(runtime, source_id, found)
    sound = [
        (item.item_id, event)
        for item, content in zip(found, contents, strict=True)
        if (event := _event(runtime, source, item, content)) is not None
    ]
    stored = await store_events(runtime, source, [event for _, event in sound])
    captures = stored._replace(rejected=len(found) - len(sound))
    if sound:
        await _audit(runtime, actor, source, captures)
        await runtime.sources.rejected.remove([item_id for item_id, _ in sound])
    is_last = bool(ids) or len(found) < _AT_ONCE
    return Replayed(captures, None if is_last else (found[-1].rejected_at, found[-1].item_id))


def _event(runtime: Runtime, source: Source, item: RejectedItem, content: Json) -> SourceEvent | None:
    if content is None or item.format not in READERS:
        return None
    try:
        wire_format = cast("Format", item.format)
        return to_event(runtime, source, wire_format, content, item.item_id, received_at=item.rejected_at)
    except Invalid:
        return None


async def _audit(runtime: Runtime, actor: Actor, source: Source, captures: Captures) -> None:
    async def log(session: Session) -> tuple[None, AuditAction]:  # noqa: ARG001 - nothing else is stored with it
        after: dict[str, Json] = {"accepted": captures.accepted, "duplicates": captures.duplicates}
        return None, AuditAction("source.replayed", source.source_id, after=after)

    await audited(runtime, actor, log)
