"""`lead-engine demo`: a simulated week for a running engine."""

from __future__ import annotations

import click

from engine.access.keys.key_file import key_file_of, read_key_file
from scripts.cli.command import exits, run, settings_with_logs
from scripts.demo.demo import run_demo
from scripts.demo.visitor import run_visitor
from scripts.terminal.welcome import local_url

__all__ = ["demo"]


@click.command()
@click.option("--url", help="Address of the API; by default HOST and PORT of the settings.")
@click.option(
    "--leads", default=200, show_default=True, type=click.IntRange(1, 100_000), help="How many leads."
)
@click.option("--seed", default=7, show_default=True, help="The same seed makes the same week.")
@exits
def demo(url: str | None, leads: int, seed: int) -> int | None:
    """Send a simulated week to the running engine and show the ten best leads, then a visitor who becomes known."""
    settings = settings_with_logs()
    # The key of this machine's engine is never sent to another address.
    key = settings.api_key or ("" if url else read_key_file(key_file_of(settings.data_dir)))
    return run(_both(url or local_url(settings), key, leads, seed))


async def _both(url: str, key: str, leads: int, seed: int) -> int:
    return await run_demo(url, key, leads, seed) or await run_visitor(url, key)
