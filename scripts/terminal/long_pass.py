"""What a terminal shows of a long pass on workers: a progress bar while it goes on, one line for its state."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click

from engine.process.tasks import raise_if_cancelled
from engine.runtime import Runtime
from scripts.terminal.progress import progress_bar
from workflows.passes.control import LongPass, read_pass

__all__ = ["follow_pass", "is_complete", "state_of"]

_POLL_SECONDS = 0.5


async def follow_pass(runtime: Runtime, begun: LongPass) -> LongPass:
    """Say what the pass is called and show progress until it is over. When this is cancelled the pass goes on."""
    click.echo(
        f"{begun.pass_id} goes on without this command, as long as there are workers. "
        f"`lead-engine passes show {begun.pass_id}` says how far it is, "
        f"`lead-engine passes stop {begun.pass_id}` stops it.",
        err=True,
    )
    with progress_bar() as bar:
        task = bar.add_task(f"Leads, {len(begun.shares)} shares", total=await runtime.leads.lists.count())
        while not (now := await read_pass(runtime, begun.pass_id)).is_over:
            raise_if_cancelled()
            bar.update(task, completed=now.report["leads"])
            await asyncio.sleep(_POLL_SECONDS)
    return now


def is_complete(one: LongPass) -> bool:
    """Whether the pass has come to its end; says what is missing if it has not."""
    for unit_id, reason in one.dead.items():
        click.echo(f"Share {unit_id} was given up, and its leads are missing here: {reason}")
    if one.is_stopped:
        click.echo("It was stopped before its end.")
    return not one.dead and not one.is_stopped


def state_of(one: LongPass) -> str:
    """For example: verify-1f2e3d4c  2026-11-22 12:00  under way, 2 of 4 shares done, 1200 leads."""
    done = sum(share.state == "done" for share in one.shares)
    if one.is_stopped:
        state = "stopped"
    elif one.dead:
        state = "given up" if one.is_over else "under way, a share was given up"
    else:
        state = "done" if one.is_over else "under way"
    began = datetime.fromtimestamp(one.began_at / 1000, UTC)
    return (
        f"{one.pass_id}  {began:%Y-%m-%d %H:%M}  {state}, {done} of {len(one.shares)} shares done, "
        f"{one.report['leads']} leads"
    )
