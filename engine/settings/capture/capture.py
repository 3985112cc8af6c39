"""Settings of the appender, which stores events by group commit."""

from __future__ import annotations

from pydantic import Field

from engine.settings.section import Section

__all__ = ["CaptureSettings"]


class CaptureSettings(Section):
    """Capture: how events are stored."""

    append_batch_events: int = Field(
        800, ge=1, le=10_000, description="Maximum batch size of a group commit, in events."
    )
    append_linger_ms: float = Field(
        0.0,
        ge=0,
        le=1000,
        description="Milliseconds an idle appender waits for more events before it commits; a busy one batches anyway.",
    )
    append_queue_events: int = Field(
        4_000,
        ge=1000,
        description="Capacity of the append queue, in events; when it is full, requests get 503.",
    )
