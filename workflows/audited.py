"""Audited transactions: an action and its entry in the audit log are committed together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session, transact

__all__ = ["audited"]

R = TypeVar("R")


async def audited(
    runtime: Runtime, actor: Actor, do: Callable[[Session], Awaitable[tuple[R, AuditAction | None]]]
) -> R:
    """Run `do` in a transaction and log the action it returns, unless that is None. Returns its result.

    `do` may run several times, so it must change nothing but the database and its own variables.
    """

    async def both(session: Session) -> R:
        result, action = await do(session)
        if action is not None:
            await runtime.operations.audit.add(actor, action, runtime.now(), session)
        return result

    return await transact(runtime.store.client, both)
