"""An endpoint for webhooks of one provider: the secrets that its requests are checked with, and what it could not take."""

from __future__ import annotations

from msgspec import Struct

from domain.hooks.providers import ProviderName
from domain.instant import Millis
from engine.access.rotating_secret import RotatingSecret

__all__ = ["HookEndpoint", "HookProblem", "HookSecret"]


class HookSecret(RotatingSecret, frozen=True):
    """A secret that the provider signs with, or sends."""

    value: str

    def __repr__(self) -> str:
        return f"HookSecret(***, expires_at={self.expires_at})"


class HookProblem(Struct, frozen=True, kw_only=True):
    """Something that was not taken, by the id of the event that it would have been, and why. Quotes nothing of it."""

    at: Millis
    event_id: str
    type: str
    reason: str


class HookEndpoint(Struct, frozen=True, kw_only=True):
    """An endpoint. `verify_token` is what Meta sends when it verifies the address."""

    endpoint_id: str
    provider: ProviderName
    description: str
    secrets: tuple[HookSecret, ...]
    verify_token: str
    enabled: bool
    created_at: Millis
    refused: int = 0
    problems: tuple[HookProblem, ...] = ()

    def __repr__(self) -> str:
        return f"HookEndpoint({self.endpoint_id!r}, {self.provider!r})"
