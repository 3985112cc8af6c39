"""What the demo has for the console: people with months of history, two reps who own them, and an answer that comes in."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console

from domain.errors import LeadEngineError
from scripts.demo.client import DemoClient, open_http
from scripts.demo.contacts import CONTACTS, answer_of, simulate_contacts
from scripts.demo.team import Rep, share_contacts

__all__ = ["run_contacts", "show_contacts"]


async def run_contacts(url: str, key: str, answer_after: float) -> int:
    """`show_contacts` on the engine at a URL. Returns the exit code.

    `key` is an API key with the scopes `ingest`, `read`, `work` and `manage`.
    """
    try:
        async with open_http(url, key) as http:
            await show_contacts(DemoClient(http), url, answer_after)
    except LeadEngineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def show_contacts(client: DemoClient, url: str, answer_after: float) -> None:
    """Send the contacts, let the reps join, say where to look, and send the answer after so many seconds."""
    console = Console()
    receipt = await client.send(simulate_contacts(datetime.now(UTC)))
    for lead_id, position in {one.lead_id: one.position for one in receipt.results}.items():
        await client.wait_for(lead_id, position)
    reps = await share_contacts(client, [contact.lead_id for contact in CONTACTS])
    shown = url.rstrip("/").replace("//127.0.0.1", "//localhost")  # where the console takes sessions
    console.print(_welcome(reps, shown), highlight=False, soft_wrap=True)
    await asyncio.sleep(answer_after)
    answer = await client.send([answer_of(datetime.now(UTC))])
    await client.wait_for(CONTACTS[0].lead_id, answer.results[0].position)
    console.print(f"{CONTACTS[0].name} has answered, and waits in the queue of {reps[0].name}.")


def _welcome(reps: Sequence[Rep], url: str) -> str:
    lines = [
        "",
        f"{len(CONTACTS)} people have months of history and an owner. Look at them in the console as one of two reps:",
        "",
        *(
            f"  {rep.name}  {rep.email}  {rep.password or '(the password was shown by an earlier run)'}"
            for rep in reps
        ),
        "",
        f"  {url}/console/queue?owner=me",
        "",
        f"Stay there: {CONTACTS[0].name} answers soon.",
    ]
    return "\n".join(lines)
