"""`lead-engine people`: members of the workspace. A link alone goes to standard output, where a script can capture it."""

from __future__ import annotations

import sys
from typing import Literal

import click
from rich.console import Console
from rich.table import Table

from domain.errors import NotFound
from domain.instant import to_datetime
from domain.teams.roles import ROLES, Role
from engine.people.invite_store import IssuedInvite
from engine.people.person import Person
from engine.process.printable import printable
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from engine.teams.hand_over import Wish
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from scripts.terminal.durations import age
from workflows.people.accounts import (
    LeadsNeedChoice,
    change_role,
    deactivate,
    reactivate,
    sign_out_everywhere,
)
from workflows.people.invites import invite, invite_first_owner, invite_link
from workflows.teams.hand_over import hand_over

__all__ = [
    "deactivate_person",
    "first_owner",
    "hand_over_leads",
    "invite_person",
    "list_people",
    "people",
    "reactivate_person",
    "set_role",
    "sign_out",
]

_PAGE = 200
_WIDE = 200
"""Width in characters where the output is not a terminal."""


@click.group()
def people() -> None:
    """Invite people, list them, change their roles and end their access."""


@people.command("first-owner")
@exits
def first_owner_command() -> int | None:
    """Print a link, good once and for 15 minutes, that makes the first owner. Fails once there is any account."""
    return run(first_owner(settings_with_logs()))


@people.command("invite")
@click.argument("email")
@click.option(
    "--role",
    type=click.Choice(ROLES),
    required=True,
    help="viewer sees leads, rep works on them, admin manages the engine, owner decides over owners too.",
)
@exits
def invite_command(email: str, role: Role) -> int | None:
    """Print a link, good once and for seven days, with which this person joins."""
    return run(invite_person(settings_with_logs(), email, role))


@people.command("list")
@exits
def list_command() -> int | None:
    """List all people, inactive ones too."""
    return run(list_people(settings_with_logs()))


@people.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@exits
def role_command(email: str, role: Role) -> int | None:
    """Give a person another role; the person signs in again to use it."""
    return run(set_role(settings_with_logs(), email, role))


@people.command("deactivate")
@click.argument("email")
@click.option(
    "--leads",
    metavar="EMAIL|routing|nobody|stay",
    help="What becomes of the open leads and tasks: a person gets them, the routing rules choose, nobody, or they stay.",
)
@click.option("--why", default="", help="For the history of the leads.")
@exits
def deactivate_command(email: str, leads: str | None, why: str) -> int | None:
    """End a person's access; every process refuses the sessions within seconds. Needs --leads if there are any."""
    return run(deactivate_person(settings_with_logs(), email, leads, why))


@people.command("hand-over")
@click.argument("email")
@click.argument("to", metavar="EMAIL|routing|nobody")
@click.option("--why", default="", help="For the history of the leads.")
@exits
def hand_over_command(email: str, to: str, why: str) -> int | None:
    """Hand the open leads and tasks of a person over, in the background: the workers do it."""
    return run(hand_over_leads(settings_with_logs(), email, to, why))


@people.command("reactivate")
@click.argument("email")
@exits
def reactivate_command(email: str) -> int | None:
    """Give a person access again, with the password and passkeys that there were."""
    return run(reactivate_person(settings_with_logs(), email))


@people.command("sign-out")
@click.argument("email")
@exits
def sign_out_command(email: str) -> int | None:
    """End all sessions of a person; every process refuses them within seconds."""
    return run(sign_out(settings_with_logs(), email))


async def first_owner(settings: Settings) -> int | None:
    """Print the link of the first owner. Returns 1 if there is an account already."""
    async with open_runtime(settings) as runtime:
        issued = await invite_first_owner(runtime)
        if issued is None:
            print("There are people already: ask an owner, or use `people invite`.", file=sys.stderr)
            return 1
        _show_link(runtime, issued)
    return None


async def invite_person(settings: Settings, email: str, role: Role) -> None:
    """Print the link of an invitation. Raises `Invalid` and `Conflict`."""
    async with open_runtime(settings) as runtime:
        _show_link(runtime, await invite(runtime, current_actor(), email, role))


