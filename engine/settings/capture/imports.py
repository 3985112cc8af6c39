"""Settings of imports over HTTP."""

from __future__ import annotations

from pydantic import Field

from engine.settings.section import Section

__all__ = ["ImportSettings"]


class ImportSettings(Section):
    """Imports over HTTP."""

    import_max_mb: int = Field(
        200,
        ge=1,
        le=4096,
        description="Size of a file that is imported over HTTP, in MB; while it is worked on, API and workers have it in their folder for temporary files (TMPDIR).",
    )
