"""Changes of accounts: role, name, absence, password, deactivation. The last owner cannot be removed."""

from __future__ import annotations

from typing import Literal

from domain.events.event import Json
from domain.instant import Millis
from domain.teams.roles import Role
from engine.operations.audit_log import Actor, AuditAction
from engine.people.person import Person
from engine.people.proofs import Proofs
from engine.process.clock import to_bson
from engine.runtime import Runtime
from engine.store.mongo import Session
from engine.teams.hand_over import HAND_OVER, Wish
from workflows.audited import audited
from workflows.teams.hand_over import check_wish, owns_anything, start_hand_over

__all__ = [
    "LeadsNeedChoice",
    "change_password",
    "change_profile",
    "change_role",
    "deactivate",
    "reactivate",
    "set_absence",
    "set_team",
    "sign_out_everywhere",
]


async def change_role(runtime: Runtime, by: Actor, person_id: str, role: Role) -> Person:
    """Give the person another role; all of its sessions end, so that the next one has the new rights.

    Raises `NotFound`, and `Conflict` for the last owner.
    """

    async def change(session: Session) -> tuple[Person, AuditAction | None]:
        before = await runtime.people.accounts.get(person_id, session)
        if before.role == role:
            return before, None
        if before.role == "owner":
            await runtime.people.accounts.require_another_owner(person_id, session)
        after = await runtime.people.accounts.change(person_id, {"role": role}, session)
        await runtime.people.sessions.end_all(person_id, session=session)
        return after, AuditAction("person.role_changed", person_id, _facts(before), _facts(after))

    return await audited(runtime, by, change)


class LeadsNeedChoice(Exception):
    """The person has open leads or tasks, and nobody has said what becomes of them."""


async def deactivate(
    runtime: Runtime, by: Actor, person_id: str, leads: Wish | Literal["stay"] | None = None
) -> Person:
    """End the person's access and all sessions, and begin to hand over the open leads and tasks in the same transaction.

    Without a word on the leads it raises `LeadsNeedChoice` for a person who has any. Raises `NotFound`, `Conflict` for the
    last owner, and `Invalid` as `hand_over`.
    """
    if leads is None and await owns_anything(runtime, person_id):
        raise LeadsNeedChoice
    wish = leads if isinstance(leads, Wish) else None
    if wish is not None:
        await check_wish(runtime, person_id, wish, "/leads")

    async def end(session: Session) -> tuple[Person, AuditAction | None]:
        before = await runtime.people.accounts.get(person_id, session)
        if wish is not None:
            _, begun = await start_hand_over(runtime, by, person_id, wish, session)
            await runtime.operations.audit.add(by, begun, runtime.now(), session)
        if not before.active:
            return before, None
        if before.role == "owner":
            await runtime.people.accounts.require_another_owner(person_id, session)
        after = await runtime.people.accounts.change(person_id, {"active": False}, session)
        await runtime.people.sessions.end_all(person_id, session=session)
        return after, AuditAction("person.deactivated", person_id, _facts(before), _facts(after))

    person = await audited(runtime, by, end)
    if wish is not None:
        await runtime.work.wake_ups.announce(HAND_OVER)
    return person


async def reactivate(runtime: Runtime, by: Actor, person_id: str) -> Person:
    """Give an inactive person access again, by the proofs it had. Raises `NotFound`."""

    async def begin(session: Session) -> tuple[Person, AuditAction | None]:
        before = await runtime.people.accounts.get(person_id, session)
        if before.active:
            return before, None
        after = await runtime.people.accounts.change(person_id, {"active": True}, session)
        return after, AuditAction("person.reactivated", person_id, _facts(before), _facts(after))

    return await audited(runtime, by, begin)


async def set_absence(runtime: Runtime, by: Actor, person_id: str, until: Millis | None) -> Person:
    """Pause the routing of leads to the person until then; None ends the absence. Raises `NotFound`."""
    value = None if until is None else to_bson(until)

    async def change(session: Session) -> tuple[Person, AuditAction]:
        before = await runtime.people.accounts.get(person_id, session)
        after = await runtime.people.accounts.change(person_id, {"awayUntil": value}, session)
        absence = AuditAction("person.absence_set", person_id, _absence(before), _absence(after))
        return after, absence

    return await audited(runtime, by, change)


async def set_team(runtime: Runtime, by: Actor, person_id: str, team: str, *, leads: bool) -> Person:
    """Put the person into a team, as its lead or a member; an empty name into none. Raises `NotFound`."""

    async def change(session: Session) -> tuple[Person, AuditAction]:
        before = await runtime.people.accounts.get(person_id, session)
        after = await runtime.people.accounts.change(
            person_id, {"team": team, "leadsTeam": leads and bool(team)}, session
        )
        return after, AuditAction("person.team_set", person_id, _membership(before), _membership(after))

    return await audited(runtime, by, change)


async def change_profile(
    runtime: Runtime, by: Actor, person_id: str, *, name: str | None = None, zone: str | None = None
) -> Person:
    """Another name or time zone; None leaves it. Raises `NotFound`."""
    fields = {key: value for key, value in {"name": name, "zone": zone}.items() if value is not None}

    async def change(session: Session) -> tuple[Person, AuditAction | None]:
        before = await runtime.people.accounts.get(person_id, session)
        if not fields:
            return before, None
        after = await runtime.people.accounts.change(person_id, fields, session)
        return after, AuditAction("person.changed", person_id, _profile(before), _profile(after))

    return await audited(runtime, by, change)


async def sign_out_everywhere(runtime: Runtime, by: Actor, person_id: str, *, but: str = "") -> int:
    """End the person's sessions, all but one if it is named. Returns how many. Raises `NotFound`."""

    async def end(session: Session) -> tuple[int, AuditAction]:
        await runtime.people.accounts.get(person_id, session)
        ended = await runtime.people.sessions.end_all(person_id, but=but, session=session)
        return ended, AuditAction("person.signed_out", person_id, after={"sessions": ended})

    return await audited(runtime, by, end)


async def change_password(
    runtime: Runtime, proofs: Proofs, by: Actor, person_id: str, password: str, *, keep_session: str = ""
) -> Person:
    """Set a new password and end every session but the one named. Raises `Invalid` and `NotFound`."""
    hashed = await proofs.passwords.hash(password)

    async def change(session: Session) -> tuple[Person, AuditAction]:
        person = await runtime.people.accounts.change(person_id, {"passwordHash": hashed}, session)
        await runtime.people.sessions.end_all(person_id, but=keep_session, session=session)
        return person, AuditAction("person.password_changed", person_id)

    return await audited(runtime, by, change)


def _absence(person: Person) -> dict[str, Json]:
    return {"awayUntil": person.away_until}


def _membership(person: Person) -> dict[str, Json]:
    return {"team": person.team, "leadsTeam": person.leads_team}


def _profile(person: Person) -> dict[str, Json]:
    return {"name": person.name, "zone": person.zone}


def _facts(person: Person) -> dict[str, Json]:
    """What the audit log shows of an account."""
    return {"email": person.email, "role": person.role, "active": person.active}
