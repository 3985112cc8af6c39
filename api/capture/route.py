"""An ingest route: stores the events of a request's body, by whichever way the request comes in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import NamedTuple

from engine.runtime import Runtime

__all__ = ["IngestResponse", "IngestRoute"]


class IngestResponse(NamedTuple):
    """The response once every event is durable; `body` is JSON."""

    status: HTTPStatus
    body: bytes


IngestRoute = Callable[[Runtime, bytes | bytearray], Awaitable[IngestResponse]]
"""Takes the whole body, of a sender that is no web page. Raises `LeadEngineError` with nothing stored; `Unavailable` is safe to repeat."""
