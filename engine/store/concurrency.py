"""Optimistic concurrency: the conflict of a writer that another one was faster than."""

from __future__ import annotations

from domain.errors import LeadEngineError

__all__ = ["ConcurrencyConflict"]


class ConcurrencyConflict(LeadEngineError):
    """What was to be written rests on a state that is no longer the stored one: read again and retry.

    Raised by stores and handled by their callers within the engine; no request ever sees one.
    """

    code = "concurrency-conflict"