async def list_people(settings: Settings) -> None:
    """Print every account."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("Id", "E-mail", "Name", "Role", "Joined", ""):
        table.add_column(column, overflow="fold", no_wrap=column == "Id", header_style="dim")
    async with open_runtime(settings) as runtime:
        for person in await _all(runtime):
            table.add_row(
                person.person_id,
                printable(person.email),
                printable(person.name),
                person.role,
                age(person.created_at, runtime.now()),
                _state(person, runtime),
            )
    Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False, markup=False).print(table)


async def set_role(settings: Settings, email: str, role: Role) -> None:
    """Change the role. Raises `NotFound`, and `Conflict` for the last owner."""
    async with open_runtime(settings) as runtime:
        person = await change_role(runtime, current_actor(), (await _person(runtime, email)).person_id, role)
    print(f"{person.email} is {person.role}; all sessions of the person have ended.")


async def deactivate_person(
    settings: Settings, email: str, leads: str | None = None, why: str = ""
) -> int | None:
    """End the access, and begin to hand the leads over. Returns 1 if nobody has said what becomes of them.

    Raises `NotFound`, `Invalid`, and `Conflict` for the last owner.
    """
    async with open_runtime(settings) as runtime:
        person = await _person(runtime, email)
        choice: Wish | Literal["stay"] | None = "stay" if leads == "stay" else None
        if leads is not None and choice is None:
            choice = await _wish(runtime, leads, why)
        try:
            person = await deactivate(runtime, current_actor(), person.person_id, choice)
        except LeadsNeedChoice:
            print(
                f"{person.email} has open leads or tasks: say with --leads what becomes of them.",
                file=sys.stderr,
            )
            return 1
    print(f"{person.email} has no access any more; every process refuses the sessions within seconds.")
    if isinstance(choice, Wish):
        print("The open leads and tasks are handed over in the background, by the workers.")
    return None


async def hand_over_leads(settings: Settings, email: str, to: str, why: str) -> None:
    """Begin to hand the leads over. Raises `NotFound`, `Invalid`, and `Conflict` while another hand-over is under way."""
    async with open_runtime(settings) as runtime:
        person = await _person(runtime, email)
        wish = await _wish(runtime, to, why)
        unit = await hand_over(runtime, current_actor(), person.person_id, wish)
    print(f"{unit.unit_id}: the workers hand over the open leads and tasks of {person.email}.")


async def _wish(runtime: Runtime, to: str, why: str) -> Wish:
    match to:
        case "routing" | "nobody":
            return Wish(to=to, owner_id=None, why=why)
    return Wish(to="person", owner_id=(await _person(runtime, to)).person_id, why=why)


async def reactivate_person(settings: Settings, email: str) -> None:
    """Give access again. Raises `NotFound`."""
    async with open_runtime(settings) as runtime:
        person = await reactivate(runtime, current_actor(), (await _person(runtime, email)).person_id)
    print(f"{person.email} may sign in again.")


async def sign_out(settings: Settings, email: str) -> None:
    """End all sessions. Raises `NotFound`."""
    async with open_runtime(settings) as runtime:
        person = await _person(runtime, email)
        ended = await sign_out_everywhere(runtime, current_actor(), person.person_id)
    print(f"{ended} session{'' if ended == 1 else 's'} of {person.email} ended.")


async def _person(runtime: Runtime, email: str) -> Person:
    person = await runtime.people.accounts.by_email(email)
    if person is None:
        raise NotFound("person", email)
    return person


async def _all(runtime: Runtime) -> list[Person]:
    found: list[Person] = []
    while page := await runtime.people.accounts.page(
        (found[-1].created_at, found[-1].person_id) if found else None, _PAGE
    ):
        found += page
    return found


def _state(person: Person, runtime: Runtime) -> str:
    if not person.active:
        return "inactive"
    if person.away_until is not None and person.away_until > runtime.now():
        return f"away until {to_datetime(person.away_until):%Y-%m-%d}"
    return ""


def _show_link(runtime: Runtime, issued: IssuedInvite) -> None:
    found = issued.invite
    whom = found.email or "the first owner"
    until = f"{to_datetime(found.expires_at):%Y-%m-%d %H:%M} UTC"
    print(f"Invitation of {whom} as {found.role}; it works once, until {until}.", file=sys.stderr)
    print(invite_link(runtime, issued))
