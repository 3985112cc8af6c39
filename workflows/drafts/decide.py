"""Decisions about a draft: edited, rejected, or approved, by which it becomes a message exactly once.

An approval is recorded before the message is planned, with the person who approves as its author and the id of the draft
as its idempotency key. Whoever approves again after a crash in between gets the same message (ADR 71).
"""

from __future__ import annotations

from msgspec.structs import replace

from domain.errors import Conflict, Fault, Invalid, NotFound
from engine.drafts.draft import Draft, DraftContent, open_draft, seal_draft
from engine.operations.audit_log import Actor, AuditAction
from engine.outreach.message import Author, Message
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited
from workflows.outreach.plan import NewMessage, plan_message
from workflows.outreach.recipient import checked_address

__all__ = ["approve_draft", "edit_draft", "reject_draft"]

_ERASED = "The lead of this draft was erased."


async def edit_draft(
    runtime: Runtime,
    actor: Actor,
    draft_id: str,
    *,
    subject: str | None = None,
    text: str | None = None,
    to: str | None = None,
    revision: int | None = None,
) -> Draft:
    """Change a waiting draft; what is None stays. Returns it with a new revision.

    Raises `NotFound`, `Invalid`, and `Conflict` if it was decided, or edited since `revision`.
    """
    draft = await _waiting(runtime, draft_id, revision)
    key = await runtime.privacy.keys.find(draft.lead_id)
    content = open_draft(draft.sealed, key)
    if content is None or key is None:
        raise Conflict(_ERASED)
    if to is not None:
        to = checked_address(runtime, draft.channel, to)
    given = {"subject": subject, "text": text, "to": to}
    changed = replace(content, **{name: value for name, value in given.items() if value is not None})
    _require_content(draft, changed)
    sealed = seal_draft(changed, key)

    async def edit(session: Session) -> tuple[Draft, AuditAction]:
        edited = await runtime.drafts.store.edit(draft, sealed, _author(actor), session)
        return _still(edited), AuditAction("draft.edited", draft_id, after={"revision": draft.revision + 1})

    return await audited(runtime, actor, edit)


async def reject_draft(runtime: Runtime, actor: Actor, draft_id: str, why: str) -> Draft:
    """End a waiting draft. Raises `NotFound`, `Conflict` if it was decided."""
    draft = await _waiting(runtime, draft_id, None)

    async def reject(session: Session) -> tuple[Draft, AuditAction]:
        store = runtime.drafts.store
        rejected = await store.reject(draft, _author(actor), why, runtime.now(), session)
        return _still(rejected), AuditAction("draft.rejected", draft_id)

    return await audited(runtime, actor, reject)


async def approve_draft(
    runtime: Runtime, actor: Actor, draft_id: str, revision: int | None = None
) -> tuple[Draft, Message]:
    """Make a message of the draft, which goes out if nothing speaks against it. Returns both.

    Approving an approved draft again returns the same message. Raises `NotFound`, `Invalid` if the message cannot be
    planned (the draft waits on), and `Conflict` if it was rejected, or edited since `revision`.
    """
    draft = await runtime.drafts.store.get(draft_id)
    if draft.message_id is not None:
        return draft, await runtime.outreach.messages.get(draft.message_id)
    if draft.state != "approving":
        draft = await _approved(runtime, actor, await _waiting(runtime, draft_id, revision))
    message = await _planned(runtime, draft)
    return await runtime.drafts.store.planned(draft, message.unit_id), message


async def _approved(runtime: Runtime, actor: Actor, draft: Draft) -> Draft:
    async def approve(session: Session) -> tuple[Draft, AuditAction]:
        store = runtime.drafts.store
        approved = await store.approve(draft, _author(actor), runtime.now(), session)
        return _still(approved), AuditAction(
            "draft.approved", draft.draft_id, after={"revision": draft.revision}
        )

    return await audited(runtime, actor, approve)


async def _planned(runtime: Runtime, draft: Draft) -> Message:
    content = open_draft(draft.sealed, await runtime.privacy.keys.find(draft.lead_id))
    if content is None or draft.decided_by is None:
        raise Conflict(_ERASED)
    new = NewMessage(
        channel=draft.channel,
        to=content.to,
        subject=content.subject,
        text=content.text,
        reply_to=draft.reply_to,
        why=f"{draft.purpose} ({draft.draft_id})",
    )
    try:
        _require_content(draft, content)
        message, _ = await plan_message(runtime, draft.decided_by, draft.lead_id, new, draft.draft_id)
    except (Invalid, NotFound):
        await runtime.drafts.store.not_planned(draft)
        raise
    return message


async def _waiting(runtime: Runtime, draft_id: str, revision: int | None) -> Draft:
    draft = await runtime.drafts.store.get(draft_id)
    if draft.state != "waiting":
        raise Conflict(f"This draft is {draft.state}.")
    if revision is not None and draft.revision != revision:
        raise Conflict(f"This draft was edited meanwhile: its revision is {draft.revision}.")
    return draft


def _still(changed: Draft | None) -> Draft:
    if changed is None:
        raise Conflict("Somebody has edited or decided this draft at the same moment.")
    return changed


def _require_content(draft: Draft, content: DraftContent) -> None:
    if not content.text.strip():
        raise Invalid("Nothing was changed.", (Fault("/text", "must not be empty"),))
    if draft.channel == "email" and not content.subject.strip():
        raise Invalid("Nothing was changed.", (Fault("/subject", "must not be empty for an e-mail"),))


def _author(actor: Actor) -> Author:
    return Author(actor.kind, actor.id or actor.name)
