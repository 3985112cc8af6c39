"""`lead-engine demo`: a simulated week for a running engine."""

from __future__ import annotations

import click

from engine.access.keys.key_file import key_file_of, read_key_file
from scripts.cli.command import exits, run, settings_with_logs
from scripts.demo.correspondence import run_correspondence
from scripts.demo.demo import run_demo
from scripts.demo.show_contacts import run_contacts
from scripts.demo.three_sequences import run_sequences
from scripts.demo.visitor import run_visitor
from scripts.terminal.welcome import local_url

__all__ = ["demo"]


@click.command()
@click.option("--url", help="Address of the API; by default HOST and PORT of the settings.")
@click.option(
    "--leads", default=200, show_default=True, type=click.IntRange(1, 100_000), help="How many leads."
)
@click.option("--seed", default=7, show_default=True, help="The same seed makes the same week.")
@click.option(
    "--contacts/--no-contacts",
    default=True,
    show_default=True,
    help="People with names and months of history, two reps who own them, and an answer that comes in.",
)
@click.option(
    "--answer-after",
    default=20.0,
    show_default=True,
    type=click.FloatRange(0, 600),
    help="Seconds until the answer comes in.",
)
@exits
def demo(url: str | None, leads: int, seed: int, contacts: bool, answer_after: float) -> int | None:  # noqa: FBT001 - click's
    """Send a simulated week to the running engine and show the ten best leads, then a visitor who becomes known, and a conversation."""
    settings = settings_with_logs()
    # The key of this machine's engine is never sent to another address.
    key = settings.api_key or ("" if url else read_key_file(key_file_of(settings.data_dir)))
    return run(_all(url or local_url(settings), key, leads, seed, answer_after if contacts else None))


async def _all(url: str, key: str, leads: int, seed: int, answer_after: float | None) -> int:
    failed = (
        await run_demo(url, key, leads, seed)
        or await run_visitor(url, key)
        or await run_correspondence(url, key)
        or await run_sequences(url, key)
    )
    return failed or (0 if answer_after is None else await run_contacts(url, key, answer_after))
