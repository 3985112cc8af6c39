"""Unsubscription links in e-mails: who follows one is known by its token, and GET alone changes nothing."""

from __future__ import annotations

from engine.outreach.message import Message
from engine.outreach.unsubscribe_token import read_token, unsubscribe_token
from engine.runtime import Runtime

__all__ = ["message_of_token", "unsubscribe_link"]

_PURPOSE = b"unsubscribe link"


async def unsubscribe_link(runtime: Runtime, message: Message) -> str:
    """The address at which the recipient of this message ends all messages; none in other channels than e-mail."""
    if message.channel != "email":
        return ""
    settings = runtime.settings
    base = (settings.public_base_url or settings.console_url).rstrip("/")
    return f"{base}/u/{unsubscribe_token(message.unit_id, await _secret(runtime))}"


async def message_of_token(runtime: Runtime, token: str) -> str | None:
    """The id of the message whose link has this token; None if it is none of ours."""
    return read_token(token, await _secret(runtime))


async def _secret(runtime: Runtime) -> bytes:
    return (await runtime.identity.identities.blind_index()).derived(_PURPOSE)
