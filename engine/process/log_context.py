"""What a line of the log is about: the request that it belongs to, and the lead, event or execution where known."""

from __future__ import annotations

import logging
from contextvars import ContextVar

__all__ = ["about", "context_of", "request_id"]

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the HTTP request that is being answered; empty outside of one."""

_NAMES = {
    "lead_id": "leadId",
    "event_id": "eventId",
    "execution_id": "executionId",
    "delivery_id": "deliveryId",
    "endpoint_id": "endpointId",
}


def about(**ids: str) -> dict[str, dict[str, str]]:
    """For the `extra` of a log call: `_log.error("...", extra=about(lead_id="ada"))`. Raises KeyError for other names."""
    return {"about": {_NAMES[name]: value for name, value in ids.items() if value}}


def context_of(record: logging.LogRecord) -> dict[str, str]:
    """All ids that are known for a line."""
    known = {"requestId": current} if (current := request_id.get()) else {}
    return {**known, **getattr(record, "about", {})}
