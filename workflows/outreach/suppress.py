"""Changes of the suppression list by people: entries added one by one or as a list, and removed, with an audit entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from domain.errors import Fault, Invalid
from domain.identity.identifier import Identifier, NotAnIdentifier, normalised
from engine.operations.audit_log import Actor, AuditAction
from engine.outreach.suppression_store import ALL, DOMAIN, Entry, NewEntry
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited

__all__ = ["Wanted", "entries_about", "remove_suppression", "suppress"]


class Wanted(NamedTuple):
    """A recipient to suppress, as somebody writes it: an address, a phone number, or a domain like `@example.com`."""

    value: str
    scope: str = ALL
    why: str = ""


async def suppress(runtime: Runtime, actor: Actor, wanted: Sequence[Wanted]) -> int:
    """Suppress all of these, or none. They count once this returns. Returns how many are new. Raises `Invalid`."""
    faults: list[Fault] = []
    entries = [_entry(runtime, number, one, str(actor), faults) for number, one in enumerate(wanted)]
    if faults:
        raise Invalid("Nobody was suppressed.", tuple(faults))
    added = await runtime.outreach.suppressions.add(
        [one for one in entries if one is not None], runtime.now()
    )

    async def log(session: Session) -> tuple[None, AuditAction]:  # noqa: ARG001 - the entry is all there is
        return None, AuditAction(
            "suppression.added", "suppressions", after={"entries": len(wanted), "new": added}
        )

    await audited(runtime, actor, log)
    return added


async def entries_about(runtime: Runtime, value: str) -> list[Entry]:
    """The entries that a recipient meets, in any scope; of an e-mail address those of its domain too.

    Raises `Invalid` for what is no address, number or domain.
    """
    faults: list[Fault] = []
    entry = _entry(runtime, 0, Wanted(value), "", faults)
    if entry is None:
        raise Invalid("Nothing was looked up.", (Fault("?value", faults[0].detail),))
    recipients = [Identifier(entry.kind, entry.value)]
    if entry.kind == "email":
        recipients.append(Identifier(DOMAIN, entry.value.rpartition("@")[2]))
    scopes = [ALL, *runtime.outreach.channels]
    return await runtime.outreach.suppressions.of_recipients(scopes, recipients)


async def remove_suppression(runtime: Runtime, actor: Actor, entry_id: str, why: str = "") -> Entry:
    """Allow messages to this recipient again; the reason is in the audit log. Raises `NotFound`."""
    entry = await runtime.outreach.suppressions.remove(entry_id)

    async def log(session: Session) -> tuple[None, AuditAction]:  # noqa: ARG001 - the entry is all there is
        return None, AuditAction(
            "suppression.removed",
            entry_id,
            before={"scope": entry.scope, "why": entry.why},
            after={"liftedBecause": why} if why else {},
        )

    await audited(runtime, actor, log)
    return entry


def _entry(
    runtime: Runtime, number: int, wanted: Wanted, source: str, faults: list[Fault]
) -> NewEntry | None:
    scopes = {ALL, *runtime.outreach.channels}
    if wanted.scope not in scopes:
        faults.append(Fault(f"/{number}/scope", f"must be one of {', '.join(sorted(scopes))}"))
        return None
    value = wanted.value.strip()
    if value.startswith("@") or ("@" not in value and "." in value and not value.startswith(("+", "http"))):
        return _new(DOMAIN, value.lstrip("@").casefold(), wanted, source)
    kind = "email" if "@" in value else "linkedin" if value.startswith("http") else "phone"
    if kind == "linkedin":
        return _new(kind, value, wanted, source)
    try:
        return _new(kind, normalised(kind, value, runtime.identity.phone_region).value, wanted, source)
    except NotAnIdentifier as error:
        faults.append(Fault(f"/{number}/value", str(error)))
        return None


def _new(kind: str, value: str, wanted: Wanted, source: str) -> NewEntry:
    return NewEntry(scope=wanted.scope, kind=kind, value=value, why=wanted.why, source=source[:200])
