"""The API key: its scopes, the origins it is limited to, and the hashes of its secrets."""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

from domain.instant import Millis
from engine.access.rotating_secret import RotatingSecret

__all__ = ["MAX_NAME", "NAME_PATTERN", "SCOPES", "ApiKey", "KeySecret", "Scope"]

Scope = Literal["ingest", "read", "manage"]
"""`ingest` sends events, `read` reads everything about leads, `manage` changes how the engine works."""
SCOPES: tuple[Scope, ...] = get_args(Scope)

MAX_NAME = 100
NAME_PATTERN = r"^(?=.*\S)[^\x00-\x1f\x7f-\x9f]+\Z"
"""Names without control characters, which are safe to print on a terminal."""


class KeySecret(RotatingSecret, frozen=True):
    """One secret of a key, as its hash."""

    hash: str


class ApiKey(Struct, frozen=True, kw_only=True):
    """A key. One with origins can be used by web pages of these origins only.

    It outlives its secrets: rotation replaces them, and the audit log goes on to refer to its id and name.
    """

    key_id: str
    name: str
    scopes: tuple[Scope, ...]
    origins: tuple[str, ...]
    secrets: tuple[KeySecret, ...]
    created_at: Millis
    last_used_at: Millis | None = None
    revoked_at: Millis | None = None

    def allows_origin(self, origin: str | None) -> bool:
        """Whether a call from a web page of this origin, or from none, may use the key."""
        return origin in self.origins if self.origins else True
