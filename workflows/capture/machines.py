"""Opens and clicks of machines: marked as they arrive, and retracted when later ones give them away."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec.structs import replace
from pymongo.errors import PyMongoError

from domain.bots.burst import Click, scanned
from domain.bots.machine import JUDGED_TYPES, machine_reason
from domain.errors import LeadEngineError
from domain.events.event import AUTOMATED
from engine.capture.codec import UndecodableEvent, decode_unmarked
from engine.capture.deduplication import Appended
from engine.capture.retractions import mark_of
from engine.operations.audit_log import ENGINE
from engine.runtime import Runtime
from workflows.capture.event_input import EventInput
from workflows.capture.retract import retract_event

__all__ = ["retract_scans", "with_machines_marked"]

_log = logging.getLogger(__name__)

_CLICKS = frozenset({"email.clicked", "email_click", "link.clicked"})
_DELIVERED = "email.delivered"
_EVENTS = 100
"""The newest events of a lead in which the clicks of a scanner are looked for."""
_MESSAGE = ("messageId", "providerId")


def with_machines_marked(events: Sequence[EventInput]) -> Sequence[EventInput]:
    """The events; opens and clicks that a machine made have the reason in the property `automated`."""
    if not any(event.type in JUDGED_TYPES for event in events):
        return events
    return [_marked(event) for event in events]


def _marked(event: EventInput) -> EventInput:
    reason = machine_reason(event.type, event.properties or {})
    return replace(event, properties={**(event.properties or {}), AUTOMATED: reason}) if reason else event


async def retract_scans(runtime: Runtime, events: Sequence[EventInput], results: Sequence[Appended]) -> None:
    """Retract the clicks of a scanner that the new ones among these have given away.

    What was judged before, by us or by a person, is left as it is. A failure is logged: the events are stored, and the next click is
    looked at again.
    """
    if not any(event.type in _CLICKS for event in events):
        return
    leads = {
        result.lead_id
        for event, result in zip(events, results, strict=True)
        if event.type in _CLICKS and result.status == "accepted" and _message_of(event.properties or {})
    }
    for lead_id in leads:
        try:
            await _retract_scans(runtime, lead_id)
        except (PyMongoError, LeadEngineError):
            _log.warning("The clicks of lead %s could not be looked at.", lead_id, exc_info=True)


async def _retract_scans(runtime: Runtime, lead_id: str) -> None:
    clicks: dict[str, list[Click]] = defaultdict(list)
    delivered: dict[str, int] = {}
    judged: set[str] = set()
    for stored in await runtime.capture.events.newest_of_lead(lead_id, _EVENTS):
        try:
            event = decode_unmarked(stored.raw)
        except UndecodableEvent:
            continue
        message = _message_of(event.properties)
        if not message:
            continue
        if event.type == _DELIVERED:
            delivered[message] = event.occurred_at
        elif event.type in _CLICKS:
            clicks[message].append(
                Click(event.event_id, event.occurred_at, str(event.properties.get("url", "")))
            )
            if AUTOMATED in event.properties or mark_of(stored).changes:
                judged.add(event.event_id)
    for message, of_message in clicks.items():
        for event_id, reason in scanned(of_message, delivered.get(message)).items():
            if event_id not in judged:
                await retract_event(runtime, ENGINE, lead_id, event_id, reason)


def _message_of(properties: Mapping[str, object]) -> str:
    return next((value for name in _MESSAGE if isinstance(value := properties.get(name), str) and value), "")
