"""Settings of automation executions."""

from __future__ import annotations

from pydantic import Field

from engine.settings.section import Section

__all__ = ["AutomationSettings"]


class AutomationSettings(Section):
    """Automations: attempts and back-off."""

    execution_attempts: int = Field(
        8, ge=1, le=100, description="Attempts after which an automation execution is dead."
    )
    execution_backoff_seconds: float = Field(
        2.0,
        gt=0,
        le=3600,
        description="Back-off before the second attempt, in seconds; doubled per further attempt, with jitter.",
    )
    execution_lease_seconds: float = Field(
        60.0,
        ge=1,
        le=3600,
        description="Lease of an attempt: after this long without an outcome another worker may claim the execution.",
    )
