"""A person's account: name, role, and what proves who it is, never a password itself."""

from __future__ import annotations

from msgspec import Struct

from domain.instant import Millis
from domain.teams.roles import Role

__all__ = ["MAX_PASSKEYS", "Passkey", "Person", "normal_email"]

MAX_PASSKEYS = 10
"""Passkeys of one person."""


class Passkey(Struct, frozen=True, kw_only=True, rename="camel"):
    """A WebAuthn credential. `sign_count` rises with each use; one that falls is a copy."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    created_at: Millis
    last_used_at: Millis | None = None


class Person(Struct, frozen=True, kw_only=True):
    """A member of the workspace. `away_until` pauses the routing of leads to this person."""

    person_id: str
    email: str
    name: str
    role: Role
    created_at: Millis
    active: bool = True
    zone: str = "UTC"
    team: str = ""
    leads_team: bool = False
    away_until: Millis | None = None
    password_hash: str = ""
    passkeys: tuple[Passkey, ...] = ()
    recovery_hashes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Person({self.person_id}, {self.role})"


def normal_email(text: str) -> str:
    """The form in which e-mail addresses of people are compared: trimmed, without case."""
    return text.strip().casefold()
