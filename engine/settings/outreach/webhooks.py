"""Settings of webhook deliveries."""

from __future__ import annotations

from pydantic import Field

from engine.settings.section import Section

__all__ = ["WebhookSettings"]


class WebhookSettings(Section):
    """Webhooks: time-out and egress policy."""

    webhook_timeout_seconds: float = Field(
        15.0, ge=0.1, le=30, description="Time within which a webhook endpoint must answer."
    )
    webhook_allow_http: bool = Field(
        False,
        description="Allow unencrypted http:// webhook URLs too. The rule that only public addresses are reached stays.",
    )
    webhook_allowed_hosts: str = Field(
        "",
        description="Hosts exempt from the egress policy, over http too, even on private addresses: host or host:port, separated by commas.",
    )
