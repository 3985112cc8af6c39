"""Creation of a draft for a lead: written by the assistant, stored encrypted, and sent by nobody yet."""

from __future__ import annotations

import hashlib
from email.utils import parseaddr

import msgspec
from msgspec import Struct

from domain.drafts.request import DraftRequest, Language, Purpose
from domain.errors import Conflict, Fault, Invalid, NotFound
from engine.drafts.draft import Draft, DraftContent, draft_id_of, new_draft_id, seal_draft
from engine.outreach.message import Author
from engine.runtime import Runtime
from workflows.drafts.conversation import Known, known_of
from workflows.outreach.facts import standing_reasons
from workflows.outreach.recipient import channel_of, checked_address, known_address

__all__ = ["NewDraft", "create_draft"]


class NewDraft(Struct, frozen=True, kw_only=True):
    """A draft as somebody asks for it. Without `language` it is that of the lead, else English.

    `sender` is the name below the text; without it that of the sender of e-mails.
    """

    purpose: Purpose
    channel: str
    language: Language | None = None
    to: str | None = None
    instructions: str = ""
    sender: str = ""


async def create_draft(
    runtime: Runtime, author: Author, lead_id: str, new: NewDraft, key: str | None
) -> Draft:
    """Store a draft that waits for a person; the same key is the same draft.

    Raises `NotFound` for a lead without events, `Invalid` with the field that is wrong, `Conflict` if the lead may not
    be written to at all, or for another request under the same key.
    """
    if not await runtime.capture.events.last_of_lead(lead_id):
        raise NotFound("lead", lead_id)
    if await runtime.privacy.blocked.among([lead_id]):
        raise Invalid("Nothing was drafted.", (Fault("", "this lead was erased and is blocked"),))
    to = await _address(runtime, lead_id, new)
    lead_key = (await runtime.privacy.keys.of_leads([lead_id]))[lead_id]
    asked = hashlib.blake2b(msgspec.json.encode(new), digest_size=16).hexdigest()
    request_hash = lead_key.body_hash(asked)
    draft_id = new_draft_id() if key is None else draft_id_of(author, lead_id, key)
    if key is not None and (stored := await runtime.drafts.store.find(draft_id)) is not None:
        if stored.request_hash != request_hash:
            raise Conflict("Another draft for this lead was asked for with the same Idempotency-Key.")
        return stored
    await _require_open(runtime, lead_id, new.channel, to)
    known = await known_of(runtime, lead_id, new.channel)
    answer = await runtime.drafts.assistant.draft(_request(runtime, new, known))
    answers_reply = new.purpose == "reply"
    draft = Draft(
        draft_id=draft_id,
        lead_id=lead_id,
        channel=new.channel,
        purpose=new.purpose,
        language=new.language or known.language or "en",
        state="waiting",
        revision=1,
        created_at=runtime.now(),
        author=author,
        origin=answer.origin,
        sealed=seal_draft(
            DraftContent(text=answer.value.text, subject=answer.value.subject, to=new.to and to), lead_key
        ),
        request_hash=request_hash,
        reply_to=known.answered.unit_id if answers_reply and known.answered else None,
        answers=known.reply.event_id if answers_reply and known.reply else None,
    )
    stored, _ = await runtime.drafts.store.add(draft)
    return stored


async def _address(runtime: Runtime, lead_id: str, new: NewDraft) -> str | None:
    """Where the message would go; None if no address is known yet, which somebody may add."""
    channel_of(runtime, new.channel)
    if new.to is not None:
        return checked_address(runtime, new.channel, new.to)
    return await known_address(runtime, lead_id, new.channel)


async def _require_open(runtime: Runtime, lead_id: str, channel: str, to: str | None) -> None:
    reasons = await standing_reasons(runtime, lead_id, channel, to)
    if reasons:
        said = "; ".join(reason.detail for reason in reasons)
        raise Conflict(f"No message may go to this lead by {channel}: {said}.")


def _request(runtime: Runtime, new: NewDraft, known: Known) -> DraftRequest:
    name = new.sender or parseaddr(runtime.settings.email_from)[0]
    return DraftRequest(
        purpose=new.purpose,
        channel=new.channel,
        language=new.language or known.language or "en",
        values={**known.values, "sender": name},
        answered_subject=known.subject if new.purpose == "reply" else "",
        intent=known.intent if new.purpose == "reply" else "",
        conversation=known.turns,
        instructions=new.instructions,
    )
