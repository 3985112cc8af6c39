"""The signing secrets of an endpoint. Their text form never contains the secret."""

from __future__ import annotations

import base64
import secrets

from engine.access.rotating_secret import RotatingSecret

__all__ = ["Secret", "new_secret"]

_BYTES = 32


class Secret(RotatingSecret, frozen=True):
    """A signing key as receivers hold it: `whsec_` and base64. Each valid one is a signature in every message."""

    value: str

    def __repr__(self) -> str:
        return f"Secret(whsec_***, expires_at={self.expires_at})"


def new_secret() -> Secret:
    """A secret of 256 random bits."""
    return Secret("whsec_" + base64.b64encode(secrets.token_bytes(_BYTES)).decode())
