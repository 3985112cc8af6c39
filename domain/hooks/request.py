"""A webhook request of a provider as it came in, and the events that are read from it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from msgspec import Struct

from domain.errors import Invalid, LeadEngineError
from domain.events.event import Json
from domain.instant import Millis

__all__ = ["HookEvent", "HookRequest", "NotForUs", "Secrets", "WrongSignature"]


class WrongSignature(LeadEngineError):
    """The request is not signed with the secret of its endpoint, or was signed too long ago."""


class NotForUs(Invalid):
    """The body is not what this provider sends."""


class HookRequest(Struct, frozen=True, kw_only=True):
    """One request: names of headers in lower case, the body byte for byte.

    `urls` are the addresses that the provider may have signed, the public one first.
    """

    method: str = "POST"
    urls: tuple[str, ...] = ()
    query: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""
    received_at: Millis = 0

    def header(self, name: str) -> str:
        """The header, empty if there is none."""
        return self.headers.get(name, "")

    def parameter(self, name: str) -> str:
        """The first parameter of the query with this name, empty if there is none."""
        return next((value for key, value in parse_qsl(self.query) if key == name), "")


class Secrets(Struct, frozen=True, kw_only=True):
    """What an endpoint checks signatures with: its valid secrets, and how old a signature may be, in milliseconds."""

    values: tuple[str, ...]
    tolerance: Millis

    def __repr__(self) -> str:
        return f"Secrets({len(self.values)})"


class HookEvent(Struct, frozen=True, kw_only=True):
    """One thing that a provider reports. Its `key` is the same whenever it reports the same thing.

    `identifiers` say about whom, by kind; `lead_id` is set if we gave the provider our id of the lead. With `known_only` nobody
    becomes a lead by it.
    """

    key: str
    type: str
    identifiers: Mapping[str, str] = {}
    lead_id: str | None = None
    known_only: bool = False
    occurred_at: Millis | None = None
    properties: dict[str, Json] = {}
