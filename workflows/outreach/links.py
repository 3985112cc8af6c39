"""Links in e-mails, to unsubscribe and to confirm an address: the message is known by the token."""

from __future__ import annotations

from engine.outreach.link_token import link_token, read_token
from engine.outreach.message import Message
from engine.runtime import Runtime

__all__ = ["confirmation_link", "message_of_token", "message_to_confirm", "unsubscribe_link"]

_UNSUBSCRIBE, _CONFIRM = b"unsubscribe link", b"confirm link"


async def unsubscribe_link(runtime: Runtime, message: Message) -> str:
    """The address at which the recipient of this message ends all messages; none in other channels than e-mail."""
    if message.channel != "email":
        return ""
    return f"{_base(runtime)}/u/{link_token(message.unit_id, await _secret(runtime, _UNSUBSCRIBE))}"


async def confirmation_link(runtime: Runtime, message_id: str) -> str:
    """The address at which the recipient of this message confirms its own address."""
    return f"{_base(runtime)}/c/{link_token(message_id, await _secret(runtime, _CONFIRM))}"


async def message_of_token(runtime: Runtime, token: str) -> str | None:
    """The id of the message whose link to unsubscribe has this token; None if it is none of ours."""
    return read_token(token, await _secret(runtime, _UNSUBSCRIBE))


async def message_to_confirm(runtime: Runtime, token: str) -> str | None:
    """The id of the message whose link to confirm has this token; None if it is none of ours."""
    return read_token(token, await _secret(runtime, _CONFIRM))


def _base(runtime: Runtime) -> str:
    settings = runtime.settings
    return (settings.public_base_url or settings.console_url).rstrip("/")


async def _secret(runtime: Runtime, purpose: bytes) -> bytes:
    return (await runtime.identity.identities.blind_index()).derived(purpose)
