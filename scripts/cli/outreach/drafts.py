"""`lead-engine drafts`: what is proposed to be sent, and the decisions about it."""

from __future__ import annotations

import sys
from typing import get_args

import click
from rich.console import Console
from rich.table import Table

from domain.drafts.request import LANGUAGES, Language, Purpose
from domain.instant import to_datetime
from engine.drafts.draft import Draft, DraftState, open_draft
from engine.outreach.message import Author
from engine.process.printable import printable
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from workflows.drafts.create import NewDraft, create_draft
from workflows.drafts.decide import approve_draft, reject_draft

__all__ = ["drafts"]

_WIDE = 200
"""Width in characters where the output is not a terminal."""


@click.group()
def drafts() -> None:
    """List drafts of messages, ask for one, and approve or reject them."""


@drafts.command("list")
@click.option("--lead", "lead_id", help="Only those of this lead.")
@click.option("--state", type=click.Choice(get_args(DraftState)), help="Only in this state.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="How many.")
@exits
def list_command(lead_id: str | None, state: DraftState | None, limit: int) -> int | None:
    """List drafts, newest first."""
    return run(_list(settings_with_logs(), lead_id, state, limit))


@drafts.command("create")
@click.argument("lead_id", metavar="LEAD")
@click.argument("purpose", type=click.Choice(get_args(Purpose)))
@click.option("--channel", default="email", show_default=True, help="email, whatsapp or linkedin.")
@click.option("--language", type=click.Choice(LANGUAGES), help="That of the lead by default, else English.")
@click.option("--instructions", default="", help="What the text should say; only a model follows them.")
@exits
def create_command(
    lead_id: str, purpose: Purpose, channel: str, language: Language | None, instructions: str
) -> int | None:
    """Ask for a draft to LEAD and show it."""
    new = NewDraft(purpose=purpose, channel=channel, language=language, instructions=instructions)
    return run(_create(settings_with_logs(), lead_id, new))


@drafts.command("show")
@click.argument("draft_id", metavar="ID")
@exits
def show_command(draft_id: str) -> int | None:
    """Show one draft."""
    return run(_show(settings_with_logs(), draft_id))


@drafts.command("approve")
@click.argument("draft_id", metavar="ID")
@click.option("--revision", type=click.IntRange(1), help="Only if it was not edited since this revision.")
@exits
def approve_command(draft_id: str, revision: int | None) -> int | None:
    """Approve a draft: it becomes a message, exactly one."""
    return run(_approve(settings_with_logs(), draft_id, revision))


@drafts.command("reject")
@click.argument("draft_id", metavar="ID")
@click.option("--why", default="", help="For the list; it is stored unencrypted.")
@exits
def reject_command(draft_id: str, why: str) -> int | None:
    """Reject a draft."""
    return run(_reject(settings_with_logs(), draft_id, why))


async def _list(settings: Settings, lead_id: str | None, state: DraftState | None, limit: int) -> None:
    async with open_runtime(settings) as runtime:
        streams = None if lead_id is None else await runtime.identity.streams.of_lead(lead_id)
        found = await runtime.drafts.store.page(lead_ids=streams, state=state, after=None, limit=limit)
        table = Table("created", "id", "lead", "channel", "purpose", "state", "text", "why")
        for draft in found:
            content = open_draft(draft.sealed, await runtime.privacy.keys.find(draft.lead_id))
            table.add_row(
                f"{to_datetime(draft.created_at):%Y-%m-%d %H:%M}",
                draft.draft_id,
                printable(draft.lead_id),
                draft.channel,
                draft.purpose,
                draft.state,
                printable(" ".join(content.text.split())[:60]) if content else "[erased]",
                printable(draft.why),
            )
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)


async def _create(settings: Settings, lead_id: str, new: NewDraft) -> None:
    actor = current_actor()
    async with open_runtime(settings) as runtime:
        author = Author(actor.kind, actor.name)
        await _print(runtime, await create_draft(runtime, author, lead_id, new, None))


async def _show(settings: Settings, draft_id: str) -> None:
    async with open_runtime(settings) as runtime:
        await _print(runtime, await runtime.drafts.store.get(draft_id))


async def _approve(settings: Settings, draft_id: str, revision: int | None) -> None:
    async with open_runtime(settings) as runtime:
        _, message = await approve_draft(runtime, current_actor(), draft_id, revision)
    click.echo(f"{draft_id}: approved as {message.unit_id}", err=True)


async def _reject(settings: Settings, draft_id: str, why: str) -> None:
    async with open_runtime(settings) as runtime:
        await reject_draft(runtime, current_actor(), draft_id, why)
    click.echo(f"{draft_id}: rejected", err=True)


async def _print(runtime: Runtime, draft: Draft) -> None:
    content = open_draft(draft.sealed, await runtime.privacy.keys.find(draft.lead_id))
    head = (
        f"{draft.draft_id}: {draft.state}, revision {draft.revision}, {draft.channel}, by {draft.origin.by}"
    )
    click.echo("\n".join((head, *draft.origin.notes)), err=True)
    if content is None:
        click.echo("[erased]")
        return
    click.echo(printable(content.subject))
    for line in content.text.split("\n"):
        click.echo(printable(line))
