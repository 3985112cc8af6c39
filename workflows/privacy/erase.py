"""Erasure of a lead's personal data: crypto-shredding first, then what stores keep unencrypted."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from domain.events.event import Json
from engine.operations.audit_log import Actor, AuditAction
from engine.privacy.lead_key_store import KeyRecord
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited
from workflows.privacy.block import block_lead
from workflows.privacy.known_leads import require_lead
from workflows.privacy.open_data import find_open_data

__all__ = ["ERASED", "Erasure", "erase_personal_data"]

ERASED = "personal_data.erased"
"""The audited action; its targets are the streams of the lead."""


class Erasure(Struct, frozen=True, rename="camel"):
    """What was erased.

    Keys (one per stream), events that can no longer be decrypted, answers, messages and drafts emptied, identifiers removed, campaigns
    that the lead was in, and addresses removed from the suppression list.

    `still_open` has the places in the lead's events that look personal and were never encrypted.
    """

    lead_id: str
    keys: int
    events: int
    webhook_answers: int
    identifiers: int = 0
    messages: int = 0
    drafts: int = 0
    enrolments: int = 0
    campaigns: int = 0
    suppressions: int = 0
    still_open: tuple[str, ...] = ()


async def erase_personal_data(
    runtime: Runtime, actor: Actor, lead_id: str, *, block: bool = False
) -> Erasure:
    """Make the lead's personal data unreadable for good. Idempotent. Raises `NotFound` if nothing is stored of the lead.

    Destroying the key and the audit entry are one transaction. Then every registered store erases what it keeps
    unencrypted, some at a time: if that fails, the next call goes on where it ended. Positions, scores and totals stay,
    so that a replay reads the very same bytes. Later events of the lead are encrypted with a new key; with `block` there
    will be none from senders and imports. All streams of the lead are erased.
    """
    await require_lead(runtime, lead_id)
    lead_id, *others = await runtime.identity.streams.of_lead(lead_id)
    erasure = await _erase_stream(runtime, actor, lead_id, block=block)
    for stream in others:
        one = await _erase_stream(runtime, actor, stream, block=block)
        erasure = _together(erasure, one)
    return replace(erasure, still_open=await find_open_data(runtime, lead_id))


def _together(first: Erasure, other: Erasure) -> Erasure:
    """What was erased under both ids."""
    return replace(
        first,
        keys=first.keys + other.keys,
        events=first.events + other.events,
        webhook_answers=first.webhook_answers + other.webhook_answers,
        identifiers=first.identifiers + other.identifiers,
        messages=first.messages + other.messages,
        drafts=first.drafts + other.drafts,
        enrolments=first.enrolments + other.enrolments,
        campaigns=first.campaigns + other.campaigns,
        suppressions=first.suppressions + other.suppressions,
    )


async def _erase_stream(runtime: Runtime, actor: Actor, stream: str, *, block: bool) -> Erasure:
    """Erase what is stored under one id of the person."""
    if block:
        await block_lead(runtime, actor, stream)
    found: dict[str, bool] = {}
    for store in runtime.personal_data:
        found |= await store.find(stream)
    key = await _destroy_key(runtime, actor, stream, found)
    erased: dict[str, int] = {}
    for store in runtime.personal_data:
        erased |= await store.erase(stream)
    return Erasure(
        lead_id=stream,
        keys=1 if key else 0,
        events=await runtime.capture.events.count_sealed(stream, key.key_id) if key else 0,
        webhook_answers=erased["webhookAnswers"],
        identifiers=erased["identifiers"],
        messages=erased["messages"],
        drafts=erased["drafts"],
        enrolments=erased["enrolments"],
        campaigns=erased["campaigns"],
        suppressions=erased["suppressions"],
    )


async def _destroy_key(
    runtime: Runtime, actor: Actor, lead_id: str, found: dict[str, bool]
) -> KeyRecord | None:
    """Destroy the key; audited if there was one or anything else to erase."""

    async def destroy(session: Session) -> tuple[KeyRecord | None, AuditAction | None]:
        key = await runtime.privacy.keys.destroy(lead_id, session)
        if key is None and not any(found.values()):
            return None, None
        before: dict[str, Json] = {"key": key.key_id if key else None, **found}
        after: dict[str, Json] = {"key": None, **dict.fromkeys(found, False)}
        return key, AuditAction(ERASED, lead_id, before=before, after=after)

    return await audited(runtime, actor, destroy)
