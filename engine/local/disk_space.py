"""Whether a disk has room for a server to work."""

from __future__ import annotations

import shutil
from pathlib import Path

__all__ = ["MIN_FREE_MB", "low_disk_space"]

MIN_FREE_MB = 300
"""Room that MongoDB takes for its journal before it stores anything; with less it dies in the midst of its work."""


def low_disk_space(folder: Path) -> str:
    """What to say of the disk of an existing folder when it is full; nothing while it has room."""
    free = shutil.disk_usage(folder).free // 1024**2
    if free >= MIN_FREE_MB:
        return ""
    return f"The disk of {folder} is full: {free} MB are left of the {MIN_FREE_MB} MB that it takes to start"
