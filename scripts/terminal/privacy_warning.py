"""The warning for settings under which no personal field is encrypted."""

from __future__ import annotations

from engine.settings import Settings

__all__ = ["privacy_warning"]

_WARNING = (
    "WARNING: PERSONAL_FIELDS is empty. No personal data is encrypted, and no erasure can reach it. "
    "Leave the setting out to have its default; docs/privacy.md says more."
)


def privacy_warning(settings: Settings) -> str:
    """The warning, empty when there are personal fields."""
    return "" if settings.personal else _WARNING
