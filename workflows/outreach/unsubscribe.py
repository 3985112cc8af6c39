"""Unsubscription by the link of a message: suppressed before this returns, then appended to the stream of the lead."""

from __future__ import annotations

from domain.errors import NotFound
from domain.outreach.vocabulary import EMAIL_UNSUBSCRIBED
from engine.outreach.sealed_content import open_content
from engine.outreach.suppression_store import NewEntry
from engine.runtime import Runtime
from workflows.outreach.events import append_message_event
from workflows.outreach.facts import ADDRESS_KINDS
from workflows.outreach.links import message_of_token

__all__ = ["unsubscribe"]


async def unsubscribe(runtime: Runtime, token: str) -> None:
    """End all messages of this channel to the recipient of a message. Repeating it changes nothing. Raises `NotFound`."""
    message_id = await message_of_token(runtime, token)
    message = None if message_id is None else await runtime.outreach.messages.find(message_id)
    if message is None:
        raise NotFound("link", "", "This link is not one of ours.")
    content = open_content(message.sealed, await runtime.privacy.keys.find(message.lead_id))
    if content is None:
        return  # erased: nothing is sent to this person any more
    entry = NewEntry(
        scope=message.channel,
        kind=ADDRESS_KINDS.get(message.channel, message.channel),
        value=content.to,
        why="the recipient has unsubscribed",
        source="unsubscribe link",
        lead_id=message.lead_id,
    )
    await runtime.outreach.suppressions.add([entry], runtime.now())
    await append_message_event(runtime, message, EMAIL_UNSUBSCRIBED, {"by": "link"})
