"""A message to a lead, as a unit of due work. Its id is made before the first attempt and is the key over all of them."""

from __future__ import annotations

import hashlib
import uuid

import msgspec
from msgspec import Struct

from domain.instant import Millis
from domain.outreach.references import mail_id_of
from domain.outreach.withhold import Reason
from engine.work.unit import Unit

__all__ = ["MESSAGE", "Author", "Content", "Message", "message_id_of", "new_message_id"]

MESSAGE = "message"
"""The kind of due work that messages are."""


class Content(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What is sent, and to whom: stored encrypted with the key of the lead.

    `to` is an e-mail address, or a phone number in E.164. `template` names an approved template of WhatsApp, whose
    `variables` are filled in by the provider; else `text` is sent as it stands. `zone` and `country` say where the lead
    lives, for the hours of a campaign.
    """

    to: str
    text: str = ""
    subject: str = ""
    html: str = ""
    template: str = ""
    language: str = ""
    variables: dict[str, str] = {}
    zone: str = ""
    country: str = ""

    def encode(self) -> str:
        """The content as JSON."""
        return msgspec.json.encode(self).decode()


class Author(Struct, frozen=True):
    """The person, key or rule on whose behalf a message is sent."""

    kind: str
    id: str

    @property
    def has_read(self) -> bool:
        """Whether it is somebody who has read what the lead wrote; a rule, a sequence and a campaign have not."""
        return self.kind in {"person", "key"}


class Message(Unit, frozen=True, kw_only=True):
    """A message and how far its sending has come.

    `bucket` stands for the recipients that share a limit: a keyed hash of their domain.
    `handed_over` is the number of the attempt that began to give the message away: without `provider_id` beside it
    nobody knows whether it went out. `sealed` is the encrypted content.
    """

    lead_id: str
    channel: str
    bucket: str
    author: Author
    why: str
    sealed: str
    content_hash: str
    recipient: str = ""
    """A keyed hash of the address, by which a reply that names no message is matched."""
    reply_to: str | None = None
    """The id of the message of ours that this one continues."""
    thread: tuple[str, ...] = ()
    """Message-IDs of the thread so far, oldest first, without angle brackets."""
    despite_reply: bool = False
    asks_consent: bool = False
    """Whether it is the question of a double opt-in, which alone goes out without consent."""
    not_after: Millis | None = None
    """After this moment it is withheld, because it would come too late."""
    planned_position: int | None = None
    handed_over: int | None = None
    provider_id: str | None = None
    adapter: str = ""
    withheld: tuple[Reason, ...] = ()
    unclear: bool = False
    discarded_because: str | None = None
    """Why somebody gave it up, from then until it is tried again."""

    @property
    def log_context(self) -> dict[str, str | None]:
        """The ids that every log line of an attempt carries."""
        return {"leadId": self.lead_id, "messageId": self.unit_id}

    @property
    def mail_id(self) -> str:
        """The left part of its Message-ID, the same over all attempts."""
        return mail_id_of(self.unit_id)


def new_message_id() -> str:
    """A random id."""
    return f"msg_{uuid.uuid4().hex}"


def message_id_of(author: Author, lead_id: str, key: str) -> str:
    """The id of the message that this author has sent to the lead under an idempotency key."""
    text = f"{author.kind}\x1f{author.id}\x1f{lead_id}\x1f{key}"
    return f"msg_{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"
