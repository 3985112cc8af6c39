"""The loader of settings, which turns faults into one readable error."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from domain.errors import Fault, Invalid
from engine.settings.retired import renamed_values
from engine.settings.settings import SECRETS, Settings

__all__ = ["load_settings"]


def load_settings() -> Settings:
    """Read the settings. Raises `Invalid` with one fault per wrong setting, which never contains a secret."""
    by_old_names: dict[str, Any] = renamed_values()
    try:
        return Settings(**by_old_names)
    except ValidationError as error:
        # Not `from error`: what it holds would show every setting in a traceback.
        raise Invalid(
            "These settings are wrong:", tuple(map(_fault, error.errors(include_url=False)))
        ) from None


def _fault(fault: ErrorDetails) -> Fault:
    name = str(fault["loc"][0]) if fault["loc"] else ""
    got = f" (got {fault['input']!r})" if name and name not in SECRETS else ""
    return Fault(name.upper(), fault["msg"] + got)
