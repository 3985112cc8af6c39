"""Settings of an engine that `lead-engine up` runs on embedded services."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from engine.settings.section import Section

__all__ = ["LocalSettings"]


class LocalSettings(Section):
    """Embedded services."""

    data_dir: Path = Field(
        Path(".data"),
        description="Folder with the data of the embedded MongoDB and Valkey; kept between runs.",
    )
