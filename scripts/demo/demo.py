"""A demo over HTTP: sends a simulated week to a running engine and shows whom to call."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial

from rich.console import Console
from rich.table import Table

from domain.errors import LeadEngineError
from scripts.demo.client import DemoClient, Receipt, ScoreBreakdown, open_http
from scripts.demo.simulated_week import simulate_week
from scripts.terminal.progress import progress_bar
from workflows.capture.event_input import EventInput

__all__ = ["run_demo"]

BATCH_EVENTS = 100
SENDERS = 4
"""Batches on their way at once. A lead's events all go with one sender, so they arrive in their order."""
WATCHED_LEADS = 500
"""Of more leads than this, only those whose events came in last are waited for."""
SHOWN = 10


async def run_demo(url: str, key: str, leads: int, seed: int) -> int:
    """Send the week that ends now, wait until it is applied, show the ten best leads. Returns the exit code.

    `key` is an API key with the scopes `ingest` and `read`.

    Event ids carry the second at which the run began: a second run adds a second week to the same leads.
    """
    try:
        async with open_http(url, key) as http:
            await _run(DemoClient(http), simulate_week(leads, seed, datetime.now(UTC)))
    except LeadEngineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def _run(client: DemoClient, events: Sequence[EventInput]) -> None:
    console = Console()
    await client.greet()
    started = time.monotonic()
    receipts = await _send(client, events)
    sent = time.monotonic()
    positions = _last_positions(receipts)
    await _wait(client, positions)
    applied = time.monotonic()
    console.print(_summary(receipts, len(positions), sent - started, applied - sent), highlight=False)
    standings = await asyncio.gather(*(client.standing(lead_id) for lead_id in await client.best(SHOWN)))
    console.print(_table(sorted(standings, key=lambda lead: -lead.score)))
    if standings:
        console.print(f"Every reason: lead-engine lead {standings[0].lead_id}")


async def _send(client: DemoClient, events: Sequence[EventInput]) -> list[Receipt]:
    with progress_bar() as bar:
        task = bar.add_task("Events sent", total=len(events))
        lanes = (_send_lane(client, lane, partial(bar.advance, task)) for lane in _lanes(events))
        receipts = await asyncio.gather(*lanes)
    return [receipt for lane in receipts for receipt in lane]


def _lanes(events: Iterable[EventInput]) -> list[list[EventInput]]:
    lane_of: dict[str, int] = {}
    lanes: list[list[EventInput]] = [[] for _ in range(SENDERS)]
    for event in events:
        lanes[lane_of.setdefault(event.lead_id or "", len(lane_of) % SENDERS)].append(event)
    return lanes


async def _send_lane(
    client: DemoClient, events: Sequence[EventInput], sent: Callable[[int], None]
) -> list[Receipt]:
    receipts = []
    for start in range(0, len(events), BATCH_EVENTS):
        batch = events[start : start + BATCH_EVENTS]
        receipts.append(await client.send(batch))
        sent(len(batch))
    return receipts


def _last_positions(receipts: Iterable[Receipt]) -> dict[str, int]:
    last: dict[str, int] = defaultdict(int)
    for receipt in receipts:
        for result in receipt.results:
            last[result.lead_id] = max(last[result.lead_id], result.position)
    return last


async def _wait(client: DemoClient, positions: dict[str, int]) -> None:
    """Return when the leads are applied up to these positions."""
    watched = sorted(positions.items(), key=lambda item: item[1])[-WATCHED_LEADS:]
    limit = asyncio.Semaphore(SENDERS)
    with progress_bar() as bar:
        task = bar.add_task("Leads scored", total=len(watched))

        async def wait_for(lead_id: str, position: int) -> None:
            async with limit:
                await client.wait_for(lead_id, position)
            bar.advance(task)

        await asyncio.gather(*(wait_for(*item) for item in watched))


def _summary(receipts: Sequence[Receipt], leads: int, sending: float, scoring: float) -> str:
    accepted = sum(receipt.accepted for receipt in receipts)
    known = sum(receipt.duplicates + receipt.conflicts for receipt in receipts)
    before = f" ({known:,} were known already)" if known else ""
    return (
        f"{accepted:,} events of {leads:,} leads stored in {sending:.1f} s{before}, "
        f"all leads scored {scoring:.1f} s later."
    )


def _table(standings: Iterable[ScoreBreakdown]) -> Table:
    """The table of leads to call, with the reasons; it fits 80 columns."""
    table = Table(title="Call these first", title_justify="left", box=None, padding=(0, 1, 0, 0))
    for name in ("Lead", "Stage", "Score", "Velocity", "Risk", "Next action"):
        table.add_column(name, no_wrap=True, justify="right" if name in {"Score", "Velocity"} else "left")
    table.add_column("First reason")
    for lead in standings:
        figures = (f"{lead.score:.0f}", f"{lead.velocity:.1f}".removesuffix(".0"))
        reasons = [f"{reason.points:+.0f} {reason.label}" for reason in lead.reasons[:1]]
        table.add_row(lead.lead_id, lead.stage, *figures, lead.risk, lead.next_action, *reasons)
    return table
