"""What may be told of an attempt that failed: never what the receiver sent, for nobody knows what that quotes."""

from __future__ import annotations

import httpcore

from engine.webhooks.egress_policy import Refused

__all__ = ["failure_reason"]

_MAX_CHARACTERS = 500
_BEFORE_ANYTHING_WAS_SENT = (Refused, httpcore.ConnectError)
"""Their own words cannot be an answer to the message: they speak of our rules, the name, the address or TLS."""


def failure_reason(error: Exception, seconds: float) -> str:
    """A sentence for operators. `seconds` is how long an attempt may take."""
    if isinstance(error, TimeoutError):
        return f"no answer within {seconds:g} seconds"
    kind = type(error).__name__
    if isinstance(error, _BEFORE_ANYTHING_WAS_SENT):
        return f"{kind}: {error}"[:_MAX_CHARACTERS]
    if isinstance(error, httpcore.RemoteProtocolError):
        return f"{kind}: the endpoint closed the connection or sent what is no HTTP"
    return kind
