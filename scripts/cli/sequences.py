"""`lead-engine sequences`: check and explain sequences, and print their calendar."""

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
from domain.sequences.decide import AddTask, SendMessage, SetTag
from domain.sequences.definition import walk
from domain.sequences.trial import trial_calendar
from engine.process.clock import now
from engine.sequences.built_in import load_sequence
from scripts.cli.command import exits
from scripts.cli.document_schema import sequence_schema
from scripts.explain.document import explain_document

__all__ = ["sequences"]


@click.group()
def sequences() -> None:
    """Check and explain sequences, print their calendar and their JSON Schema."""


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
@click.argument("name_or_file")
@click.option(
    "--from", "start", type=click.DateTime(), help="Moment of the enrolment, in that zone; now by default."
)
@click.option("--zone", help="Time zone of the recipient; by default that of the sequence.")
@click.option("--country", help="Code of the recipient's country, such as DE, for holidays.")
@exits
def calendar_command(
    name_or_file: str, start: datetime | None, zone: str | None, country: str | None
) -> None:
    """Print what a lead would get and when, if it were enrolled and did nothing. Sends nothing."""
    found = load_sequence(name_or_file)
    if zone is not None and zone not in available_timezones():
        raise Invalid(f"--zone: '{zone}' is no time zone; write one like Europe/Berlin.")
    local = ZoneInfo(zone or found.timezone)
    at = now() if start is None else from_datetime(start.replace(tzinfo=local))
    for entry in trial_calendar(found, at, zone, country):
        print(f"{to_datetime(entry.at).astimezone(local):%a %Y-%m-%d %H:%M %Z}  {in_words(entry)}")


@sequences.command("schema")
@exits
def schema_command() -> None:
    """Print the JSON Schema of sequences, for editors."""
    print(json.dumps(sequence_schema(), indent=2))


def in_words(entry: CalendarEntry) -> str:
    """An entry of a calendar in words."""
    if entry.ended is not None:
        return f"end: {entry.ended}"
    if entry.effect is None:
        return f"until then it waits for {any_of(sorted(entry.waits_for))}"
    effect = entry.effect
    match effect:
        case SendMessage():
            named = effect.variant.subject or effect.variant.template or effect.variant.text[:60]
            variant = f", variant {effect.variant.name}" if effect.variant.name else ""
            return f'{effect.step}: {effect.channel} "{named}"{variant}'
        case AddTask():
            return f'{effect.step}: task "{effect.title}"'
        case SetTag():
            return f"{effect.step}: tag {effect.tag} {'removed' if effect.removes else 'added'}"
        case _:
            return f"{effect.step}: skipped, it is too late"
