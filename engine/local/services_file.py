"""The file with the addresses of a running engine's embedded services, for other commands on this machine."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from engine.local.private_file import write_private
from engine.settings import Settings

__all__ = ["Services", "publish_services", "with_running_services"]

_NAME = "services.json"


class Services(msgspec.Struct, frozen=True):
    """The addresses of the embedded services, with their passwords."""

    mongodb_uri: str
    redis_url: str


@contextmanager
def publish_services(folder: Path, services: Services) -> Iterator[None]:
    """Publish the addresses in `folder` while the context is open."""
    file = folder / _NAME
    write_private(file, msgspec.json.encode(services))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def with_running_services(settings: Settings) -> Settings:
    """The settings with missing addresses filled in from the engine that runs on their data folder, if one does."""
    if settings.mongodb_uri and settings.redis_url:
        return settings
    services = _running(settings.data_dir.expanduser())
    if services is None:
        return settings
    return settings.model_copy(
        update={
            "mongodb_uri": settings.mongodb_uri or services.mongodb_uri,
            "redis_url": settings.redis_url or services.redis_url,
        }
    )


def _running(folder: Path) -> Services | None:
    try:
        if _is_held(folder / "lock"):
            return msgspec.json.decode((folder / _NAME).read_bytes(), type=Services)
    except (OSError, msgspec.MsgspecError):
        return None
    return None


def _is_held(lock: Path) -> bool:
    """Whether a running engine holds the lock. A file that a killed one left behind is not locked."""
    descriptor = os.open(lock, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
