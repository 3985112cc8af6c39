"""The check for enough free disk space to start a server."""

from __future__ import annotations

import shutil
from pathlib import Path

__all__ = ["MIN_FREE_MB", "low_disk_space"]

MIN_FREE_MB = 300
"""Space that MongoDB allocates for its journal before it stores anything; with less it crashes later."""


def low_disk_space(folder: Path) -> str:
    """An error message if the disk of an existing folder is full, else an empty string."""
    free = shutil.disk_usage(folder).free // 1024**2
    if free >= MIN_FREE_MB:
        return ""
    return f"The disk of {folder} is full: {free} MB are left of the {MIN_FREE_MB} MB that it takes to start"
