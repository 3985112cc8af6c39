"""Senders that anybody can pose as, because their key stands in web pages, as the causes of late events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from domain.errors import NotFound
from domain.events.identifiers import PAGE_SPACE
from domain.leads.fold import is_late
from domain.leads.state import LeadState
from engine.capture.stored_event import StoredEvent
from engine.runtime import Runtime
from workflows.leads.fold_arrived import decode_arrived

__all__ = ["late_by_public_senders"]

_CHEAP = 100
"""Events of a lead that costs so little to fold again that nobody counts it."""
_SOURCE = "src_"


async def late_by_public_senders(
    runtime: Runtime, states: Mapping[str, LeadState], events: Sequence[StoredEvent]
) -> dict[str, str]:
    """The leads that are to be folded again because of late events of a public sender, and of nobody else; and which."""
    public: dict[str, list[StoredEvent]] = defaultdict(list)
    for event in events:
        if event.event_id.startswith((PAGE_SPACE, _SOURCE)):
            public[event.lead_id].append(event)
    found: dict[str, str] = {}
    for lead_id, of_page in public.items():
        state = states.get(lead_id)
        if state is None or state.events <= _CHEAP or not _late(of_page, state):
            continue
        late = _late([event for event in events if event.lead_id == lead_id], state)
        senders = [await _public_sender(runtime, event_id) for event_id in late]
        if senders[0] is not None and None not in senders:
            found[lead_id] = senders[0]
    return found


def _late(events: Sequence[StoredEvent], state: LeadState) -> list[str]:
    """The ids of those that are late, up to the first that cannot be decoded."""
    return [event.event_id for event in decode_arrived(events).events if is_late(event, state)]


async def _public_sender(runtime: Runtime, event_id: str) -> str | None:
    """The sender in whose space the id is, if its key is public: a page's key, or a source with origins."""
    if event_id.startswith(PAGE_SPACE):
        return event_id[: event_id.find(":", len(PAGE_SPACE))]
    if not event_id.startswith(_SOURCE):
        return None
    source_id = event_id.partition(":")[0]
    try:
        return source_id if (await runtime.sources.configured.current(source_id)).origins else None
    except NotFound:  # deleted meanwhile
        return source_id
