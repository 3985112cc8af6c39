"""Response bodies of the routes of people. None contains a hash or a public key."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Annotated

from msgspec import structs

from api.http.pages import Page, component
from api.http.view import View, optional_datetime
from domain.instant import to_datetime
from domain.teams.roles import SCOPES, scopes_of
from engine.people.invite_store import Invite
from engine.people.person import Passkey, Person
from engine.people.session_store import PersonSession

__all__ = [
    "DeviceView",
    "DevicesPage",
    "InviteView",
    "InvitesPage",
    "IssuedInviteView",
    "MeView",
    "PasskeyView",
    "PeoplePage",
    "PersonView",
    "RecoveryCodesView",
    "SessionView",
    "device_view",
    "invite_view",
    "me_view",
    "passkey_view",
    "person_view",
    "session_view",
]


class PersonView(View, frozen=True):
    """A member of the workspace; while `awayUntil` lies ahead no leads are routed to the person."""

    id: str
    email: str
    name: str
    role: str
    active: bool
    zone: str
    team: str | None
    leads_team: bool
    away_until: datetime | None
    created_at: datetime


PeoplePage = Annotated[Page[PersonView], component("PeoplePage")]


class PasskeyView(View, frozen=True):
    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


class MeView(PersonView, frozen=True):
    """The signed-in person, what the role allows, and what can prove who it is."""

    scopes: list[str]
    has_password: bool
    passkeys: list[PasskeyView]
    recovery_codes_left: int


class SessionView(View, frozen=True):
    """A session that has just begun, or the present one."""

    person: PersonView
    scopes: list[str]
    created_at: datetime
    expires_at: datetime


class DeviceView(View, frozen=True):
    """A browser in which the person is signed in; `current` is the one that asks, `seenAt` is to the minute."""

    id: str
    device: str
    address: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    current: bool


DevicesPage = Annotated[Page[DeviceView], component("DevicesPage")]


class RecoveryCodesView(View, frozen=True):
    """Ten codes, each of which signs in once. They are shown this once; earlier ones have ended."""

    codes: list[str]


class InviteView(View, frozen=True):
    """An invitation; without an address it is for the first owner, who chooses it."""

    id: str
    email: str
    role: str
    expires_at: datetime


class IssuedInviteView(InviteView, frozen=True):
    """An invitation with its link, which is shown only this once."""

    link: str


InvitesPage = Annotated[Page[InviteView], component("InvitesPage")]


def person_view(person: Person) -> PersonView:
    return PersonView(
        id=person.person_id,
        email=person.email,
        name=person.name,
        role=person.role,
        active=person.active,
        zone=person.zone,
        team=person.team or None,
        leads_team=person.leads_team,
        away_until=optional_datetime(person.away_until),
        created_at=to_datetime(person.created_at),
    )


def passkey_view(passkey: Passkey) -> PasskeyView:
    return PasskeyView(
        id=urlsafe_b64encode(passkey.credential_id).decode().rstrip("="),
        name=passkey.name,
        created_at=to_datetime(passkey.created_at),
        last_used_at=optional_datetime(passkey.last_used_at),
    )


def me_view(person: Person) -> MeView:
    return MeView(
        **structs.asdict(person_view(person)),
        scopes=_scopes(person),
        has_password=bool(person.password_hash),
        passkeys=[passkey_view(one) for one in person.passkeys],
        recovery_codes_left=len(person.recovery_hashes),
    )


def session_view(person: Person, session: PersonSession) -> SessionView:
    return SessionView(
        person=person_view(person),
        scopes=_scopes(person),
        created_at=to_datetime(session.created_at),
        expires_at=to_datetime(session.expires_at),
    )


def device_view(session: PersonSession, current: str) -> DeviceView:
    return DeviceView(
        id=session.session_id,
        device=session.device,
        address=session.address,
        created_at=to_datetime(session.created_at),
        seen_at=to_datetime(session.seen_at),
        expires_at=to_datetime(session.expires_at),
        current=session.session_id == current,
    )


def invite_view(invite: Invite) -> InviteView:
    return InviteView(
        id=invite.invite_id,
        email=invite.email,
        role=invite.role,
        expires_at=to_datetime(invite.expires_at),
    )


def _scopes(person: Person) -> list[str]:
    return [scope for scope in SCOPES if scope in scopes_of(person.role)]
