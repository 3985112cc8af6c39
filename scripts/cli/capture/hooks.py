"""`lead-engine hooks`: endpoints for webhooks of providers. The address of a new one alone goes to standard output."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.table import Table

from domain.hooks.providers import PROVIDERS, ProviderName
from domain.instant import HOUR, to_datetime
from engine.hooks.endpoint import HookEndpoint
from engine.process.printable import printable
from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from workflows.hooks.endpoints import change_hook, create_hook, delete_hook, rotate_hook_secret

__all__ = ["create", "delete", "hooks", "list_all", "rotate", "switch"]

_WIDE = 200
"""Width in characters where the output is not a terminal."""
_secret_file = click.option(
    "--secret-file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="File with the secret that the provider shows; - reads standard input. Not for postmark and sendgrid-inbound.",
)


@click.group()
def hooks() -> None:
    """Create, list, switch and delete endpoints for webhooks of providers."""


@hooks.command("create")
@click.argument("provider", type=click.Choice(get_args(ProviderName)))
@_secret_file
@click.option("--description", default="", help="For you.")
@exits
def create_command(provider: ProviderName, secret_file: Path | None, description: str) -> int | None:
    """Create an endpoint and print its address, which the provider is to be given."""
    return run(create(settings_with_logs(), provider, _content(secret_file), description))


@hooks.command("list")
@exits
def list_command() -> int | None:
    """List all endpoints with what they could not take."""
    return run(list_all(settings_with_logs()))


@hooks.command("enable")
@click.argument("endpoint_id", metavar="ID")
@exits
def enable_command(endpoint_id: str) -> int | None:
    """Take requests again."""
    return run(switch(settings_with_logs(), endpoint_id, enabled=True))


@hooks.command("disable")
@click.argument("endpoint_id", metavar="ID")
@exits
def disable_command(endpoint_id: str) -> int | None:
    """Answer requests with 404."""
    return run(switch(settings_with_logs(), endpoint_id, enabled=False))


@hooks.command("rotate")
@click.argument("endpoint_id", metavar="ID")
@_secret_file
@click.option(
    "--overlap-hours",
    default=24.0,
    show_default=True,
    type=click.FloatRange(0, 168),
    help="Hours for which the old secret is good beside the new one.",
)
@exits
def rotate_command(endpoint_id: str, secret_file: Path | None, overlap_hours: float) -> int | None:
    """Give an endpoint another secret."""
    return run(rotate(settings_with_logs(), endpoint_id, _content(secret_file), overlap_hours))


@hooks.command("delete")
@click.argument("endpoint_id", metavar="ID")
@exits
def delete_command(endpoint_id: str) -> int | None:
    """Delete an endpoint and its secrets. What it took stays."""
    return run(delete(settings_with_logs(), endpoint_id))


async def create(settings: Settings, provider: ProviderName, secret: str | None, description: str) -> None:
    """Create an endpoint and print its address. Raises `Invalid`, `Conflict`."""
    async with open_runtime(settings) as runtime:
        endpoint = await create_hook(runtime, current_actor(), provider, description, secret)
        _show(settings, endpoint, made=secret is None)


async def rotate(settings: Settings, endpoint_id: str, secret: str | None, overlap_hours: float) -> None:
    """Give the endpoint another secret. Raises `NotFound`, `Invalid`, `Conflict`."""
    async with open_runtime(settings) as runtime:
        overlap = round(overlap_hours * HOUR)
        endpoint = await rotate_hook_secret(runtime, current_actor(), endpoint_id, secret, overlap)
        _show(settings, endpoint, made=secret is None)


async def switch(settings: Settings, endpoint_id: str, *, enabled: bool) -> None:
    """Enable or disable the endpoint. Raises `NotFound`."""
    async with open_runtime(settings) as runtime:
        await change_hook(runtime, current_actor(), endpoint_id, description=None, enabled=enabled)
    click.echo(f"{endpoint_id} is {'enabled' if enabled else 'disabled'}.", err=True)


async def delete(settings: Settings, endpoint_id: str) -> None:
    """Delete the endpoint. Raises `NotFound`."""
    async with open_runtime(settings) as runtime:
        await delete_hook(runtime, current_actor(), endpoint_id)
    click.echo(f"{endpoint_id} is deleted.", err=True)


async def list_all(settings: Settings) -> None:
    """Print a table of all endpoints."""
    async with open_runtime(settings) as runtime:
        found = await runtime.hooks.endpoints.all()
    table = Table("id", "provider", "created", "state", "refused", "last problem", "description")
    for one in found:
        table.add_row(
            one.endpoint_id,
            one.provider,
            f"{to_datetime(one.created_at):%Y-%m-%d %H:%M}",
            "enabled" if one.enabled else "disabled",
            str(one.refused),
            one.problems[0].reason if one.problems else "",
            printable(one.description),
        )
    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    console.print(table)


def _content(secret_file: Path | None) -> str | None:
    if secret_file is None:
        return None
    text = sys.stdin.read() if str(secret_file) == "-" else secret_file.read_text(encoding="utf-8")
    return text.strip()


def _show(settings: Settings, endpoint: HookEndpoint, *, made: bool) -> None:
    base = settings.public_base_url or settings.console_url
    address = f"{base}/v1/hooks/{endpoint.provider}/{endpoint.endpoint_id}"
    if made and PROVIDERS[endpoint.provider].is_shared:
        click.echo("The secret is in the address, which is shown this once.", err=True)
        address += f"?key={endpoint.secrets[0].value}"
    if endpoint.provider == "meta":
        click.echo(f"Verify token: {endpoint.verify_token}", err=True)
    click.echo(address)
