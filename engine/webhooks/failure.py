"""The reason of a failed attempt, for operators. Never text that the receiver sent, for it may quote personal data."""

from __future__ import annotations

import httpcore

from engine.webhooks.egress_policy import Refused

__all__ = ["failure_reason"]

_MAX_CHARACTERS = 500
_BEFORE_ANYTHING_WAS_SENT = (Refused, httpcore.ConnectError)
"""Their messages cannot contain a response: they are about our rules, the name, the address or TLS."""


def failure_reason(error: Exception, seconds: float) -> str:
    """The reason in a sentence. `seconds` is how long an attempt may take."""
    if isinstance(error, TimeoutError):
        return f"no answer within {seconds:g} seconds"
    kind = type(error).__name__
    if isinstance(error, _BEFORE_ANYTHING_WAS_SENT):
        return f"{kind}: {error}"[:_MAX_CHARACTERS]
    if isinstance(error, httpcore.RemoteProtocolError):
        return f"{kind}: the endpoint closed the connection or sent what is no HTTP"
    return kind
