"""A story over HTTP: three leads in the three sequences that ship, what each will get and when, and a reply that ends it."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import count

from msgspec import Struct
from rich.console import Console

from domain.errors import Invalid, LeadEngineError, Unavailable
from domain.events.vocabulary import LEAD_UPDATED
from domain.sequences.variants import is_held_out
from engine.sequences.built_in import built_in_sequences, load_sequence
from scripts.demo.client import CalendarEntry, DemoClient, EnrolmentOfLead, open_http
from workflows.capture.event_input import EventInput

__all__ = ["run_sequences", "show_sequences"]

_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.3


class _Scene(Struct, frozen=True):
    """One lead of the story: what it did and when, its sequence, and what it answers."""

    name: str
    did: str
    event: str
    sequence: str
    answer: str
    days_ago: int = 0


_SCENES = (
    _Scene("Mia", "asks for a demo", "demo_request", "demo-request", "Thursday at ten is fine."),
    _Scene("Noah", "reads along and is in no hurry", "page_view", "nurture", "Please call me next week."),
    _Scene(
        "Olga", "has been silent for half a year", "signup", "revival", "Yes, it is still on our list.", 180
    ),
)


async def run_sequences(url: str, key: str) -> int:
    """Tell the story to a running engine. Returns the exit code.

    `key` is an API key with the scopes `ingest` and `read`; without `manage` and `work` nobody is enrolled.
    """
    try:
        async with open_http(url, key) as http:
            await show_sequences(DemoClient(http), Console(), f"{time.time_ns() // 1_000_000:x}")
    except LeadEngineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def show_sequences(client: DemoClient, console: Console, run: str) -> None:
    """Activate the sequences, enrol a lead in each, print its calendar, and let it answer."""
    console.print("\n[bold]Three sequences[/bold]")
    for scene in _SCENES:
        try:
            label = await client.activate(built_in_sequences()[scene.sequence])
        except Invalid as error:
            console.print(f"With a key that has the scope `manage`, leads would be enrolled. {error}")
            return
        await _play(client, console, scene, label, run)


async def _play(client: DemoClient, console: Console, scene: _Scene, label: str, run: str) -> None:
    lead = _lead_of(scene, run)
    about = {"email": f"{lead.removeprefix('demo-')}@example.com", "firstName": scene.name, "country": "DE"}
    at = datetime.now(UTC) - timedelta(days=scene.days_ago)
    await client.send(
        [
            EventInput(
                lead_id=lead, type=LEAD_UPDATED, event_id=f"{lead}-about", occurred_at=at, properties=about
            ),
            EventInput(lead_id=lead, type=scene.event, event_id=f"{lead}-{scene.event}", occurred_at=at),
        ]
    )
    enrolment = await client.enrol(lead, scene.sequence, f"demo: {scene.did}")
    console.print(f"{scene.name} {scene.did} and is enrolled in {label}. If nothing happens meanwhile:")
    for entry in await client.calendar(lead):
        console.print(f"  {_in_words(entry)}", highlight=False, markup=False)
    await client.reply(lead, None, scene.answer)
    ended = await _ended(client, lead, enrolment)
    console.print(
        f'{scene.name} answers "{scene.answer}" The sequence has ended: {ended}. Nothing more goes out.'
    )


def _lead_of(scene: _Scene, run: str) -> str:
    """The id of a lead that is not among those who get nothing, for comparison."""
    percent = float(load_sequence(scene.sequence).holdout)
    ids = (f"demo-{scene.name.lower()}-{run}-{number}" for number in count(1))
    return next(one for one in ids if not is_held_out(percent, one, scene.sequence))


def _in_words(entry: CalendarEntry) -> str:
    detail = f": {entry.detail}" if entry.detail else ""
    return f"{entry.at:%a %Y-%m-%d %H:%M} UTC  {entry.does}{detail}"


async def _ended(client: DemoClient, lead: str, enrolment_id: str) -> str:
    """Why the enrolment has ended, once it has. Raises `Unavailable` after a minute."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        found: EnrolmentOfLead = await client.enrolment(lead, enrolment_id)
        if found.ended is not None:
            return found.ended
        if time.monotonic() > deadline:
            raise Unavailable("The engine did not end a sequence within a minute: is a worker running?")
        await asyncio.sleep(_POLL_SECONDS)
