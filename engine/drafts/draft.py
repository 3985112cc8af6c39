"""A draft of a message: what is proposed for a lead, and what a person has decided about it."""

from __future__ import annotations

import hashlib
import uuid
from typing import Literal

import msgspec
from msgspec import Struct

from domain.drafts.request import Language, Purpose
from domain.instant import Millis
from domain.privacy.personal_fields import is_sealed
from engine.assistant.assistant import Origin
from engine.outreach.message import Author
from engine.privacy.lead_key import LeadKey

__all__ = ["Draft", "DraftContent", "DraftState", "draft_id_of", "new_draft_id", "open_draft", "seal_draft"]

DraftState = Literal["waiting", "approving", "approved", "rejected"]
"""`approving`: a person has approved it and the message is not planned yet; approving it again ends that."""

_FIELD = "sealed"


class DraftContent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is proposed; stored encrypted. Without `to` the message goes to the address that is known of the lead."""

    text: str
    subject: str = ""
    to: str | None = None


class Draft(Struct, frozen=True, kw_only=True):
    """A draft. `revision` counts its edits from 1. `sealed` is its content; empty once the lead was erased.

    `decided_by` is the person or key that has approved or rejected it, `message_id` the message that it has become.
    """

    draft_id: str
    lead_id: str
    channel: str
    purpose: Purpose
    language: Language
    state: DraftState
    revision: int
    created_at: Millis
    author: Author
    origin: Origin
    sealed: str
    request_hash: str
    reply_to: str | None = None
    answers: str | None = None
    """The id of the event of the reply that is answered."""
    edited_by: Author | None = None
    decided_by: Author | None = None
    decided_at: Millis | None = None
    why: str = ""
    message_id: str | None = None


def new_draft_id() -> str:
    """A random id."""
    return f"draft_{uuid.uuid4().hex}"


def draft_id_of(author: Author, lead_id: str, key: str) -> str:
    """The id of the draft that this author has asked for under an idempotency key."""
    text = f"{author.kind}\x1f{author.id}\x1f{lead_id}\x1f{key}"
    return f"draft_{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"


def seal_draft(content: DraftContent, key: LeadKey) -> str:
    """The content as it is stored."""
    return key.seal(_FIELD, msgspec.json.encode(content).decode())


def open_draft(sealed: str, key: LeadKey | None) -> DraftContent | None:
    """The content; None if it was erased."""
    if not sealed or key is None:
        return None
    opened = key.open(_FIELD, sealed)
    if not isinstance(opened, str) or is_sealed(opened):
        return None
    try:
        return msgspec.json.decode(opened, type=DraftContent)
    except msgspec.DecodeError:  # [erased] or [unreadable]
        return None
