"""Puts a rulebook in force everywhere."""

from __future__ import annotations

from domain.rulebooks.rulebook import Rulebook
from engine.operations.audit_log import Actor, AuditAction
from engine.rulebooks.library import publish
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited

__all__ = ["activate_rulebook", "apply_rulebook_setting"]


async def activate_rulebook(runtime: Runtime, who: Actor, rulebook: Rulebook) -> None:
    """Publish the rulebook and put it in force. Raises `Conflict` if its name and version had other rules before."""
    await publish(rulebook)

    async def activate(session: Session) -> tuple[None, AuditAction | None]:
        before = await runtime.rulebooks.put_in_force(rulebook, session)
        return None, _deed(before, rulebook)

    await audited(runtime, who, activate)
    await runtime.rulebooks.refresh()


async def apply_rulebook_setting(runtime: Runtime, who: Actor, wanted: Rulebook) -> None:
    """Publish the rulebook of the setting, and put it in force if the setting is new or has changed."""
    await publish(wanted)

    async def apply(session: Session) -> tuple[None, AuditAction | None]:
        if not await runtime.rulebooks.is_new_setting(wanted, session):
            return None, None
        before = await runtime.rulebooks.put_in_force(wanted, session, of_setting=True)
        return None, _deed(before, wanted)

    await audited(runtime, who, apply)
    await runtime.rulebooks.refresh()


def _deed(before: str | None, rulebook: Rulebook) -> AuditAction | None:
    if before == rulebook.label:
        return None
    return AuditAction(
        "rulebook.activated",
        rulebook.label,
        None if before is None else {"rulebook": before},
        {"rulebook": rulebook.label},
    )
