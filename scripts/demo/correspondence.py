"""A story over HTTP: a message goes out, the lead answers, and the follow-up that was planned is not sent."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta

from rich.console import Console

from domain.errors import Invalid, LeadEngineError, Unavailable
from scripts.demo.client import DemoClient, SentMessage, open_http
from workflows.capture.event_input import EventInput

__all__ = ["correspond", "run_correspondence"]

_ADDRESS = "grace.{run}@example.com"
"""A domain that takes no mail, should the engine send for real."""
_FOLLOW_UP_SECONDS = 4.0
_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.3


async def run_correspondence(url: str, key: str) -> int:
    """Tell the story of one conversation to a running engine. Returns the exit code.

    `key` is an API key with the scopes `ingest` and `read`; without `work` nothing is sent.
    """
    try:
        async with open_http(url, key) as http:
            await correspond(DemoClient(http), Console(), f"{time.time_ns() // 1_000_000:x}")
    except LeadEngineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def correspond(client: DemoClient, console: Console, run: str) -> None:
    """Write to one person, answer for her, and say what became of both messages."""
    lead, to = f"demo-grace-{run}", _ADDRESS.format(run=run)
    console.print("\n[bold]One conversation[/bold]")
    await client.send([EventInput(lead_id=lead, type="demo_request", event_id=f"demo-{run}-grace")])
    try:
        first = await client.write(
            lead, to, "Your demo", "Hello Grace,\n\ndoes Tuesday at ten suit you?\n\nSam\n"
        )
    except Invalid as error:
        console.print(f"With a key that has the scope `work`, a message would go out. {error}")
        return
    first = await _ended(client, first)
    console.print(f"Grace asks for a demo and Sam writes to her: the message is {first.status}.")
    at = datetime.now(UTC) + timedelta(seconds=_FOLLOW_UP_SECONDS)
    follow_up = await client.write(
        lead,
        to,
        "Re: Your demo",
        "Hello Grace,\n\nhave you seen my mail?\n\nSam\n",
        reply_to=first.id,
        send_at=at,
    )
    console.print(f"In case she does not answer, a follow-up is {follow_up.status}.")
    await client.reply(lead, first.id, "Tuesday at ten is fine.")
    follow_up = await _ended(client, follow_up)
    why = "; ".join(reason.detail for reason in follow_up.reasons)
    console.print(
        f"Grace answers. The follow-up is {follow_up.status}: {why or 'it went out before her answer'}."
    )
    console.print("The mail lies in the folder outbox of DATA_DIR, unless EMAIL_CHANNEL says otherwise.")


async def _ended(client: DemoClient, message: SentMessage) -> SentMessage:
    """The message when it is no longer planned. Raises `Unavailable` after a minute."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while message.status == "planned":
        if time.monotonic() > deadline:
            raise Unavailable("The engine did not send a message within a minute: is a worker running?")
        await asyncio.sleep(_POLL_SECONDS)
        message = await client.message(message.id)
    return message
