"""A file that only its owner can read, from its first byte on."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["write_private"]


def write_private(file: Path, content: bytes) -> None:
    """Write the content to the file, with mode 0600 whatever it had before."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as opened:
        os.fchmod(opened.fileno(), 0o600)
        opened.truncate()
        opened.write(content)
