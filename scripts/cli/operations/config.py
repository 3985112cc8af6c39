"""`lead-engine config`: the settings of this process by section, without their secrets."""

from __future__ import annotations

import click
from rich.console import Console
from rich.text import Text

from engine.process.redaction import HIDDEN, without_secrets
from engine.settings import SECTIONS, Section, Settings, load_settings, retired_warnings
from scripts.cli.command import exits
from scripts.terminal.privacy_warning import privacy_warning

__all__ = ["config", "show_config"]


@click.command()
@exits
def config() -> None:
    """List every setting: its value, its default and its purpose."""
    show_config(load_settings(), retired_warnings())


def show_config(settings: Settings, warnings: list[str]) -> None:
    """Print every section with its settings: value, default and purpose. Secrets are masked."""
    console = Console(soft_wrap=True, highlight=False)
    for section in SECTIONS:
        _show_section(console, section, settings)
    if warning := privacy_warning(settings):
        console.print(f"\n{warning}", style="bold")
    for retired in warnings:
        console.print(f"\nWARNING: {retired}", style="bold")
    console.print("\nSet them in the environment or in a file .env.")


def _show_section(console: Console, section: type[Section], settings: Settings) -> None:
    console.print(Text(f"\n{section.title()}", style="underline"))
    for name, field in section.model_fields.items():
        value, default = _shown(name, getattr(settings, name)), _shown(name, field.default)
        changed = value != default
        line = Text(f"  {name.upper()}={value}", style="bold" if changed else "")
        if changed:
            line.append(f"  (default: {default or 'empty'})", style="dim")
        console.print(line)
        console.print(Text(f"      {field.description}", style="dim"))


def _shown(name: str, value: object) -> str:
    """The value without secrets: an address without its password, a key not at all."""
    return HIDDEN if value and name == "api_key" else without_secrets(str(value))
