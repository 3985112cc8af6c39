"""Reports about messages by providers: they answer what was in question, and suppress recipients who said no."""

from __future__ import annotations

from collections.abc import Sequence

from domain.identity.identifier import EMAIL, NotAnIdentifier, normalised
from domain.outreach.references import references_in
from domain.outreach.status import TAKEN
from domain.outreach.withhold import closes_email
from engine.outreach.suppression_store import NewEntry
from engine.runtime import Runtime
from workflows.capture.event_input import EventInput
from workflows.outreach.resolve import reported_as_sent

__all__ = ["act_on_reports"]

_WHY = {
    "email.unsubscribed": "the recipient has unsubscribed",
    "email.complained": "the recipient has reported a message as spam",
    "email.bounced": "a message has bounced for good",
}


async def act_on_reports(runtime: Runtime, events: Sequence[EventInput]) -> None:
    """Suppress addresses before their events are stored, and end messages in question that a provider has taken.

    Repeating it changes nothing. The lead's own stream needs none of this: what is in it is looked at before each send.
    Another lead with the same address does.
    """
    entries = [entry for event in events if (entry := _entry(event)) is not None]
    await runtime.outreach.suppressions.add(entries, runtime.now())
    for event in events:
        if event.type not in TAKEN:
            continue
        for message_id in references_in(event.properties or {}):
            message = await runtime.outreach.messages.find(message_id)
            if message is not None and message.unclear:
                await reported_as_sent(runtime, message, message.unit_id)


def _entry(event: EventInput) -> NewEntry | None:
    properties = event.properties or {}
    address = (event.identifiers or {}).get(EMAIL) or properties.get("email")
    if not closes_email(event.type, properties) or not isinstance(address, str):
        return None
    try:
        value = normalised(EMAIL, address).value
    except NotAnIdentifier:
        return None
    return NewEntry(
        scope="email",
        kind=EMAIL,
        value=value,
        why=_WHY[event.type],
        source=event.source or "event",
        lead_id=event.lead_id or None,
    )
