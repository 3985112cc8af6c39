"""`lead-engine campaigns`: drafts from files, estimates, and the state of campaigns. The id of a new one alone goes to standard output."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path

import click
import yaml
from rich.console import Console
from rich.table import Table

from api.campaigns.bodies import CreateCampaign, defined
from domain.campaigns.states import STATES, Action, CampaignState
from domain.errors import Invalid
from domain.instant import to_datetime
from engine.access.principal import Principal
from engine.campaigns.campaign import Campaign, Estimate, Tally
from engine.process.printable import printable
from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from workflows.campaigns.changes import change_state, start_campaign
from workflows.campaigns.drafts import create_campaign
from workflows.campaigns.estimate import request_estimate

__all__ = ["begin_estimate", "campaigns", "create", "list_all", "move", "read_draft", "show", "start"]

_WIDE = 200
"""Width in characters where the output is not a terminal."""
_NEWEST = 100
_NOBODY = Principal(kind="key", id="", name="command line", scopes=frozenset())
_why = click.option("--why", default="", help="The reason, for the campaign and the audit log.")


@click.group()
def campaigns() -> None:
    """Create campaigns from files, estimate their audience, start, pause, resume and finish them."""


@campaigns.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only campaigns in this state.")
@exits
def list_command(state: CampaignState | None) -> int | None:
    """List the newest hundred campaigns."""
    return run(list_all(settings_with_logs(), state))


@campaigns.command("show")
@click.argument("campaign_id", metavar="ID")
@exits
def show_command(campaign_id: str) -> int | None:
    """Show a campaign: its state, its estimate with the digest, and how far it has come."""
    return run(show(settings_with_logs(), campaign_id))


@campaigns.command("create")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@exits
def create_command(file: Path) -> int | None:
    """Store a draft from FILE, which is YAML or JSON with the fields of POST /api/campaigns; - reads standard input."""
    return run(create(settings_with_logs(), read_draft(file)))


@campaigns.command("estimate")
@click.argument("campaign_id", metavar="ID")
@exits
def estimate_command(campaign_id: str) -> int | None:
    """Begin an estimate of the audience of a draft; the workers go on with it."""
    return run(begin_estimate(settings_with_logs(), campaign_id))


@campaigns.command("start")
@click.argument("campaign_id", metavar="ID")
@click.option("--digest", required=True, help="That of the latest estimate, which `show` prints.")
@exits
def start_command(campaign_id: str, digest: str) -> int | None:
    """Start a campaign on the audience that its estimate has found."""
    return run(start(settings_with_logs(), campaign_id, digest))


@campaigns.command("pause")
@click.argument("campaign_id", metavar="ID")
@_why
@exits
def pause_command(campaign_id: str, why: str) -> int | None:
    """Let nobody have their turn, and planned messages wait."""
    return run(move(settings_with_logs(), campaign_id, "pause", why))


@campaigns.command("resume")
@click.argument("campaign_id", metavar="ID")
@_why
@exits
def resume_command(campaign_id: str, why: str) -> int | None:
    """Let a paused campaign go on where it was."""
    return run(move(settings_with_logs(), campaign_id, "resume", why))


@campaigns.command("finish")
@click.argument("campaign_id", metavar="ID")
@_why
@exits
def finish_command(campaign_id: str, why: str) -> int | None:
    """Finish a campaign for good; planned messages are withheld."""
    return run(move(settings_with_logs(), campaign_id, "finish", why))


def read_draft(file: Path) -> CreateCampaign:
    """The body in a file of YAML, of which JSON is a part. Raises `Invalid` with every fault."""
    text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    try:
        fields = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Invalid(f"{file} is not YAML: {error}") from None
    return CreateCampaign.decode(json.dumps(fields, default=_as_text).encode())


async def create(settings: Settings, body: CreateCampaign) -> None:
    """Store the draft and print its id. Raises `Invalid`."""
    async with open_runtime(settings) as runtime:
        definition = defined(runtime, _NOBODY, body)
        stored = await create_campaign(runtime, current_actor(), body.name, definition)
    click.echo(stored.campaign_id)


async def begin_estimate(settings: Settings, campaign_id: str) -> None:
    """Begin an estimate. Raises `NotFound`, `Conflict`, `Invalid`."""
    async with open_runtime(settings) as runtime:
        await request_estimate(runtime, campaign_id)
    click.echo(
        f"The estimate has begun: `lead-engine campaigns show {campaign_id}` says how far it is.", err=True
    )


async def start(settings: Settings, campaign_id: str, digest: str) -> None:
    """Start the campaign. Raises `NotFound`, `Conflict` with the figures, `Invalid`."""
    async with open_runtime(settings) as runtime:
        started = await start_campaign(runtime, current_actor(), campaign_id, digest)
    click.echo(f"{campaign_id} is {started.state}.", err=True)


async def move(settings: Settings, campaign_id: str, action: Action, why: str) -> None:
    """Change the state of the campaign. Raises `NotFound`, `Conflict`."""
    async with open_runtime(settings) as runtime:
        moved = await change_state(runtime, current_actor(), campaign_id, action, why)
    click.echo(f"{campaign_id} is {moved.state}.", err=True)


async def list_all(settings: Settings, state: CampaignState | None) -> None:
    """Print a table of campaigns, the newest first."""
    async with open_runtime(settings) as runtime:
        found = await runtime.campaigns.campaigns.page(state, None, _NEWEST)
    table = Table("id", "created", "state", "mode", "audience", "name")
    for one in found:
        audience = str(one.estimate.audience) if one.estimate else ""
        created = f"{to_datetime(one.created_at):%Y-%m-%d %H:%M}"
        table.add_row(one.campaign_id, created, one.state, one.definition.mode, audience, printable(one.name))
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)


async def show(settings: Settings, campaign_id: str) -> None:
    """Print the campaign in lines. Raises `NotFound`."""
    async with open_runtime(settings) as runtime:
        campaign = await runtime.campaigns.campaigns.get(campaign_id)
        tally = await runtime.campaigns.members.tally(campaign_id)
    ended = f", {campaign.ended}" if campaign.ended else ""
    print(f"{printable(campaign.name)} ({campaign.definition.mode}): {campaign.state}{ended}")
    if campaign.estimate is not None:
        print(_estimate(campaign.estimate))
    if campaign.started_at is not None:
        print(_progress(campaign, tally))
    for change in campaign.changes:
        why = f": {printable(change.why)}" if change.why else ""
        print(f"{to_datetime(change.at):%Y-%m-%d %H:%M:%S} {change.state} by {printable(change.by)}{why}")


def _estimate(one: Estimate) -> str:
    if one.digest is None:
        return f"estimate: {one.checked} of {one.audience} leads were looked at so far"
    return f"estimate: {one.audience} leads, {one.refused} get nothing{_counted(one.reasons)}; digest {one.digest}"


def _progress(campaign: Campaign, tally: Tally) -> str:
    results = {**tally.results, **({"erased": campaign.erased} if campaign.erased else {})}
    return (
        "progress: "
        + ", ".join(f"{name} {number}" for name, number in results.items())
        + _counted(tally.reasons)
    )


def _counted(reasons: dict[str, int]) -> str:
    said = ", ".join(f"{code} {number}" for code, number in sorted(reasons.items()))
    return f" ({said})" if said else ""


def _as_text(value: object) -> str:
    """A moment as JSON has it; YAML reads it as such."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    raise Invalid(f"{value!r} is nothing that a campaign has.")
