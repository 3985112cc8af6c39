"""Settings of the way from a stored event to a score: dispatch, fold, reconciliation, decay."""

from __future__ import annotations

from pydantic import Field

from engine.settings.section import Section

__all__ = ["LeadSettings"]


class LeadSettings(Section):
    """Leads: dispatch, fold, reconciliation, decay."""

    dispatch_batch_events: int = Field(
        5000, ge=1, le=100_000, description="Maximum number of events that the dispatcher reads at a time."
    )
    dispatch_max_queued_messages: int = Field(
        2,
        ge=1,
        le=100_000,
        description="Back-pressure: with this many messages queued, the dispatcher delays the next batch. About two per worker process.",
    )
    dispatch_min_interval_ms: float = Field(
        25.0,
        ge=0,
        le=1000,
        description="Debounce: minimum interval between two dispatches, in milliseconds; the first event after a pause is dispatched at once.",
    )
    dispatch_poll_seconds: float = Field(
        1.0, gt=0, le=60, description="Fallback polling interval of the dispatcher, in seconds."
    )
    fold_batch_leads: int = Field(
        80, ge=1, le=1000, description="Maximum number of leads that one transaction folds."
    )
    fold_batch_events: int = Field(
        2000, ge=1, le=20_000, description="Maximum number of events that one transaction folds."
    )
    refold_events_per_second: int = Field(
        5000,
        ge=1,
        le=1_000_000,
        description="Budget per sender whose key is public, and worker process: events that its late events may cause to be folded again per second.",
    )
    fold_attempts: int = Field(
        3, ge=1, le=100, description="Failed folds after which a lead is quarantined with a dead letter."
    )
    reconcile_seconds: float = Field(
        10.0,
        ge=0.5,
        le=3600,
        description="Interval of the reconciler, which enqueues leads with unapplied events, in seconds.",
    )
    decay_at: str = Field(
        "02:15",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="Time of day, UTC, at which the scheduler runs the decay job.",
    )
