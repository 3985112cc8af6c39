"""Rotating secrets: a new one is added before the old ones expire, so that both sides can change over in between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import Conflict
from domain.events.event import Json
from domain.instant import Millis, to_datetime

__all__ = ["MAX_SECRETS", "RotatingSecret", "expiries", "last_expiry", "rotated"]

MAX_SECRETS = 5
"""Secrets of one holder that may be valid at a time."""


class RotatingSecret(Struct, frozen=True, kw_only=True):
    """When a secret expires; subclasses add what it is. The newest secret of a holder does not expire."""

    expires_at: Millis | None = None

    def is_valid(self, at: Millis) -> bool:
        return self.expires_at is None or at < self.expires_at


S = TypeVar("S", bound=RotatingSecret)


def rotated(old: Sequence[S], new: S, at: Millis, overlap: Millis, *, of: str) -> tuple[S, ...]:
    """The new secret before those old ones that are still valid, which expire `overlap` milliseconds after `at` at the latest.

    Without an overlap they expire now. Raises `Conflict` when too many are still valid; `of` says there whose they are.
    """
    end = at + overlap
    expiring = [
        replace(one, expires_at=end if one.expires_at is None else min(one.expires_at, end)) for one in old
    ]
    valid = [one for one in expiring if one.is_valid(at)]
    if len(valid) >= MAX_SECRETS:
        raise Conflict(
            f"{len(valid)} secrets of this {of} are still valid; wait until one expires, "
            "or rotate with an overlap of 0 hours (overlapHours 0) to end them all."
        )
    return (new, *valid)


def last_expiry(secrets: Iterable[RotatingSecret], at: Millis) -> Millis | None:
    """When the last of the old secrets that are still valid expires; None if only the newest one is."""
    return max(
        (one.expires_at for one in secrets if one.expires_at is not None and one.is_valid(at)), default=None
    )


def expiries(secrets: Iterable[RotatingSecret]) -> list[Json]:
    """What the audit log shows of secrets: when each expires, as RFC 3339, and nothing of what it is."""
    return [None if one.expires_at is None else to_datetime(one.expires_at).isoformat() for one in secrets]
