"""The API key: its scopes, the origins it is limited to, and the hashes of its secrets."""

from __future__ import annotations

from msgspec import Struct

from domain.instant import Millis
from domain.teams.roles import SCOPES, Scope
from engine.access.principal import Principal
from engine.access.rotating_secret import RotatingSecret

__all__ = ["MAX_NAME", "NAME_PATTERN", "SCOPES", "ApiKey", "KeySecret", "Scope"]

MAX_NAME = 100
NAME_PATTERN = r"^(?=.*\S)[^\x00-\x1f\x7f-\x9f]+\Z"
"""Names without control characters, which are safe to print on a terminal."""


class KeySecret(RotatingSecret, frozen=True):
    """One secret of a key, as its hash."""

    hash: str


class ApiKey(Struct, frozen=True, kw_only=True):
    """A key. One with origins can be used by web pages of these origins only, one with a source is its write key.

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
    source_id: str = ""

    @property
    def principal(self) -> Principal:
        """The key as the authenticated caller of a request."""
        return Principal(
            kind="key",
            id=self.key_id,
            name=self.name,
            scopes=frozenset(self.scopes),
            origins=self.origins,
            source_id=self.source_id,
        )
