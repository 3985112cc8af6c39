"""Retired names of settings: renamed ones still work for one release, removed ones are reported."""

from __future__ import annotations

import os
from collections.abc import Mapping

from dotenv import dotenv_values

__all__ = ["REMOVED", "RENAMED", "renamed_values", "retired_warnings"]

RENAMED = {
    "DISPATCH_AHEAD_MESSAGES": "DISPATCH_MAX_QUEUED_MESSAGES",
    "DISPATCH_APART_MS": "DISPATCH_MIN_INTERVAL_MS",
}
"""Old and new names. To be emptied with the release after 0.2."""

REMOVED = {"DISPATCH_HOLD_SECONDS": "back-pressure delays a batch by 20 ms at most"}
"""Names without any effect now, and why."""


def renamed_values() -> dict[str, str]:
    """The values of renamed settings that are given by their old name alone, by the name of their field."""
    given = _environment()
    return {new.lower(): given[old] for old, new in RENAMED.items() if old in given and new not in given}


def retired_warnings() -> list[str]:
    """One sentence per retired name in the environment or in `.env`."""
    given = _environment()
    renamed = [
        f"{old} is called {new} now; the old name will have no effect in the next release."
        for old, new in RENAMED.items()
        if old in given and new not in given
    ]
    removed = [f"{name} has no effect any more: {why}." for name, why in REMOVED.items() if name in given]
    return renamed + removed


def _environment() -> Mapping[str, str]:
    """The environment over `.env`, names in capitals, as `Settings` reads them."""
    both = {**dotenv_values(".env"), **os.environ}
    return {name.upper(): value for name, value in both.items() if value is not None}
