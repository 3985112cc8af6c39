"""Every session and active person in the memory of a process, refreshed every two seconds.

No request waits for MongoDB to be authenticated. A session that was ended, or a person who was deactivated or given
another role, is therefore refused or changed within two seconds and the time of a read, in every process.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from msgspec import Struct
from pymongo.errors import PyMongoError

from domain.instant import MINUTE, Millis
from domain.teams.roles import scopes_of
from engine.access.principal import Principal
from engine.people.one_time import secret_hash
from engine.people.person import Person
from engine.people.person_store import PersonStore
from engine.people.session_store import PersonSession, SessionStore
from engine.process.periodic import every

__all__ = ["SessionCache", "SignedIn"]

_REFRESH_SECONDS = 2.0
_TROUBLE = "Cannot read the sessions; those in memory stay in use"
_USE_EVERY: Millis = MINUTE
"""How often the last use of a session is stored, at most, by one process."""


class SignedIn(Struct, frozen=True):
    """A valid session and its person."""

    session: PersonSession
    person: Person

    @property
    def principal(self) -> Principal:
        """The person as the authenticated caller of a request."""
        person = self.person
        return Principal(
            kind="person",
            id=person.person_id,
            name=person.name,
            scopes=scopes_of(person.role),
            role=person.role,
            session_id=self.session.session_id,
            team=person.team,
            leads_team=person.leads_team,
        )


class SessionCache:
    """Knows which person a session token belongs to."""

    def __init__(self, people: PersonStore, sessions: SessionStore) -> None:
        self._people, self._sessions = people, sessions
        self._known: dict[str, SignedIn] = {}
        self._used: dict[str, Millis] = {}
        self._stored: dict[str, Millis] = {}
        self._forgotten: set[str] = set()
        self._reading = asyncio.Lock()

    def known(self, token: str, at: Millis) -> SignedIn | None:
        """The person whose session this is, if this process knows it: no I/O."""
        session_id = secret_hash(token)
        found = self._known.get(session_id)
        return self._used_now(session_id, found, at)

    def principal_of(self, session_id: str, at: Millis) -> Principal | None:
        """The person of a session that this process knows; not a use of the session."""
        found = self._known.get(session_id)
        return found.principal if found is not None and found.session.is_valid(at) else None

    async def find(self, token: str, at: Millis) -> SignedIn | None:
        """The person whose session this is; a session that started a moment ago elsewhere is looked up once.

        Raises what PyMongo raises when MongoDB has to be asked and cannot be.
        """
        session_id = secret_hash(token)
        found = self._known.get(session_id) or await self._look_up(session_id)
        return self._used_now(session_id, found, at)

    def add(self, session: PersonSession, person: Person) -> None:
        """Know a session that this process has just started, before the next refresh."""
        self._known[session.session_id] = SignedIn(session, person)

    def forget(self, session_id: str) -> None:
        """Refuse a session from now on, before the next refresh."""
        self._known.pop(session_id, None)
        self._forgotten.add(session_id)

    async def refresh(self) -> None:
        """Read all sessions and active people."""
        async with self._reading:
            self._forgotten.clear()  # what is forgotten from here on may be in what is read
            people = {person.person_id: person for person in await self._people.active()}
            self._known = {
                one.session_id: SignedIn(one, people[one.person_id])
                for one in await self._sessions.all()
                if one.person_id in people
            }
            for session_id in self._forgotten:
                self._known.pop(session_id, None)
            self._used = {one: at for one, at in self._used.items() if one in self._known}

    @contextlib.asynccontextmanager
    async def kept_fresh(self) -> AsyncIterator[None]:
        """Refresh now and every two seconds while the context is open; store last uses at its end."""
        await self.refresh()
        try:
            async with every(self._refresh_and_store, _REFRESH_SECONDS, _TROUBLE):
                yield
        finally:
            with contextlib.suppress(PyMongoError):
                await self._store_uses(1)

    async def _refresh_and_store(self) -> None:
        await self.refresh()
        await self._store_uses(_USE_EVERY)

    async def _store_uses(self, apart: Millis) -> None:
        due = {one: at for one, at in self._used.items() if at - self._stored.get(one, -apart) >= apart}
        await self._sessions.note_uses(due)
        self._stored = {one: self._stored.get(one, 0) for one in self._used} | due

    def _used_now(self, session_id: str, found: SignedIn | None, at: Millis) -> SignedIn | None:
        if found is None or not found.session.is_valid(at):
            return None
        self._used[session_id] = at
        return found

    async def _look_up(self, session_id: str) -> SignedIn | None:
        session = await self._sessions.find(session_id)
        if session is None:
            return None
        person = await self._people.get(session.person_id)
        if not person.active:
            return None
        self.add(session, person)
        return self._known[session_id]
