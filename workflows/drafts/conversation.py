"""What is known of a lead for a draft: names, language, and the last messages of the conversation."""

from __future__ import annotations

from typing import NamedTuple

from domain.drafts.request import LANGUAGES, Language, Turn
from domain.events.event import Event
from domain.events.vocabulary import REPLY_CLASSIFIED
from domain.outreach.references import message_references
from domain.outreach.vocabulary import MESSAGE_RECEIVED
from domain.replies.classify import classify
from domain.replies.reply_event import reply_in
from engine.capture.codec import UndecodableEvent
from engine.outreach.message import Message
from engine.outreach.sealed_content import open_content
from engine.runtime import Runtime
from workflows.privacy.encrypt import opened

__all__ = ["Known", "known_of"]

_EVENTS = 300
_MESSAGES = 3
_TURN_CHARACTERS = 2000
_FIELDS = {
    "firstName": ("firstName", "first_name", "givenName"),
    "lastName": ("lastName", "last_name", "surname", "familyName"),
    "name": ("fullName", "name", "displayName"),
    "company": ("company", "companyName", "organization"),
    "language": ("language", "locale"),
}


class Known(NamedTuple):
    """Merge fields, language, the last reply, our message that it answers with its subject, its intent, and turns."""

    values: dict[str, str]
    language: Language | None
    reply: Event | None
    answered: Message | None
    subject: str
    intent: str
    turns: tuple[Turn, ...]


async def known_of(runtime: Runtime, lead_id: str, channel: str) -> Known:
    """What the latest 300 events and the last messages of the lead say."""
    events = await _latest(runtime, lead_id)
    values = _values(events)
    replies = [
        one for one in events if one.type == MESSAGE_RECEIVED and one.properties.get("channel") == channel
    ]
    reply = replies[0] if replies else None
    streams = await runtime.identity.streams.of_lead(lead_id)
    sent = await runtime.outreach.messages.page(lead_id=streams, after=None, limit=_MESSAGES)
    answered = await _answered(runtime, reply, streams)
    content = None
    if answered is not None:
        content = open_content(answered.sealed, await runtime.privacy.keys.find(answered.lead_id))
    turns = await _turns(runtime, sent, replies[:_MESSAGES])
    subject = content.subject if content else _text(reply, "messageSubject") if reply else ""
    return Known(
        values, _language(values.pop("language", "")), reply, answered, subject, _intent(events, reply), turns
    )


async def _latest(runtime: Runtime, lead_id: str) -> list[Event]:
    """The latest events, newest first and decrypted; those that cannot be decoded are left out."""
    found = []
    for stored in await runtime.capture.events.newest_of_lead(lead_id, _EVENTS):
        try:
            found.append(stored.decode())
        except UndecodableEvent:
            continue
    return await opened(runtime, found)


def _values(events: list[Event]) -> dict[str, str]:
    """The newest value of each field that is known."""
    values: dict[str, str] = {}
    for field, names in _FIELDS.items():
        if found := next((text for event in events for name in names if (text := _text(event, name))), ""):
            values[field] = found
    first, last = values.get("firstName", ""), values.pop("lastName", "")
    full = values.pop("name", "") or f"{first} {last}".strip()
    if full:
        values["fullName"] = full
        values.setdefault("firstName", full.split()[0])
    return values


def _text(event: Event, name: str) -> str:
    value = event.properties.get(name)
    return value if isinstance(value, str) and not value.startswith("[") else ""


def _language(text: str) -> Language | None:
    wanted = text.casefold()[:2]
    return next((one for one in LANGUAGES if one == wanted), None)


def _intent(events: list[Event], reply: Event | None) -> str:
    """What the reply means: as it was classified, else as it is read now."""
    if reply is None:
        return ""
    for event in events:
        if event.type == REPLY_CLASSIFIED and event.properties.get("replyId") == reply.event_id:
            return str(event.properties.get("intent"))
    found = reply_in(reply)
    return classify(found).intent if found else ""


async def _answered(runtime: Runtime, reply: Event | None, streams: tuple[str, ...]) -> Message | None:
    """Our message that the reply answers, if it is one to this lead in the same channel."""
    for message_id in message_references(reply) if reply else ():
        message = await runtime.outreach.messages.find(message_id)
        if message and message.lead_id in streams and message.channel == (reply and _text(reply, "channel")):
            return message
    return None


async def _turns(runtime: Runtime, sent: list[Message], replies: list[Event]) -> tuple[Turn, ...]:
    turns = [(event.occurred_at, Turn("lead", _text(event, "messageBody"))) for event in replies]
    for message in sent:
        content = open_content(message.sealed, await runtime.privacy.keys.find(message.lead_id))
        if content is not None and message.provider_id is not None:
            turns.append((message.created_at, Turn("us", content.text)))
    ordered = sorted(turns, key=lambda one: one[0])
    return tuple(Turn(turn.by, turn.text[:_TURN_CHARACTERS]) for _, turn in ordered if turn.text)
