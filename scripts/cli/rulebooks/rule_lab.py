"""`lead-engine rulebook preview | shadow | publish | rollback`: a change of rules is tried on history before it goes live."""

from __future__ import annotations

import asyncio

import click
import msgspec

from api.rulebooks.preview_views import preview_view
from api.rulebooks.shadow import report_view
from domain.errors import Invalid, NotFound
from domain.rule_lab.difference import digest_of
from engine.rule_lab.preview import Preview
from engine.rule_lab.preview_store import PreviewMoved
from engine.rulebooks.library import load_rulebook
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from scripts.terminal.preview_report import print_preview, print_shadow
from scripts.terminal.progress import progress_bar
from workflows.rule_lab.publish import Limits, preview_for, publish_preview, roll_back_rulebook
from workflows.rule_lab.run_preview import run_preview
from workflows.rule_lab.shadow import start_shadow
from workflows.rule_lab.shadow_report import report_shadow
from workflows.rule_lab.start import Wanted, start_preview

__all__ = [
    "preview",
    "publish",
    "rollback",
    "run_preview_command",
    "run_publish",
    "run_rollback",
    "run_shadow_report",
    "run_shadow_start",
    "run_shadow_stop",
    "shadow",
]

_LARGEST = 5
_POLL_SECONDS = 1.0
_PERCENT = 100


