"""`lead-engine sequences`: check, explain and activate sequences, and print calendars."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

import click
from rich.console import Console

from domain.errors import Invalid
from domain.instant import from_datetime, to_datetime
from domain.rule_language.words import any_of
from domain.sequences.calendar import CalendarEntry
from domain.sequences.decide import AddTask, Effect, SendMessage, SetTag
from domain.sequences.definition import walk
from domain.sequences.loader import parse_sequence
from domain.sequences.trial import trial_calendar
from engine.process.clock import now
from engine.process.printable import printable
from engine.runtime import open_runtime
from engine.sequences.built_in import load_sequence, sequence_text
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.cli.document_schema import sequence_schema
from scripts.cli.outreach.enrol_leads import enrol_command
from scripts.explain.document import explain_document
from scripts.terminal.actor import current_actor
from workflows.sequences.activate import activate_sequence
from workflows.sequences.calendar import calendar_of_lead

__all__ = ["sequences"]

_PAGE = 100


@click.group()
def sequences() -> None:
    """Check, explain and activate sequences, enrol leads, print calendars and the JSON Schema."""


sequences.add_command(enrol_command)


@sequences.command("check")
@click.argument("file")
@exits
def check_command(file: str) -> None:
    """Validate the sequence in FILE; report every fault with its line and a correction."""
    found = load_sequence(file)
    steps = sum(1 for _ in walk(found.steps))
    print(f"{found.name} version {found.version} is valid: {steps} step{'' if steps == 1 else 's'}.")


@sequences.command("explain")
@click.argument("name_or_file")
@exits
def explain_command(name_or_file: str) -> None:
    """Describe a sequence in plain words."""
    explain_document(Console(highlight=False, markup=False, emoji=False), load_sequence(name_or_file))


@sequences.command("calendar")
@click.argument("name_or_file", required=False)
@click.option("--lead", "lead_id", help="Id of a lead: what the sequences that it is in will do.")
@click.option(
    "--from", "start", type=click.DateTime(), help="Moment of the enrolment, in that zone; now by default."
)
@click.option("--zone", help="Time zone of the recipient; by default that of the sequence.")
@click.option("--country", help="Code of the recipient's country, such as DE, for holidays.")
@exits
def calendar_command(
    name_or_file: str | None,
    lead_id: str | None,
    start: datetime | None,
    zone: str | None,
    country: str | None,
) -> int | None:
    """Print what a lead would get and when, if it were enrolled and did nothing; or what a lead will get. Sends nothing."""
    if (lead_id is None) == (name_or_file is None):
        raise Invalid("Name a sequence or a file, or a lead with --lead.")
    if lead_id is not None:
        return run(print_calendar(settings_with_logs(), lead_id))
    assert name_or_file is not None
    found = load_sequence(name_or_file)
    if zone is not None and zone not in available_timezones():
        raise Invalid(f"--zone: '{zone}' is no time zone; write one like Europe/Berlin.")
    local = ZoneInfo(zone or found.timezone)
    at = now() if start is None else from_datetime(start.replace(tzinfo=local))
    for entry in trial_calendar(found, at, zone, country):
        print(f"{to_datetime(entry.at).astimezone(local):%a %Y-%m-%d %H:%M %Z}  {in_words(entry)}")
    return None


@sequences.command("activate")
@click.argument("name_or_file")
@exits
def activate_command(name_or_file: str) -> int | None:
    """Publish a sequence and enrol leads in this version from now on; who is enrolled goes on under the old one."""
    return run(run_activate(settings_with_logs(), name_or_file))


@sequences.command("list")
@exits
def list_command() -> int | None:
    """List published sequences, and which versions are active."""
    return run(print_list(settings_with_logs()))


async def run_activate(settings: Settings, name_or_file: str) -> None:
    """Activate the sequence and print which version was active before."""
    text, name = sequence_text(name_or_file)
    found = parse_sequence(text, name)
    async with open_runtime(settings) as runtime:
        before = await activate_sequence(runtime, current_actor(), found, text)
    print(f"Sequence {found.label} is active (before: {before or 'none'}).")


async def print_list(settings: Settings) -> None:
    """Print one line per published version, by name, the newest first."""
    async with open_runtime(settings) as runtime:
        after = None
        while page := await runtime.sequences.library.page(after, _PAGE):
            for one in page:
                state = "active" if one.is_active else "      "
                print(f"{state}  {one.definition.label}  {printable(one.definition.description)}")
            after = (page[-1].definition.name, page[-1].definition.version)


async def print_calendar(settings: Settings, lead_id: str) -> None:
    """Print what the sequences of the lead will do, in UTC."""
    async with open_runtime(settings) as runtime:
        entries = await calendar_of_lead(runtime, lead_id)
    if not entries:
        print("The lead is in no sequence.")
    for enrolment, entry in entries:
        print(f"{to_datetime(entry.at):%a %Y-%m-%d %H:%M UTC}  {enrolment.label}  {in_words(entry)}")


@sequences.command("schema")
@exits
def schema_command() -> None:
    """Print the JSON Schema of sequences, for editors."""
    print(json.dumps(sequence_schema(), indent=2))


def in_words(entry: CalendarEntry) -> str:
    """An entry of a calendar in words."""
    if entry.ended is not None:
        return f"end: {entry.ended}"
    if entry.paused is not None:
        return f"until then it pauses: {entry.paused.describe()}"
    if entry.effect is None:
        return f"until then it waits for {any_of(sorted(entry.waits_for))}"
    return f"{entry.effect.step}: {_effect_in_words(entry.effect)}"


def _effect_in_words(effect: Effect) -> str:
    match effect:
        case SendMessage():
            named = effect.variant.subject or effect.variant.template or effect.variant.text[:60]
            variant = f", variant {effect.variant.name}" if effect.variant.name else ""
            return f'{effect.channel} "{named}"{variant}'
        case AddTask():
            return f'task "{effect.title}"'
        case SetTag():
            return f"tag {effect.tag} {'removed' if effect.removes else 'added'}"
        case _:
            return "skipped, it is too late"
