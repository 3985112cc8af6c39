"""`lead-engine config`."""

from __future__ import annotations

import re

from rich.console import Console
from rich.text import Text

from engine.settings import Settings

__all__ = ["show_config"]


def show_config(settings: Settings) -> None:
    """Print every setting with its value, its default and what it is for; passwords in URLs are not shown."""
    console = Console(soft_wrap=True, highlight=False)
    for name, field in Settings.model_fields.items():
        value, default = _shown(getattr(settings, name)), _shown(field.default)
        changed = value != default
        line = Text(f"{name.upper()}={value}", style="bold" if changed else "")
        if changed:
            line.append(f"  (default: {default or 'empty'})", style="dim")
        console.print(line)
        console.print(Text(f"    {field.description}", style="dim"))
    console.print("\nSet them in the environment or in a file .env.")


def _shown(value: object) -> str:
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", str(value))
