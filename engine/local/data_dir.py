"""The lock on the data folder of the embedded services: one engine at a time, and a clear error for the next."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from domain.errors import Invalid, Unavailable
from engine.local.disk_space import low_disk_space

__all__ = ["hold_data_dir"]


@contextmanager
def hold_data_dir(folder: Path, *, address: str) -> Iterator[Path]:
    """Create `folder` and lock it while the context is open; `address` is what the error of another engine names.

    Yields the absolute folder. Raises `Invalid` if nothing can be written there, `Unavailable` if an engine
    already runs on it or its disk is full. The kernel releases the lock when this process ends, however it ends.
    """
    folder = folder.expanduser().absolute()
    with _lock(folder) as content:
        _check_free_space(folder)
        content.truncate()
        content.write(f"pid {os.getpid()}, API {address}\n")
        content.flush()
        try:
            yield folder
        finally:
            content.seek(0)
            content.truncate()


def _lock(folder: Path) -> TextIO:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass  # the folder is writable
        content = os.fdopen(os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600), "r+")
        try:
            fcntl.flock(content, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            with content:
                holder = content.read().strip() or "just starting"
            raise Unavailable(
                f"Another lead engine ({holder}) uses the data folder {folder}: "
                "stop it, or choose another folder and port with DATA_DIR=... PORT=..."
            ) from error
    except OSError as error:
        raise Invalid(
            f"The data folder {folder} cannot be used ({error.strerror}): choose another with DATA_DIR=..."
        ) from error
    return content


def _check_free_space(folder: Path) -> None:
    if problem := low_disk_space(folder):
        raise Unavailable(f"{problem}. Make room, or choose another data folder with DATA_DIR=...")
