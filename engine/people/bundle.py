"""The bundle of people who sign in: accounts, sessions and invitations."""

from __future__ import annotations

from dataclasses import dataclass

from engine.people.invite_store import InviteStore
from engine.people.person_store import PersonStore
from engine.people.session_store import SessionStore
from engine.store.mongo import Database

__all__ = ["People", "open_people"]


@dataclass(frozen=True)
class People:
    """Members of the workspace; the API keeps a cache of their sessions."""

    accounts: PersonStore
    sessions: SessionStore
    invites: InviteStore


def open_people(database: Database) -> People:
    """Wire the stores; nothing stays open."""
    return People(PersonStore(database), SessionStore(database), InviteStore(database))
