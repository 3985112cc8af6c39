"""The recipient of a message: the address that was asked for, else the one that is known of the lead."""

from __future__ import annotations

from domain.errors import Fault, Invalid
from domain.identity.identifier import NotAnIdentifier, normalised
from engine.outreach.channels.channel import Channel
from engine.runtime import Runtime
from workflows.outreach.facts import ADDRESS_KINDS
from workflows.privacy.encrypt import opened

__all__ = ["channel_of", "checked_address", "known_address", "recipient_of"]

_ADDRESS_PROPERTIES = {
    "email": ("email", "emailAddress"),
    "phone": ("phone", "phoneNumber", "mobile", "mobileNumber"),
    "linkedin": ("linkedin", "linkedinUrl"),
}


async def recipient_of(runtime: Runtime, lead_id: str, channel_name: str, to: str | None) -> str:
    """The address in its normal form: what was asked for, else what is known of the lead. Raises `Invalid`."""
    to = to or await known_address(runtime, lead_id, channel_name)
    if to is None:
        channel_of(runtime, channel_name)
        detail = f"no address of this lead for {channel_name} is known: say where the message is to go"
        raise Invalid("Nothing was planned.", (Fault("/to", detail),))
    return checked_address(runtime, channel_name, to)


def checked_address(runtime: Runtime, channel_name: str, to: str) -> str:
    """The address in its normal form. Raises `Invalid` for one that the channel cannot send to."""
    channel = channel_of(runtime, channel_name)
    to = _normal(channel_name, to, runtime.identity.phone_region)
    if (fault := channel.recipient_fault(to)) is not None:
        raise Invalid("Nothing was planned.", (Fault("/to", fault),))
    return to


def channel_of(runtime: Runtime, name: str) -> Channel:
    """The adapter of the channel. Raises `Invalid` if there is no such channel."""
    channel = runtime.outreach.channels.get(name)
    if channel is None:
        known = ", ".join(sorted(runtime.outreach.channels))
        raise Invalid("Nothing was planned.", (Fault("/channel", f"must be one of {known}"),))
    return channel


def _normal(channel: str, to: str, region: str) -> str:
    kind = ADDRESS_KINDS.get(channel)
    if kind is None:
        return to
    try:
        return normalised(kind, to, region).value
    except NotAnIdentifier as error:
        raise Invalid("Nothing was planned.", (Fault("/to", str(error)),)) from None


async def known_address(runtime: Runtime, lead_id: str, channel: str) -> str | None:
    """The lead's identifier of this kind, else the latest property of one of its events."""
    kind = ADDRESS_KINDS.get(channel, channel)
    for stream_id in await runtime.identity.streams.of_lead(lead_id):
        async for one in runtime.identity.identities.of_lead(stream_id):
            if one.identifier is not None and one.identifier.kind == kind:
                return one.identifier.value
    names = _ADDRESS_PROPERTIES.get(kind, ())
    stream = await runtime.capture.events.of_lead(lead_id)
    for event in await opened(runtime, list(reversed(stream))):
        for name in names:
            value = event.properties.get(name)
            if isinstance(value, str) and value and not value.startswith("["):
                return value
    return None
