"""Every setting of the engine, in one section per capability."""

from __future__ import annotations

from engine.settings.loader import load_settings
from engine.settings.retired import retired_warnings
from engine.settings.section import Section
from engine.settings.settings import SECRETS, SECTIONS, Settings

__all__ = ["SECRETS", "SECTIONS", "Section", "Settings", "load_settings", "retired_warnings"]
