"""`lead-engine config`."""

from __future__ import annotations

import re

from rich.console import Console
from rich.table import Table

from engine.settings import Settings

__all__ = ["show_config"]


def show_config(settings: Settings) -> None:
    """Print every setting; passwords in URLs are not shown."""
    table = Table("Setting", "Value", "Default", "What it is for", show_lines=False, header_style="bold")
    for name, field in Settings.model_fields.items():
        value, default = _shown(getattr(settings, name)), _shown(field.default)
        table.add_row(
            name.upper(), f"[bold]{value}[/]" if value != default else value, default, field.description
        )
    console = Console()
    console.print(table)
    console.print("Set them in the environment or in a file .env; what differs from its default is bold.")


def _shown(value: object) -> str:
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", str(value)) or "-"
