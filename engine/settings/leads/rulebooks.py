"""Settings of the rulebook."""

from __future__ import annotations

from pydantic import Field

from engine.settings.section import Section

__all__ = ["RulebookSettings"]


class RulebookSettings(Section):
    """Rulebook."""

    rulebook: str = Field(
        "standard",
        description="Rulebook that scores leads: the name of a built-in one (`standard`, or `standard@1` for an earlier version) or the path of a YAML file.",
    )
