"""`lead-engine forms`: plain HTML forms that send to the engine. The address of a new one alone goes to standard output."""

from __future__ import annotations

import sys

import click
import msgspec
from rich.console import Console
from rich.table import Table

from api.forms.forms import CreateForm
from domain.forms.form import Form
from domain.instant import to_datetime
from engine.process.printable import printable
from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from workflows.forms.configure import change_form, create_form, delete_form

__all__ = ["create", "delete", "forms", "list_all", "switch"]

_WIDE = 200
"""Width in characters where the output is not a terminal."""


@click.group()
def forms() -> None:
    """Create, list, switch and delete forms."""


@forms.command("create")
@click.argument("name")
@click.option(
    "--origin", "origins", multiple=True, help="Pages of this origin have the form. May be repeated."
)
@click.option("--thank-you-url", default="", help="Where people are led after it, on one of the origins.")
@click.option("--event-type", default="form.submitted", show_default=True, help="Type of its event.")
@exits
def create_command(name: str, origins: tuple[str, ...], thank_you_url: str, event_type: str) -> int | None:
    """Create a form and print its address: where it is sent, and in a browser the page with the snippet."""
    fields = {"name": name, "origins": origins, "thankYouUrl": thank_you_url, "eventType": event_type}
    return run(create(settings_with_logs(), CreateForm.decode(msgspec.json.encode(fields))))


@forms.command("list")
@exits
def list_command() -> int | None:
    """List all forms, with how many submissions were taken for machines or refused."""
    return run(list_all(settings_with_logs()))


@forms.command("enable")
@click.argument("form_key", metavar="KEY")
@exits
def enable_command(form_key: str) -> int | None:
    """Take submissions again."""
    return run(switch(settings_with_logs(), form_key, enabled=True))


@forms.command("disable")
@click.argument("form_key", metavar="KEY")
@exits
def disable_command(form_key: str) -> int | None:
    """Answer submissions with 404."""
    return run(switch(settings_with_logs(), form_key, enabled=False))


@forms.command("delete")
@click.argument("form_key", metavar="KEY")
@exits
def delete_command(form_key: str) -> int | None:
    """Delete a form. What it took stays."""
    return run(delete(settings_with_logs(), form_key))


async def create(settings: Settings, form: CreateForm) -> None:
    """Create a form and print its address. Raises `Invalid`, `Conflict`."""
    async with open_runtime(settings) as runtime:
        made = await create_form(runtime, current_actor(), form.model_dump())
    click.echo(f"Form {made.form_key} ({printable(made.name)}).", err=True)
    click.echo(_address(settings, made))


async def switch(settings: Settings, form_key: str, *, enabled: bool) -> None:
    """Enable or disable the form. Raises `NotFound`."""
    async with open_runtime(settings) as runtime:
        await change_form(runtime, current_actor(), form_key, {"enabled": enabled})
    click.echo(f"{form_key} is {'enabled' if enabled else 'disabled'}.", err=True)


async def delete(settings: Settings, form_key: str) -> None:
    """Delete the form. Raises `NotFound`."""
    async with open_runtime(settings) as runtime:
        await delete_form(runtime, current_actor(), form_key)
    click.echo(f"{form_key} is deleted.", err=True)


async def list_all(settings: Settings) -> None:
    """Print a table of all forms."""
    async with open_runtime(settings) as runtime:
        found = await runtime.forms.store.all()
    table = Table("key", "name", "created", "state", "machines", "refused", "origins", "address")
    for one in found:
        table.add_row(
            one.form_key,
            printable(one.name),
            f"{to_datetime(one.created_at):%Y-%m-%d %H:%M}",
            "enabled" if one.enabled else "disabled",
            str(one.trapped),
            str(one.refused),
            ", ".join(one.origins),
            _address(settings, one),
        )
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)


def _address(settings: Settings, form: Form) -> str:
    return f"{settings.public_base_url or settings.console_url}/f/{form.form_key}"
