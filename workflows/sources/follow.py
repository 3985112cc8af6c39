"""The live debugger: events as they are appended, and messages of sources as they are rejected."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from msgspec import Struct

from domain.instant import SECOND
from engine.capture.log.subscription import Subscription
from engine.capture.stored_event import StoredEvent
from engine.runtime import Runtime
from engine.sources.rejected_store import RejectedItem
from engine.sources.source import Source

__all__ = ["Followed", "follow", "source_named"]

_EVENTS_AT_ONCE = 200
_POLL_SECONDS = 1.0
_OVERLAP = 5 * SECOND
"""How much later than its time a rejected item may be stored, in milliseconds."""

Followed = StoredEvent | RejectedItem


class _Rejections(Struct):
    """The items that were shown, of the last seconds."""

    since: int
    shown: dict[str, int]


async def source_named(runtime: Runtime, name: str) -> Source:
    """The source with this name or id. Raises `NotFound`."""
    return await runtime.sources.configured.named(name) or await runtime.sources.configured.get(name)


async def follow(
    runtime: Runtime, source: Source | None = None, lead_id: str | None = None
) -> AsyncGenerator[Followed, None]:
    """What arrives from now on, for ever: of one source, and of one lead, if they are given.

    Rejected items are of nobody in particular, so they are left out where a lead is given.
    """
    subscription = Subscription(runtime.capture.log)
    cursor = await subscription.end()
    rejections = _Rejections(runtime.now(), {})
    async with runtime.capture.notifications.subscribed() as arrived:
        while True:
            end = await subscription.end()
            while cursor.events_until(end):
                found, cursor = await subscription.events_after(cursor, _EVENTS_AT_ONCE, up_to=end)
                for event in found:
                    if _is_of(event, source) and lead_id in {None, event.lead_id}:
                        yield event
            if lead_id is None:
                for item in await _new_rejections(runtime, source, rejections):
                    yield item
            await arrived.wait(_POLL_SECONDS)


def _is_of(event: StoredEvent, source: Source | None) -> bool:
    if source is None:
        return True
    return event.event_id.startswith(f"{source.source_id}:") or event.raw.get("source") == source.name


async def _new_rejections(
    runtime: Runtime, source: Source | None, rejections: _Rejections
) -> Sequence[RejectedItem]:
    """Those that were not shown yet; an item may be stored a little later than one with a later time."""
    found = await runtime.sources.rejected.since(
        rejections.since, source.source_id if source else None, _EVENTS_AT_ONCE
    )
    new = [item for item in found if item.item_id not in rejections.shown]
    if found:
        rejections.since = max(rejections.since, found[-1].rejected_at - _OVERLAP)
    rejections.shown |= {item.item_id: item.rejected_at for item in new}
    rejections.shown = {one: at for one, at in rejections.shown.items() if at >= rejections.since}
    return new
