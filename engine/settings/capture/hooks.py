"""Settings of webhooks that providers send."""

from __future__ import annotations

from pydantic import Field

from engine.settings.section import Section

__all__ = ["HookSettings"]


class HookSettings(Section):
    """Webhooks in: the public address, and how old a signature may be."""

    public_base_url: str = Field(
        "",
        pattern=r"^(https?://[A-Za-z0-9.-]+(:\d{1,5})?)?$",
        description="Address at which providers reach the API, e.g. https://leads.example.com; Twilio and HubSpot sign it. Empty: as the request says.",
    )
    hook_tolerance_seconds: int = Field(
        300,
        ge=10,
        le=86_400,
        description="Greatest age of a signature of a webhook, in seconds, for providers that sign a time.",
    )
