"""The sender of a channel, by whose reputation providers let messages through: an address, a number, or the channel itself."""

from __future__ import annotations

from email.utils import parseaddr
from hashlib import blake2b

from engine.settings import Settings

__all__ = ["sender_id"]


def sender_id(settings: Settings, channel: str) -> str:
    """The same for the same sender, without its address: another sender begins with counts of its own."""
    of_whatsapp = {"twilio": settings.twilio_from, "meta": settings.meta_phone_number_id}
    sender = {
        "email": parseaddr(settings.email_from)[1].casefold(),
        "whatsapp": of_whatsapp.get(settings.whatsapp_channel, ""),
    }.get(channel, "")
    digest = blake2b(f"{channel}\x1f{sender}".encode(), digest_size=8).hexdigest()
    return f"{channel}:{digest}"
