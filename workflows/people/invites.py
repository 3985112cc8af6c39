"""Invitations: the first owner's one-time link, inviting others, and accepting, which makes the account."""

from __future__ import annotations

from domain.errors import Conflict, Fault, Invalid
from domain.events.event import Json
from domain.teams.roles import Role
from engine.operations.audit_log import Actor, AuditAction
from engine.people.invite_store import FIRST_OWNER_LIFE, Invite, IssuedInvite
from engine.people.person import Person, normal_email
from engine.people.proofs import Proofs
from engine.runtime import Runtime
from engine.store.mongo import Session, transact
from workflows.audited import audited

__all__ = ["accept_invite", "invite", "invite_first_owner", "invite_link", "withdraw_invite"]

_MAX_EMAIL = 254


async def invite_first_owner(runtime: Runtime) -> IssuedInvite | None:
    """A link, valid for 15 minutes, that makes the first owner; None once there is any account."""
    if await runtime.people.accounts.any_exist():
        return None
    return await runtime.people.invites.add("", "owner", runtime.now(), FIRST_OWNER_LIFE)


async def invite(runtime: Runtime, by: Actor, email: str, role: Role) -> IssuedInvite:
    """Invite somebody; earlier invitations to that address end.

    Raises `Invalid` for what cannot be an address, `Conflict` for one that has an account.
    """
    address = _required_email(email)
    if await runtime.people.accounts.by_email(address) is not None:
        raise Conflict(f"There is an account for {address} already.")

    async def add(session: Session) -> tuple[IssuedInvite, AuditAction]:
        issued = await runtime.people.invites.add(address, role, runtime.now(), session=session)
        facts: dict[str, Json] = {"email": address, "role": role}
        return issued, AuditAction("person.invited", issued.invite.invite_id[:16], after=facts)

    return await audited(runtime, by, add)


async def accept_invite(  # noqa: PLR0917 - what a person fills in
    runtime: Runtime, proofs: Proofs, token: str, name: str, password: str, email: str = ""
) -> Person:
    """Make the account that the invitation is for. Single use, whatever else happens at the moment.

    Raises `NotFound` for a link that is not valid, `Invalid` for the fields, `Conflict` when the address has an account.
    """
    found = await runtime.people.invites.find(token, runtime.now())
    address = found.email or _required_email(email)
    hashed = await proofs.passwords.hash(password)
    full_name = _required_name(name)

    async def accept(session: Session) -> Person:
        redeemed: Invite = await runtime.people.invites.redeem(token, runtime.now(), session)
        if not redeemed.email and await runtime.people.accounts.any_exist(session):
            raise Conflict("There is an owner already; ask for an invitation.")
        person = await runtime.people.accounts.add(address, full_name, redeemed.role, runtime.now(), session)
        person = await runtime.people.accounts.change(person.person_id, {"passwordHash": hashed}, session)
        facts: dict[str, Json] = {"email": person.email, "role": person.role}
        joined = AuditAction("person.joined", person.person_id, after=facts)
        itself = Actor("person", person.name, person.person_id)
        await runtime.operations.audit.add(itself, joined, runtime.now(), session)
        return person

    return await transact(runtime.store.client, accept)


def invite_link(runtime: Runtime, issued: IssuedInvite) -> str:
    """The link to accept it in the console. Its token stands after #, which browsers send to no server."""
    return f"{runtime.settings.console_url}/console/join#{issued.token}"


async def withdraw_invite(runtime: Runtime, by: Actor, invite_id: str) -> None:
    """End an invitation. Raises `NotFound`."""

    async def withdraw(session: Session) -> tuple[None, AuditAction]:
        await runtime.people.invites.withdraw(invite_id, session)
        return None, AuditAction("person.invite_withdrawn", invite_id[:16])

    await audited(runtime, by, withdraw)


def _required_email(email: str) -> str:
    address = normal_email(email)
    name, at, host = address.rpartition("@")
    if not (name and at and "." in host) or len(address) > _MAX_EMAIL or any(c.isspace() for c in address):
        raise Invalid("The invitation cannot be made.", (Fault("/email", "should be an e-mail address"),))
    return address


def _required_name(name: str) -> str:
    text = " ".join(name.split())
    if not 1 <= len(text) <= 100 or not text.isprintable():  # noqa: PLR2004 - the bound is in the message
        raise Invalid("The account cannot be made.", (Fault("/name", "should have 1 to 100 characters"),))
    return text
