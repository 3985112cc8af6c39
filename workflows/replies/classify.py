"""Classification of one reply: rules, else the assistant; then the suppression of who says no, then the event."""

from __future__ import annotations

from domain.events.event import ENGINE_SOURCE, Event, Json, NewEvent
from domain.events.vocabulary import REPLY_CLASSIFIED
from domain.replies.classify import decided_by_rules
from domain.replies.intent import Reading
from domain.replies.reply_event import AUTO_REPLIED, reading_id, reply_in
from engine.assistant.assistant import Answer, Origin
from engine.runtime import Runtime
from workflows.privacy.encrypt import append_sealed
from workflows.replies.suppress_author import suppress_author

__all__ = ["classify_reply"]


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
        await suppress_author(runtime, event, answer.value.channels)
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
