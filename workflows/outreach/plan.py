"""Planning of a message: checked, stored encrypted, and said in the lead's stream before it is due."""

from __future__ import annotations

import hashlib
from datetime import datetime

from msgspec import Struct

from domain.errors import Fault, Invalid, NotFound
from domain.identity.identifier import Identifier
from domain.instant import DAY, Millis, from_datetime
from domain.outreach.vocabulary import MESSAGE_PLANNED
from engine.outreach.message import MESSAGE, Author, Content, Message, message_id_of, new_message_id
from engine.outreach.sealed_content import content_hash, seal_content
from engine.runtime import Runtime
from workflows.outreach.events import append_message_event
from workflows.outreach.facts import ADDRESS_KINDS
from workflows.outreach.recipient import recipient_of

__all__ = ["NewMessage", "plan_message"]

_MAX_AHEAD: Millis = 366 * DAY


class NewMessage(Struct, frozen=True, kw_only=True):
    """A message as somebody asks for it. Without `to` it goes to the address that is known of the lead."""

    channel: str
    to: str | None = None
    subject: str = ""
    text: str = ""
    html: str = ""
    template: str = ""
    language: str = ""
    variables: dict[str, str] = {}
    send_at: datetime | None = None
    reply_to: str | None = None
    despite_reply: bool = False
    not_after: Millis | None = None
    """For messages of sequences: the moment after which it would come too late."""
    zone: str = ""
    country: str = ""
    why: str = ""


async def plan_message(
    runtime: Runtime,
    author: Author,
    lead_id: str,
    new: NewMessage,
    key: str | None,
    *,
    asks_consent: bool = False,
) -> tuple[Message, bool]:
    """Store a message that goes out when it is due. Returns it, and whether it is new: the same key is the same message.

    One that `asks_consent` needs none. Raises `NotFound` for a lead without events, `Invalid` with the field that is wrong, `Conflict` for another message
    under the same key.
    """
    if not await runtime.capture.events.last_of_lead(lead_id):
        raise NotFound("lead", lead_id)
    if await runtime.privacy.blocked.among([lead_id]):
        raise Invalid("Nothing was planned.", (Fault("", "this lead was erased and is blocked"),))
    earlier = await _continued(runtime, lead_id, new)
    to = await recipient_of(runtime, lead_id, new.channel, new.to)
    content = Content(
        to=to,
        text=new.text,
        subject=new.subject,
        html=new.html,
        template=new.template,
        language=new.language,
        variables=new.variables,
        zone=new.zone,
        country=new.country,
    )
    lead_key = (await runtime.privacy.keys.of_leads([lead_id]))[lead_id]
    now = runtime.now()
    send_at = now if new.send_at is None else from_datetime(new.send_at)
    if send_at > now + _MAX_AHEAD:
        raise Invalid("Nothing was planned.", (Fault("/sendAt", "must be within a year"),))
    asked_for = None if new.send_at is None else send_at
    message = Message(
        unit_id=new_message_id() if key is None else message_id_of(author, lead_id, key),
        lead_id=lead_id,
        state="waiting",
        created_at=now,
        due_at=max(send_at, now),
        channel=new.channel,
        bucket=await _bucket(runtime, new.channel, to),
        author=author,
        why=new.why,
        sealed=seal_content(content, lead_key),
        recipient=await _recipient_key(runtime, new.channel, to),
        content_hash=content_hash(content, lead_key, new.channel, asked_for, new.reply_to),
        reply_to=new.reply_to,
        thread=() if earlier is None else _thread(earlier),
        despite_reply=new.despite_reply,
        asks_consent=asks_consent,
        not_after=new.not_after,
    )
    stored, is_new = await runtime.outreach.messages.add(message)
    if stored.planned_position is None:
        appended = await append_message_event(
            runtime, stored, MESSAGE_PLANNED, {"dueAt": stored.due_at, "sender": f"{author.kind}:{author.id}"}
        )
        await runtime.outreach.messages.planned(stored.unit_id, appended.position)
    if stored.due_at <= runtime.now():
        await runtime.work.wake_ups.announce(MESSAGE)
    return stored, is_new


async def _continued(runtime: Runtime, lead_id: str, new: NewMessage) -> Message | None:
    """The message of ours whose thread the new one continues."""
    if new.reply_to is None:
        return None
    earlier = await runtime.outreach.messages.find(new.reply_to)
    streams = await runtime.identity.streams.of_lead(lead_id)
    if earlier is None or earlier.lead_id not in streams or earlier.channel != new.channel:
        fault = Fault("/replyTo", "is no message to this lead in this channel")
        raise Invalid("Nothing was planned.", (fault,))
    return earlier


def _thread(earlier: Message) -> tuple[str, ...]:
    return (*earlier.thread, earlier.provider_id) if earlier.provider_id else earlier.thread


async def _recipient_key(runtime: Runtime, channel: str, to: str) -> str:
    """The keyed hash under which the address is an identifier, of channels that have one."""
    kind = ADDRESS_KINDS.get(channel)
    if kind is None:
        return ""
    return (await runtime.identity.identities.blind_index()).key_of(Identifier(kind, to))


async def _bucket(runtime: Runtime, channel: str, to: str) -> str:
    index = await runtime.identity.identities.blind_index()
    domain = to.rpartition("@")[2] if channel == "email" else channel
    hashed = hashlib.blake2b(index.key_of(Identifier("domain", domain)).encode(), digest_size=8).hexdigest()
    return f"{channel}:{hashed}"
