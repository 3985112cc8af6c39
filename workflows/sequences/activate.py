"""Activation of a sequence: it is published, and leads are enrolled in this version from then on."""

from __future__ import annotations

from collections.abc import Mapping

from domain.errors import Fault, Invalid, NotFound
from domain.events.event import Json
from domain.risk.estimate import RISK_BANDS
from domain.sequences.definition import SequenceDefinition
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited

__all__ = ["activate_sequence", "deactivate_sequence", "require_activatable"]


async def activate_sequence(
    runtime: Runtime, actor: Actor, definition: SequenceDefinition, source: str
) -> str | None:
    """Publish the sequence and make its version the active one of its name. Returns the label before.

    Who is enrolled goes on under the version of the enrolment. Raises `Conflict` if name and version had other steps
    before, `Invalid` for a stage that the active rulebook does not have.
    """
    await require_activatable(runtime, definition)
    await runtime.sequences.library.publish(definition, source, runtime.now())
    return await _switch(runtime, actor, definition.name, definition.version)


async def require_activatable(runtime: Runtime, definition: SequenceDefinition) -> None:
    """Raise `Conflict` or `Invalid` for a sequence that `activate_sequence` would refuse."""
    _require_known_names(runtime, definition)
    await runtime.sequences.library.require_unused(definition)


async def deactivate_sequence(runtime: Runtime, actor: Actor, name: str) -> str:
    """Enrol nobody any more; who is enrolled goes on. Returns the label. Raises `NotFound` if no version is active."""
    before = await _switch(runtime, actor, name, None)
    if before is None:
        raise NotFound("active sequence", name)
    return before


async def _switch(runtime: Runtime, actor: Actor, name: str, version: int | None) -> str | None:
    async def switch(session: Session) -> tuple[str | None, AuditAction | None]:
        before = await runtime.sequences.library.activate(name, version, session)
        after = None if version is None else f"{name}@{version}"
        if before == after:
            return before, None
        action = "sequence.deactivated" if after is None else "sequence.activated"
        return before, AuditAction(action, after or str(before), _facts(before), _facts(after))

    return await audited(runtime, actor, switch)


def _facts(label: str | None) -> dict[str, Json] | None:
    """What the audit log shows."""
    return None if label is None else {"sequence": label}


def _require_known_names(runtime: Runtime, definition: SequenceDefinition) -> None:
    rulebook = runtime.rulebook.document
    known: Mapping[str, tuple[str, ...]] = {
        "stage": rulebook.stages.names,
        "risk band": RISK_BANDS,
        "channel": tuple(rulebook.contact.channels),
    }
    faults = tuple(
        Fault(".".join(map(str, place)), f"there is no {kind} '{name}' in rulebook {rulebook.label}")
        for kind, names, place in definition.references()
        for name in names
        if name not in known[kind]
    )
    if faults:
        raise Invalid("The sequence does not fit the active rulebook.", faults)
