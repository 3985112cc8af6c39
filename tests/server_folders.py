"""Folders for the data of servers that tests start, in memory where there is room."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["folder_in_memory"]

_MEMORY = Path("/dev/shm")
_PREFIX = "lead-engine-tests-"
_ROOM_BYTES = 6 * 2**30


@contextlib.contextmanager
def folder_in_memory() -> Iterator[Path | None]:
    """A folder in memory that is removed at the end; None where there is no room.

    A server writes and syncs there all the same, and a process that is killed loses no more than on a disk; but a busy
    disk, on which one sync takes a second, does not decide how long tests take.
    """
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _ROOM_BYTES:
        yield None
        return
    with contextlib.ExitStack() as kept:
        with _locked(_MEMORY / f"{_PREFIX}lock"):  # so that nobody removes it before it is locked
            _remove_leftovers()
            folder = Path(tempfile.mkdtemp(dir=_MEMORY, prefix=_PREFIX))
            kept.callback(shutil.rmtree, folder, ignore_errors=True)
            kept.enter_context(_locked(folder, fcntl.LOCK_NB))
        yield folder


def _remove_leftovers() -> None:
    """Remove the folders of test processes that were killed: nobody holds their locks any more."""
    for folder in _MEMORY.glob(f"{_PREFIX}*/"):
        with contextlib.suppress(BlockingIOError, FileNotFoundError), _locked(folder, fcntl.LOCK_NB):
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _locked(path: Path, how: int = 0) -> Iterator[None]:
    """Hold the lock of a file or folder. Raises `BlockingIOError` when another process holds it and `how` is `LOCK_NB`."""
    descriptor = os.open(path, os.O_RDONLY | (0 if path.is_dir() else os.O_CREAT), 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | how)
        yield
    finally:
        os.close(descriptor)
