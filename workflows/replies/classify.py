"""Classification of one reply: rules, else the assistant; then the suppression of who says no, then the event."""

from __future__ import annotations

from domain.events.event import ENGINE_SOURCE, Event, Json, NewEvent
from domain.events.vocabulary import REPLY_CLASSIFIED
from domain.identity.identifier import NotAnIdentifier, normalised
from domain.outreach.references import message_references
from domain.replies.classify import decided_by_rules
from domain.replies.intent import Reading
from domain.replies.reply_event import AUTO_REPLIED, reading_id, reply_in
from engine.assistant.assistant import Answer, Origin
from engine.outreach.sealed_content import open_content
from engine.outreach.suppression_store import ALL, NewEntry
from engine.runtime import Runtime
from workflows.outreach.facts import ADDRESS_KINDS
from workflows.outreach.recipient import known_address
from workflows.privacy.encrypt import append_sealed

__all__ = ["classify_reply"]

_WHY = "the recipient has asked in a reply not to be written to"


async def classify_reply(runtime: Runtime, event: Event) -> bool:
    """Append what a reply means; its personal fields must be opened. False if it has no text.

    A clear opt-out suppresses every known address of the lead before the event is stored; one that is only suspected ends
    the messages to this lead and no other. Repeating it changes nothing.
    """
    reply = reply_in(event)
    if reply is None:
        return False
    decided = decided_by_rules(reply)
    if decided is not None:
        answer = Answer(decided, Origin(by=decided.by))
    else:
        answer = await runtime.drafts.assistant.classify(reply)
    if answer.value.intent == "unsubscribe":
        entries = await _entries(runtime, event, answer.value.channels)
        await runtime.outreach.suppressions.add(entries, runtime.now())
    await append_sealed(runtime, [_event(runtime, event, answer)])
    return True


def _event(runtime: Runtime, reply: Event, answer: Answer[Reading]) -> NewEvent:
    event_id = reading_id(reply.stream_id, reply.event_id)
    return NewEvent(
        event_id=event_id,
        lead_id=reply.stream_id,
        type=REPLY_CLASSIFIED,
        occurred_at=reply.occurred_at,
        received_at=runtime.now(),
        body_hash=event_id,  # the first reading stands, whatever a later one would be
        source=ENGINE_SOURCE,
        properties={
            "replyId": reply.event_id,
            "automatic": reply.type == AUTO_REPLIED,
            **_read(answer.value),
            **_cost(answer.origin),
        },
    )


def _read(reading: Reading) -> dict[str, Json]:
    properties: dict[str, Json] = {
        "intent": reading.intent,
        "confidence": reading.confidence,
        "by": reading.by,
    }
    if reading.returns is not None:
        properties["returns"] = reading.returns.isoformat()
    if reading.suspected_opt_out is not None:
        properties["suspectedOptOut"] = reading.suspected_opt_out
    if reading.channels:
        properties["channels"] = list(reading.channels)
    if reading.evidence is not None:
        properties |= {"evidenceStart": reading.evidence.start, "evidenceEnd": reading.evidence.end}
    return properties


def _cost(origin: Origin) -> dict[str, Json]:
    """What a model used; nothing for rules and the classifier."""
    properties: dict[str, Json] = {}
    if origin.model:
        properties = {
            "model": origin.model,
            "promptHash": origin.prompt_hash,
            "inputTokens": origin.input_tokens,
            "outputTokens": origin.output_tokens,
            "cost": origin.cost,
        }
    if origin.notes:
        properties["remarks"] = list(origin.notes)
    return properties


async def _entries(runtime: Runtime, event: Event, channels: tuple[str, ...]) -> list[NewEntry]:
    """An entry per address of the lead, and for the one that our message went to which is answered; in these channels, else in all."""
    found: set[tuple[str, str]] = set()
    kinds = set(ADDRESS_KINDS.values())
    streams = await runtime.identity.streams.of_lead(event.stream_id)
    for channel, kind in ADDRESS_KINDS.items():
        if (address := await known_address(runtime, event.stream_id, channel)) is not None:
            found |= _normal(kind, address, runtime.identity.phone_region)
    for stream in streams:
        async for one in runtime.identity.identities.of_lead(stream):
            if one.identifier is not None and one.identifier.kind in kinds:
                found.add((one.identifier.kind, one.identifier.value))
    for message_id in message_references(event):
        message = await runtime.outreach.messages.find(message_id)
        if message is None or message.lead_id not in streams:
            continue
        content = open_content(message.sealed, await runtime.privacy.keys.find(message.lead_id))
        if content is not None:
            found.add((ADDRESS_KINDS.get(message.channel, message.channel), content.to))
    scopes = [name for name in channels if name in runtime.outreach.channels] if channels else [ALL]
    return [
        NewEntry(scope=scope, kind=kind, value=value, why=_WHY, source="reply", lead_id=event.stream_id)
        for scope in scopes
        for kind, value in sorted(found)
        if scope == ALL or kind == ADDRESS_KINDS.get(scope, scope)
    ]


def _normal(kind: str, address: str, region: str) -> set[tuple[str, str]]:
    """The address as entries have it; nothing if it is none, for it may be any property of an event."""
    try:
        return {(kind, normalised(kind, address, region).value)}
    except NotAnIdentifier:
        return set()
