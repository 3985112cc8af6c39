"""Settings of every process: logs and the event-loop watchdog."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.settings.section import Section

__all__ = ["ProcessSettings"]


class ProcessSettings(Section):
    """Logs and watchdog."""

    log_level: str = Field(
        "INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="Lowest level to log: DEBUG, INFO, WARNING or ERROR.",
    )
    log_format: Literal["text", "json"] = Field(
        "text",
        description="text: lines for people. json: one object per line, with requestId and leadId where known.",
    )
    loop_stall_seconds: float = Field(
        60.0,
        ge=1,
        le=3600,
        description="Watchdog timeout: a process whose event loop is blocked for longer exits with code 1 to be restarted.",
    )
