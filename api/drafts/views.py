"""Response bodies of drafts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from api.http.pages import Page, component
from api.http.view import View
from domain.instant import to_datetime
from engine.drafts.draft import Draft, open_draft
from engine.outreach.message import Author
from engine.privacy.lead_key import LeadKey

__all__ = ["DraftView", "DraftsPage", "draft_view"]


class OriginView(View, frozen=True):
    """How the text came about: by `template` or by a model, with tokens, cost (millionths), and what could not be done."""

    by: str
    model: str | None
    input_tokens: int
    output_tokens: int
    cost: int
    notes: list[str]


class DraftView(View, frozen=True):
    """A draft. `to`: null for the address that is known of the lead. `subject`, `text`: null once the lead was erased."""

    id: str
    lead_id: str
    channel: str
    purpose: str
    language: str
    state: str
    revision: int
    to: str | None
    subject: str | None
    text: str | None
    reply_to: str | None
    answers: str | None
    origin: OriginView
    author: str
    created_at: datetime
    edited_by: str | None
    decided_by: str | None
    decided_at: datetime | None
    why: str
    message_id: str | None


DraftsPage = Annotated[Page[DraftView], component("DraftsPage")]


def draft_view(draft: Draft, key: LeadKey | None) -> DraftView:
    """The draft with its content, if that was not erased."""
    content, origin = open_draft(draft.sealed, key), draft.origin
    return DraftView(
        id=draft.draft_id,
        lead_id=draft.lead_id,
        channel=draft.channel,
        purpose=draft.purpose,
        language=draft.language,
        state=draft.state,
        revision=draft.revision,
        to=content.to if content else None,
        subject=content.subject if content else None,
        text=content.text if content else None,
        reply_to=draft.reply_to,
        answers=draft.answers,
        origin=OriginView(
            by=origin.by,
            model=origin.model or None,
            input_tokens=origin.input_tokens,
            output_tokens=origin.output_tokens,
            cost=origin.cost,
            notes=list(origin.notes),
        ),
        author=_name(draft.author),
        created_at=to_datetime(draft.created_at),
        edited_by=_name(draft.edited_by) if draft.edited_by else None,
        decided_by=_name(draft.decided_by) if draft.decided_by else None,
        decided_at=to_datetime(draft.decided_at) if draft.decided_at is not None else None,
        why=draft.why,
        message_id=draft.message_id,
    )


def _name(author: Author) -> str:
    return f"{author.kind}:{author.id}"
