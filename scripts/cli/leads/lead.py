"""`lead-engine lead`: everything that is known of one lead, on the terminal."""

from __future__ import annotations

from datetime import datetime

import click
from rich.console import Console

from domain.instant import Millis, from_datetime
from domain.rulebooks.compiled import CompiledRulebook, compile_rulebook
from engine.leads.incomplete_leads import Incomplete, IncompleteLeads
from engine.rulebooks.library import load_rulebook
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from scripts.cli.command import MOMENT, exits, in_utc, run, settings_with_logs
from scripts.terminal.lead_page import LeadPage, show_lead
from workflows.capture.stored_ids import stored_lead_id
from workflows.intelligence.intelligence import explained, read_lead
from workflows.intelligence.score_history import read_score_history
from workflows.intelligence.timeline import read_timeline

__all__ = ["lead", "read_page", "run_lead"]

_CURVE_DAYS = 60
_EVENTS = 10
_TASKS = 20


@click.command()
@click.argument("lead_id", metavar="LEADID")
@click.option("--as-of", type=MOMENT, help="Any instant, past or future, UTC; now by default.")
@click.option("--rulebook", help="Another rulebook to apply, by name or path of its file.")
@exits
def lead(lead_id: str, as_of: datetime | None, rulebook: str | None) -> int | None:
    """Show one lead: its score and why, the next action and the latest events."""
    return run(run_lead(settings_with_logs(), lead_id, in_utc(as_of), rulebook))


async def run_lead(settings: Settings, lead_id: str, as_of: datetime | None, rulebook: str | None) -> None:
    """Print the lead. Raises `NotFound` for a lead without events by `as_of`."""
    rules = compile_rulebook(load_rulebook(rulebook, settings.personal)) if rulebook else None
    async with open_runtime(settings) as runtime:
        found_id = await stored_lead_id(runtime, lead_id)
        found_id = await runtime.identity.streams.lead_of(found_id)
        page = await read_page(runtime, found_id, None if as_of is None else from_datetime(as_of), rules)
    show_lead(Console(highlight=False, markup=False), page)


async def read_page(
    runtime: Runtime, lead_id: str, as_of: Millis | None = None, rulebook: CompiledRulebook | None = None
) -> LeadPage:
    """The data of the page, as of one instant and under one rulebook. Tasks are those of now."""
    rules = rulebook or runtime.rulebook
    at = runtime.now() if as_of is None else as_of
    lead = await read_lead(runtime, lead_id, as_of=at, rulebook=rules)
    applied = lead.state.applied
    return LeadPage(
        found=await explained(runtime, lead),
        rules=rules,
        curve=await read_score_history(runtime, lead_id, at, _CURVE_DAYS, up_to=applied, rulebook=rules),
        rows=await read_timeline(runtime, lead_id, until=at, up_to=applied, limit=_EVENTS, rulebook=rules),
        tasks=await runtime.automations.tasks.page(state="open", lead_id=lead_id, after=None, limit=_TASKS),
        is_now=as_of is None,
        incomplete=await _incomplete(runtime, lead_id),
    )


async def _incomplete(runtime: Runtime, lead_id: str) -> Incomplete | None:
    leads = IncompleteLeads(runtime.operations.dead_letters, runtime.capture.discards)
    await leads.refresh()
    return leads.of(lead_id)