@click.command("preview")
@click.argument("name_or_file")
@click.option(
    "--sample", type=click.IntRange(1, 20_000), default=2000, show_default=True, help="Leads to look at."
)
@click.option("--all", "all_leads", is_flag=True, help="Go on to all leads after the sample.")
@click.option(
    "--days", type=click.IntRange(1, 366), default=90, show_default=True, help="Days in which alerts count."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as the API answers.")
@exits
def preview(name_or_file: str, sample: int, all_leads: bool, days: int, as_json: bool) -> int | None:  # noqa: FBT001
    """Try a rulebook on the history of the leads: who would move, how those ended, which alerts there would have been.

    Nothing is sent, and no lead is changed. A preview that was stopped goes on in the background.
    """
    wanted = Wanted(sample=sample, all_leads=all_leads, days=days)
    return run(run_preview_command(settings_with_logs(), name_or_file, wanted, as_json=as_json))


@click.command("publish")
@click.argument("name_or_file")
@click.option("--expect", required=True, help="The digest that was previewed.")
@click.option("--most-moved", help="Most leads that may come into another stage, such as 20%.")
@click.option("--most-alerts-a-day", type=click.FloatRange(0), help="Most automations that may run a day.")
@click.option("--note", default="", help="Why, for the audit log.")
@exits
def publish(
    name_or_file: str, expect: str, most_moved: str | None, most_alerts_a_day: float | None, note: str
) -> int | None:
    """Make a rulebook that was previewed the active one, unless the preview says that it does more than it may.

    The limits are held against the upper ends of the preview's intervals. No automation fires for the change itself.
    """
    limits = Limits(_share(most_moved), most_alerts_a_day)
    return run(run_publish(settings_with_logs(), name_or_file, expect, limits, note=note))


@click.command("rollback")
@exits
def rollback() -> int | None:
    """Make the rulebook before the active one active again; called twice, it goes back and forth."""
    return run(run_rollback(settings_with_logs()))


@click.group("shadow")
def shadow() -> None:
    """Let a rulebook follow the live stream beside the active one, and compare both."""


@shadow.command("start")
@click.argument("name_or_file")
@click.option("--for", "days", type=click.IntRange(1, 90), default=14, show_default=True, help="Days.")
@exits
def shadow_start(name_or_file: str, days: int) -> int | None:
    """Begin, in the place of the challenger before. Nothing is sent, and no lead is changed."""
    return run(run_shadow_start(settings_with_logs(), name_or_file, days))


@shadow.command("report")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as the API answers.")
@exits
def shadow_report(as_json: bool) -> int | None:  # noqa: FBT001
    """Show stages and firings of both, over the leads that did something since it began."""
    return run(run_shadow_report(settings_with_logs(), as_json=as_json))


@shadow.command("stop")
@exits
def shadow_stop() -> int | None:
    """End it, and remove its states and would-be firings."""
    return run(run_shadow_stop(settings_with_logs()))


async def run_preview_command(settings: Settings, name: str, wanted: Wanted, *, as_json: bool) -> None:
    """Preview a rulebook in this process, and print what it would do."""
    found = load_rulebook(name, settings.personal)
    async with open_runtime(settings) as runtime:
        begun = await start_preview(runtime, current_actor(), found, "", wanted, claim=True)
        done = await _with_progress(runtime, begun)
        if as_json:
            print(msgspec.json.encode(preview_view(done)).decode())
            return
        print_preview(done, await runtime.rule_lab.leads.page(done.preview_id, (), None, _LARGEST))


async def run_publish(settings: Settings, name: str, expect: str, limits: Limits, *, note: str = "") -> None:
    """Publish a rulebook by the preview of the digest that is expected."""
    found = load_rulebook(name, settings.personal)
    if digest_of(found) != expect:
        raise Invalid(f"The digest of {found.label} is {digest_of(found)}, not {expect}: preview it again.")
    async with open_runtime(settings) as runtime:
        previewed = await preview_for(runtime, expect)
        before = await publish_preview(runtime, current_actor(), previewed, expect, limits, note=note)
        left = await runtime.leads.states.count_stale_under(found.label)
    print(f"Rulebook {found.label} is active (before: {before}); {left} leads are to be rebuilt.")


async def run_rollback(settings: Settings) -> None:
    """Go back to the rulebook before."""
    async with open_runtime(settings) as runtime:
        found, before = await roll_back_rulebook(runtime, current_actor())
        left = await runtime.leads.states.count_stale_under(found.label)
    print(f"Rulebook {found.label} is active again (before: {before}); {left} leads are to be rebuilt.")


async def run_shadow_start(settings: Settings, name: str, days: int) -> None:
    """Start a challenger."""
    found = load_rulebook(name, settings.personal)
    async with open_runtime(settings) as runtime:
        begun = await start_shadow(runtime, current_actor(), found, "", days)
    print(f"{begun.label} follows {begun.before} for {days} days. See `lead-engine rulebook shadow report`.")


async def run_shadow_report(settings: Settings, *, as_json: bool) -> None:
    """Print the challenger beside the active rulebook."""
    async with open_runtime(settings) as runtime:
        report = await report_shadow(runtime)
    if report is None:
        raise NotFound("shadow", "challenger", "No rulebook is shadowed.")
    if as_json:
        print(msgspec.json.encode(report_view(report)).decode())
        return
    print_shadow(report)


async def run_shadow_stop(settings: Settings) -> None:
    """Stop the challenger."""
    async with open_runtime(settings) as runtime:
        await runtime.rule_lab.shadow.stop()
    print("The challenger is stopped.")


async def _with_progress(runtime: Runtime, begun: Preview) -> Preview:
    """Run the preview with a bar of the leads compared."""
    with progress_bar() as bar:
        task = bar.add_task("Leads", total=None)

        def step(one: Preview) -> None:
            progress = one.progress
            total = progress.of if one.all_leads else min(one.sample, progress.of or one.sample)
            bar.update(task, completed=progress.figures.leads + progress.current.leads, total=total)

        preview = begun
        while preview.progress.state == "running":
            try:
                preview = await run_preview(runtime, preview, step)
            except PreviewMoved:  # the same one was under way in another process
                await asyncio.sleep(_POLL_SECONDS)
                preview = await runtime.rule_lab.previews.get(preview.preview_id)
                step(preview)
        return preview


def _share(text: str | None) -> float | None:
    """`20%` or `0.2` as a share. Raises `Invalid`."""
    if text is None:
        return None
    try:
        share = float(text.removesuffix("%")) / (_PERCENT if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise Invalid(f"--most-moved is a share such as 20% or 0.2, not '{text}'.")
    return share
