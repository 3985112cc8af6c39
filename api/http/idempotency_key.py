"""The request header `Idempotency-Key`: a call that is repeated under one key takes effect once."""

from __future__ import annotations

from api.http.parameters import HttpRequest
from domain.errors import Fault, Invalid

__all__ = ["idempotency_key"]

_HEADER = "idempotency-key"
_MAX_LENGTH = 200


def idempotency_key(request: HttpRequest) -> str | None:
    """The key that the request sends, if it does. Raises `Invalid` for one without characters, or with too many."""
    key = request.headers.get(_HEADER)
    if key is not None and not 0 < len(key) <= _MAX_LENGTH:
        detail = f"the header Idempotency-Key should have 1 to {_MAX_LENGTH} characters"
        raise Invalid("Nothing was recorded.", (Fault("", detail),))
    return key
