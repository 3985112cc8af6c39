"""Settings of the HTTP server."""

from __future__ import annotations

from pydantic import Field

from engine.settings.section import Section

__all__ = ["ApiSettings"]


class ApiSettings(Section):
    """HTTP API."""

    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the API listens on.")
    request_seconds: float = Field(
        30.0,
        ge=0.1,
        le=600,
        description="Deadline for receiving a request, head and body; a slower one gets 408.",
    )
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses or networks of reverse proxies whose X-Forwarded-For is trusted, separated by commas.",
    )
