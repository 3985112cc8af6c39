"""Blocks of erased leads: set before an erasure, so that nothing of the person can come in after it; and lifted."""

from __future__ import annotations

import asyncio
from functools import partial

from engine.operations.audit_log import Actor, AuditAction
from engine.privacy.blocked_lead_store import FRESH_SECONDS
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited
from workflows.privacy.known_leads import require_lead

__all__ = ["block_lead", "unblock_lead"]


async def block_lead(runtime: Runtime, actor: Actor, lead_id: str) -> None:
    """Refuse events of the lead from senders and imports. Idempotent; returns when every process knows of it."""
    blocked = runtime.privacy.blocked
    await blocked.prepare()

    async def add(session: Session) -> tuple[bool, AuditAction | None]:
        is_new = await blocked.add(lead_id, session)
        return is_new, AuditAction("lead.blocked", lead_id) if is_new else None

    if await audited(runtime, actor, add):
        await asyncio.sleep(FRESH_SECONDS)
    blocked.forget()


async def unblock_lead(runtime: Runtime, actor: Actor, lead_id: str) -> bool:
    """Take events of the lead again. False if it is not blocked. Raises `NotFound` if nothing is known of it."""
    blocked = runtime.privacy.blocked
    await blocked.prepare()

    was_blocked = False
    for stream in await runtime.identity.streams.of_lead(lead_id):
        was_blocked |= await audited(runtime, actor, partial(_unblock, runtime, stream))
    blocked.forget()
    if not was_blocked:
        await require_lead(runtime, lead_id)
    return was_blocked


async def _unblock(runtime: Runtime, stream: str, session: Session) -> tuple[bool, AuditAction | None]:
    was_blocked = await runtime.privacy.blocked.remove(stream, session)
    return was_blocked, AuditAction("lead.unblocked", stream) if was_blocked else None
