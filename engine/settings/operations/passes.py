"""Settings of long passes over all leads."""

from __future__ import annotations

from pydantic import Field

from engine.settings.section import Section

__all__ = ["PassSettings"]


class PassSettings(Section):
    """Long passes over all leads, by workers."""

    pass_shares: int = Field(
        2,
        ge=1,
        le=64,
        description="Shares into which a pass over all leads is divided: as many workers work on it at a time.",
    )
    pass_busy_percent: int = Field(
        5,
        ge=1,
        le=100,
        description="Part of its time, in percent, that a share of a pass works while leads with new events wait for workers; while none wait it does not rest.",
    )
