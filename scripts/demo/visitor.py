"""A story over HTTP: an anonymous visitor becomes a known lead, and the merge is undone and made again."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

from rich.console import Console

from domain.errors import Invalid, LeadEngineError
from scripts.demo.client import DemoClient, open_http
from workflows.capture.event_input import EventInput

__all__ = ["run_visitor", "tell"]


async def run_visitor(url: str, key: str) -> int:
    """Tell the story of one visitor to a running engine. Returns the exit code.

    `key` is an API key with the scopes `ingest` and `read`; with `work` too the merge is undone and made again.
    """
    try:
        async with open_http(url, key) as http:
            await tell(DemoClient(http), Console(), f"{time.time_ns() // 1_000_000:x}")
    except LeadEngineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def tell(client: DemoClient, console: Console, run: str) -> None:
    """Send the events of one person, named after the `run`, and say after each step who is whom and why."""
    device = {"anonymousId": f"demo-device-{run}"}
    address = {"email": f"ada.{run}@example.com"}
    console.print("\n[bold]One visitor[/bold]")

    visitor = await _send(client, run, device, "page_view", "page_view", "download")
    alone = await client.standing(visitor)
    console.print(
        f"Somebody reads two pages and downloads a file: an anonymous lead with {alone.score:.0f} points."
    )

    known = await _send(client, run, address, "signup")
    console.print(f"Ada signs up by e-mail: another lead, {(await client.standing(known)).score:.0f} points.")

    await _send(client, run, {**device, **address}, "demo_request")
    both = await client.standing(visitor)
    console.print(
        f"She asks for a demo on the same device, and the event has both ids: the two are one lead, {both.score:.0f} points. "
        f"The visitor's id answers as {'the lead of Ada' if both.lead_id == known else both.lead_id}."
    )
    try:
        await client.unmerge(visitor, "It was a colleague at the same computer.")
    except Invalid:
        console.print("With a key that has the scope `work`, the merge could be undone.")
        return
    parted = [await client.standing(one) for one in (visitor, known)]
    console.print(
        f"It was a colleague, so the merge is undone: the visitor has {parted[0].score:.0f} points again, and Ada keeps her own {parted[1].score:.0f}."
    )
    await client.merge(visitor, known, "It was Ada after all.")
    console.print(
        f"It was Ada after all: merged again, {(await client.standing(known)).score:.0f} points. Who merged and why: lead-engine lead {known}"
    )


async def _send(client: DemoClient, run: str, identifiers: Mapping[str, str], *types: str) -> str:
    """Send events of the person with these identifiers, wait until they count, and return the id of their lead."""
    events = [
        EventInput(
            type=one, event_id=f"demo-{run}-{'-'.join(identifiers)}-{number}", identifiers=dict(identifiers)
        )
        for number, one in enumerate(types)
    ]
    last = (await client.send(events)).results[-1]
    await client.wait_for(last.lead_id, last.position)
    return last.lead_id
