"""The secrets that an endpoint's messages are signed with; one never shows itself in a log."""

from __future__ import annotations

import base64
import secrets

from msgspec import Struct

from domain.errors import Conflict
from domain.instant import Millis

__all__ = ["MAX_SECRETS", "Secret", "new_secret", "rotated"]

MAX_SECRETS = 5
"""Secrets that may be valid at a time: each one is a signature in the header of every message."""

_BYTES = 32


class Secret(Struct, frozen=True):
    """A signing key as receivers hold it: `whsec_` and base64. The newest of an endpoint has no end."""

    value: str
    expires_at: Millis | None = None

    def is_valid(self, at: Millis) -> bool:
        return self.expires_at is None or at < self.expires_at

    def __repr__(self) -> str:
        return f"Secret(whsec_***, expires_at={self.expires_at})"


def new_secret() -> Secret:
    """A secret that nobody can guess."""
    return Secret("whsec_" + base64.b64encode(secrets.token_bytes(_BYTES)).decode())


def rotated(old: tuple[Secret, ...], at: Millis, overlap: Millis) -> tuple[Secret, ...]:
    """A new secret before the old ones, which end after `overlap` at the latest; with none they end now.

    Raises `Conflict` when too many old ones are still valid.
    """
    end = at + overlap
    ending = [Secret(one.value, end if one.expires_at is None else min(one.expires_at, end)) for one in old]
    valid = [one for one in ending if one.is_valid(at)]
    if len(valid) >= MAX_SECRETS:
        raise Conflict(
            f"{len(valid)} secrets of this endpoint are still valid; wait until one expires, "
            "or rotate with overlapHours 0 to end them all."
        )
    return (new_secret(), *valid)
