"""Does a deed and writes down who did it, in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session, transact

__all__ = ["audited"]

R = TypeVar("R")


async def audited(
    runtime: Runtime, who: Actor, do: Callable[[Session], Awaitable[tuple[R, AuditAction | None]]]
) -> R:
    """Run `do` in a transaction and log its deed; None says that nothing had to be done. Returns its result.

    `do` may run several times: it must touch nothing but the database and its own variables.
    """

    async def both(session: Session) -> R:
        result, deed = await do(session)
        if deed is not None:
            await runtime.operations.audit.add(who, deed, runtime.now(), session)
        return result

    return await transact(runtime.store.client, both)
