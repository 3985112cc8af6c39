"""`lead-engine routing`: the rules by which leads are routed to reps."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from domain.errors import Fault, Invalid, NotFound
from domain.instant import to_datetime
from domain.teams.routing_rules import RoutingRules
from domain.teams.routing_rules_file import parse_routing_rules, routing_rules_yaml
from engine.process.printable import printable
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from workflows.teams.routing_rules import activate_rules, add_rules, check_rules, deactivate_rules
from workflows.teams.simulate import ASSUMPTIONS, Simulation, simulate

__all__ = ["activate", "check", "deactivate", "routing", "show", "simulate_rules"]

_WIDE = 200
"""Width in characters where the output is not a terminal."""
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def routing() -> None:
    """Show, check, try on past events and activate the rules by which leads are routed."""


@routing.command("show")
@click.argument("version", type=click.IntRange(min=0), required=False)
@exits
def show_command(version: int | None) -> int | None:
    """Print a version of the rules as YAML; by default the active one. Fails while leads are not routed."""
    return run(show(settings_with_logs(), version))


@routing.command("check")
@click.argument("file", type=_FILE)
@exits
def check_command(file: Path) -> int | None:
    """Check the rules in FILE (YAML or JSON) against the active rulebook and the members of the workspace."""
    return run(check(settings_with_logs(), file))


@routing.command("simulate")
@click.argument("file", type=_FILE)
@click.option(
    "--days", type=click.IntRange(1, 92), default=30, show_default=True, help="Past days to try them on."
)
@exits
def simulate_command(file: Path, days: int) -> int | None:
    """Show who would have got the leads of the last days by the rules in FILE, beside whose they are. Writes nothing."""
    return run(simulate_rules(settings_with_logs(), file, days))


@routing.command("activate")
@click.argument("file_or_version")
@exits
def activate_command(file_or_version: str) -> int | None:
    """Route leads by a stored version, or store the rules in a file and route by them, in every process within seconds."""
    return run(activate(settings_with_logs(), _version_or_rules(file_or_version)))


@routing.command("deactivate")
@exits
def deactivate_command() -> int | None:
    """Route no leads; those that wait stay unassigned."""
    return run(deactivate(settings_with_logs()))


async def show(settings: Settings, version: int | None = None) -> int | None:
    """Print the rules. Returns 1 while leads are not routed. Raises `NotFound` for an unknown version."""
    async with open_runtime(settings) as runtime:
        active = await runtime.teams.rules.active_version()
        wanted = active if version is None else version
        if wanted is None:
            print("Leads are not routed: no version of the rules is active.", file=sys.stderr)
            return 1
        stored = await runtime.teams.rules.get(wanted)
    state = "active" if wanted == active else "not active"
    print(f"# Stored {to_datetime(stored.created_at):%Y-%m-%d %H:%M} UTC, {state}.")
    print(routing_rules_yaml(stored.rules), end="")
    return None


async def check(settings: Settings, file: Path) -> None:
    """Print one line about valid rules. Raises `Invalid` with every fault."""
    async with open_runtime(settings) as runtime:
        rules = await _checked(runtime, file)
    print(f"Version {rules.version} is valid: {len(rules.rules)} rules, {len(rules.pools)} pools.")


async def simulate_rules(settings: Settings, file: Path, days: int) -> None:
    """Print the shares of each person. Raises `Invalid` with every fault."""
    async with open_runtime(settings) as runtime:
        found = await simulate(runtime, await _checked(runtime, file), days)
        people = await runtime.people.accounts.get_many(
            one for one in (*found.would_get, *found.have_got) if one is not None
        )
        emails = {person_id: person.email for person_id, person in people.items()}
    _show_shares(found, emails)


async def activate(settings: Settings, version_or_rules: int | RoutingRules) -> None:
    """Route by a stored version, or store the rules and route by them. Raises `NotFound`, `Invalid` and `Conflict`."""
    async with open_runtime(settings) as runtime:
        if isinstance(version_or_rules, int):
            version = version_or_rules
        else:
            version = (await add_rules(runtime, current_actor(), version_or_rules)).rules.version
        await activate_rules(runtime, current_actor(), version)
    print(f"Leads are routed by version {version}, in every process within two seconds.")


async def deactivate(settings: Settings) -> None:
    """Switch routing off."""
    async with open_runtime(settings) as runtime:
        await deactivate_rules(runtime, current_actor())
    print("Leads are not routed any more.")


def _version_or_rules(file_or_version: str) -> int | RoutingRules:
    """The number of a version, or the rules in a file. Raises `NotFound` for neither, `Invalid` for wrong rules."""
    if file_or_version.isascii() and file_or_version.isdigit():
        return int(file_or_version)
    file = Path(file_or_version)
    if not file.is_file():
        raise NotFound("file or version of the routing rules", file_or_version)
    return _read(file)


async def _checked(runtime: Runtime, file: Path) -> RoutingRules:
    rules = _read(file)
    await check_rules(runtime, rules)
    return rules


def _read(file: Path) -> RoutingRules:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{file.name} cannot be read.", (Fault(file.name, str(error)),)) from error
    return parse_routing_rules(text, file.name)


def _show_shares(found: Simulation, emails: dict[str, str]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("Person", "Would have got", "Has"):
        table.add_column(column, justify="left" if column == "Person" else "right", header_style="dim")
    for person in _by_share(found):
        name = "nobody" if person is None else printable(emails.get(person, person))
        table.add_row(name, str(found.would_get.get(person, 0)), str(found.have_got.get(person, 0)))
    console = Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False, markup=False)
    console.print(f"{found.leads} leads of the last {found.days} days would have been routed.")
    console.print(table)
    if found.truncated:
        console.print("There are more leads in this time; the newest were taken.")
    if found.skipped:
        console.print(f"{found.skipped} leads have an event that cannot be read, and were left out.")
    for assumption in ASSUMPTIONS:
        console.print(f"Assumed: {assumption}.")


def _by_share(found: Simulation) -> Iterable[str | None]:
    people = {*found.would_get, *found.have_got}
    return sorted(people, key=lambda one: (-found.would_get.get(one, 0), one is None, one or ""))
