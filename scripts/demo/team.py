"""Two reps for the demo, who own its contacts: invited over HTTP, each with a password that is made here and shown once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from itertools import cycle

from msgspec import Struct

from domain.errors import Invalid
from scripts.demo.client import DemoClient

__all__ = ["Rep", "share_contacts"]

_REPS = (("Mia Brandt", "mia@demo.example"), ("Tom Okafor", "tom@demo.example"))


class Rep(Struct, frozen=True):
    """A rep of the demo; without a password if an earlier run has shown it."""

    person_id: str
    name: str
    email: str
    password: str | None


async def share_contacts(client: DemoClient, lead_ids: Sequence[str]) -> list[Rep]:
    """Let both reps join, where they have not yet, and own these leads by turns. Returns them.

    Raises `Invalid` if the key may not invite people or assign leads.
    """
    reps = [await _join(client, name, email) for name, email in _REPS]
    owned: dict[str, list[str]] = {rep.person_id: [] for rep in reps}
    for rep, lead_id in zip(cycle(reps), lead_ids, strict=False):
        owned[rep.person_id].append(lead_id)
    for person_id, leads in owned.items():
        await client.assign(leads, person_id, why="shared out by the demo")
    return reps


async def _join(client: DemoClient, name: str, email: str) -> Rep:
    for person in await client.people():
        if person.email == email:
            return Rep(person.id, person.name, email, None)
    password = secrets.token_urlsafe(12)
    await client.join(await client.invite(email, "rep"), name, password)
    joined = [person.id for person in await client.people() if person.email == email]
    if not joined:
        raise Invalid(f"{name} has joined and is not among the people.")
    return Rep(joined[0], name, email, password)
