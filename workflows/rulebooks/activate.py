"""Activation of a rulebook: it is published, then every process scores by it."""

from __future__ import annotations

from collections.abc import Mapping

from domain.errors import Conflict
from domain.events.event import Json
from domain.rulebooks.rulebook import Rulebook
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited

__all__ = ["activate_rulebook", "apply_rulebook_setting"]

_NOTHING: Mapping[str, Json] = {}


async def activate_rulebook(
    runtime: Runtime,
    actor: Actor,
    rulebook: Rulebook,
    source: str = "",
    *,
    instead_of: str | None = None,
    evidence: Mapping[str, Json] = _NOTHING,
) -> str | None:
    """Publish the rulebook, with its text if there is one, and make it the active one. Returns the label before.

    The audit log says `evidence` of it. Raises `Conflict` if its name and version had other rules before, and if another
    rulebook than `instead_of` is active at that moment.
    """
    await runtime.rulebooks.library.publish(rulebook, source)

    async def activate(session: Session) -> tuple[str | None, AuditAction | None]:
        before = await runtime.rulebooks.active.activate(rulebook, session)
        if instead_of is not None and before not in {None, instead_of}:
            raise Conflict(f"Rulebook {before} is active now, not {instead_of}: somebody was faster.")
        return before, _action(before, rulebook, evidence)

    before = await audited(runtime, actor, activate)
    await runtime.rulebooks.active.refresh()
    return before


async def apply_rulebook_setting(runtime: Runtime, actor: Actor, wanted: Rulebook) -> None:
    """Publish the rulebook of the setting, and activate it if the setting is new or has changed."""
    await runtime.rulebooks.library.publish(wanted)

    async def apply(session: Session) -> tuple[None, AuditAction | None]:
        if not await runtime.rulebooks.active.is_new_setting(wanted, session):
            return None, None
        before = await runtime.rulebooks.active.activate(wanted, session, of_setting=True)
        return None, _action(before, wanted)

    await audited(runtime, actor, apply)
    await runtime.rulebooks.active.refresh()


def _action(
    before: str | None, rulebook: Rulebook, evidence: Mapping[str, Json] = _NOTHING
) -> AuditAction | None:
    """The entry of the audit log; none if the rulebook was active already."""
    if before == rulebook.label:
        return None
    return AuditAction(
        "rulebook.activated",
        rulebook.label,
        None if before is None else {"rulebook": before},
        {"rulebook": rulebook.label, **evidence},
    )
