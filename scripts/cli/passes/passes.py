"""`lead-engine passes`: long passes over all leads that workers share."""

from __future__ import annotations

import click

from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.long_pass import state_of
from workflows.passes.control import LongPass, list_passes, read_pass, stop_pass

__all__ = ["list_all", "passes", "show_one", "stop_one"]


@click.group()
def passes() -> None:
    """List, show and stop long passes over all leads that workers share.

    `lead-engine replay --on-workers` and `lead-engine decay --on-workers` begin them.
    """


@passes.command("list")
@exits
def list_() -> int | None:
    """List the passes that are under way, and the last ones that were, the newest first."""
    return run(list_all(settings_with_logs()))


@passes.command()
@click.argument("pass_id")
@exits
def show(pass_id: str) -> int | None:
    """Show what a pass has found so far, and how far each share is."""
    return run(show_one(settings_with_logs(), pass_id))


@passes.command()
@click.argument("pass_id")
@exits
def stop(pass_id: str) -> int | None:
    """Stop a pass within a second or two; what it has corrected stays."""
    return run(stop_one(settings_with_logs(), pass_id))


async def list_all(settings: Settings) -> None:
    """Print a line for each pass."""
    async with open_runtime(settings) as runtime:
        for one in await list_passes(runtime):
            click.echo(state_of(one))


async def show_one(settings: Settings, pass_id: str) -> None:
    """Print the report of a pass, and how far its shares are. Raises `NotFound`."""
    async with open_runtime(settings) as runtime:
        _print(await read_pass(runtime, pass_id))


async def stop_one(settings: Settings, pass_id: str) -> None:
    """Stop a pass and print what it has found. Raises `NotFound`."""
    async with open_runtime(settings) as runtime:
        _print(await stop_pass(runtime, pass_id))


def _print(one: LongPass) -> None:
    click.echo(state_of(one))
    for share in one.shares:
        under_way = share.leased_until is not None
        click.echo(
            f"  {share.share}  {'under way' if under_way else share.state}, {share.report['leads']} leads"
        )
    for count, number in one.report.counts.items():
        click.echo(f"{count}: {number}")
    for lead_id in one.report.drifted:
        click.echo(f"Lead {lead_id} differed from what its events say.")
    for lead_id, reason in one.report.failed.items():
        click.echo(f"Lead {lead_id} cannot be folded: {reason}")
    for unit_id, reason in one.dead.items():
        click.echo(f"Share {unit_id} was given up: {reason}")
