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
    response_seconds: float = Field(
        30.0,
        ge=0.1,
        le=600,
        description="Time for a client to take what was written to it; the connection of a slower one is aborted.",
    )
    connections_per_address: int = Field(
        1000,
        ge=1,
        le=1_000_000,
        description="Open connections per client address and API process; one more gets 429. Trusted proxies are exempt.",
    )
    logged_refusals_per_minute: int = Field(
        60,
        ge=0,
        le=1_000_000,
        description="Malformed, slow or excessive requests per minute and client address that get a line in the log; the rest is counted.",
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks of reverse proxies whose X-Forwarded-For is trusted, separated by commas. Empty: nobody.",
    )
    streams_per_caller: int = Field(
        10, ge=1, le=10_000, description="Open streams (GET /api/stream) per API key and process."
    )
    streams_per_process: int = Field(
        1000, ge=1, le=100_000, description="Open streams (GET /api/stream) of all callers, per process."
    )
    exports_per_caller: int = Field(
        2, ge=1, le=10_000, description="Exports of leads at a time per API key or person, and per process."
    )
    exports_per_process: int = Field(
        10, ge=1, le=10_000, description="Exports of leads at a time of all callers, per process."
    )
