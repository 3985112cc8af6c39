"""Changes of what proves who a person is: passkeys and recovery codes, each with an entry in the audit log."""

from __future__ import annotations

from domain.events.event import Json
from engine.operations.audit_log import Actor, AuditAction
from engine.people.one_time import new_recovery_codes, secret_hash
from engine.people.person import Passkey, Person
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited

__all__ = ["add_passkey", "new_codes", "remove_passkey"]


async def new_codes(runtime: Runtime, by: Actor, person_id: str) -> list[str]:
    """Ten new recovery codes, shown once; all earlier ones end. Raises `NotFound`."""
    codes = new_recovery_codes()
    hashes = [secret_hash(code) for code in codes]

    async def replace(session: Session) -> tuple[list[str], AuditAction]:
        await runtime.people.accounts.change(person_id, {"recoveryHashes": hashes}, session)
        return codes, AuditAction("person.recovery_codes_replaced", person_id)

    return await audited(runtime, by, replace)


async def add_passkey(runtime: Runtime, by: Actor, person_id: str, passkey: Passkey) -> Person:
    """The account with one more passkey. Raises `NotFound`, and `Conflict` when it has too many."""

    async def add(session: Session) -> tuple[Person, AuditAction]:
        person = await runtime.people.accounts.add_passkey(person_id, passkey, session)
        after: dict[str, Json] = {"name": passkey.name}
        return person, AuditAction("person.passkey_added", person_id, after=after)

    return await audited(runtime, by, add)


async def remove_passkey(runtime: Runtime, by: Actor, person_id: str, credential_id: bytes) -> Person:
    """The account without the passkey. Raises `NotFound`."""

    async def remove(session: Session) -> tuple[Person, AuditAction]:
        person = await runtime.people.accounts.remove_passkey(person_id, credential_id, session)
        return person, AuditAction("person.passkey_removed", person_id)

    return await audited(runtime, by, remove)
