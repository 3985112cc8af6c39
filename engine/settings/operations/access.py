"""Settings of API keys and rate limits."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from domain.teams.visibility import Visibility
from engine.settings.section import Section

__all__ = ["AccessSettings"]


class AccessSettings(Section):
    """Access: API keys and rate limits."""

    api_key: str = Field(
        "",
        repr=False,
        description="API key that `lead-engine demo` uses. Empty: the one that `up` keeps in DATA_DIR/api-key.",
    )
    api_key_file: str = Field(
        "", description="File to read API_KEY from when that is empty, e.g. a mounted secret."
    )
    rate_limit: int = Field(
        5000,
        ge=1,
        le=1_000_000,
        description="Requests per second and API key, over all API processes; the burst is twice that.",
    )
    rate_limit_address: int = Field(
        5000,
        ge=1,
        le=1_000_000,
        description="Requests per second and client address, for calls without a key or with a web-page key; the burst is twice that.",
    )
    auth_failures_per_minute: int = Field(
        60,
        ge=1,
        le=100_000,
        description="Requests with a missing or invalid API key per minute and client address; further ones get 429.",
    )
    console_origin: str = Field(
        "",
        pattern=r"^(https?://[A-Za-z0-9.-]+(:\d{1,5})?)?$",
        description="Origin at which people open the console, e.g. https://leads.example.com; sessions and passkeys are bound to it. Only localhost may be http. Empty: http://localhost with PORT.",
    )
    lead_visibility: Visibility = Field(
        "everyone",
        description="Which leads viewers and reps see: everyone (all), team (those of their team and unassigned ones) or own (their own and unassigned ones).",
    )
    sign_ins_per_minute: int = Field(
        10,
        ge=1,
        le=10_000,
        description="Attempts to sign in per minute and account; from one client address five times as many. Further ones get 429.",
    )

    @field_validator("console_origin")
    @classmethod
    def _is_https_unless_local(cls, origin: str) -> str:
        host = urlsplit(origin).hostname or ""
        if origin.startswith("http://") and not _is_local(host):
            raise ValueError(f"must begin with https://, because browsers keep no sessions on http://{host}")
        return origin


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
