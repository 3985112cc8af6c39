"""Settings of due work."""

from __future__ import annotations

from pydantic import Field

from engine.settings.section import Section

__all__ = ["WorkSettings"]


class WorkSettings(Section):
    """Due work: the polling of work loops."""

    work_poll_seconds: float = Field(
        1.0,
        ge=0.05,
        le=60,
        description="Fallback polling interval of work loops, in seconds: how late due work may be taken when its wake-up was lost.",
    )
