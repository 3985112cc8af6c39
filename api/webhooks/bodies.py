"""Request bodies of the webhook endpoint routes."""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import MISSING, AfterValidator, Field, ValidationInfo

from api.http.json_body import JsonBody, checked_by
from engine.webhooks.egress_policy import EgressPolicy

__all__ = ["ChangeEndpoint", "CreateEndpoint", "RotateSecret"]


def _may_be_sent_to(url: str, info: ValidationInfo) -> str:
    """Checked against the egress policy, the context of the validation."""
    policy = cast("EgressPolicy", info.context)
    return checked_by(policy.check)(url)


Url = Annotated[
    str,
    Field(min_length=1, max_length=2000, description="Where messages are sent: https://..."),
    AfterValidator(_may_be_sent_to),
]
Description = Annotated[str, Field(max_length=500, description="For you.")]
EventType = Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*(\.\*)?\Z")]
EventTypes = Annotated[
    list[EventType],
    Field(
        max_length=100, description="What it listens to: `lead.qualified`, or `lead.*`. Empty: everything."
    ),
]


class CreateEndpoint(JsonBody):
    """A new endpoint."""

    url: Url
    event_types: EventTypes = Field([])
    description: Description = ""


class ChangeEndpoint(JsonBody):
    """The fields to change; those that are left out stay as they are."""

    url: Url | MISSING = MISSING
    event_types: EventTypes | MISSING = MISSING
    description: Description | MISSING = MISSING
    enabled: bool | MISSING = MISSING


class RotateSecret(JsonBody):
    """How long the old secret stays valid beside the new one."""

    overlap_hours: float = Field(
        24.0, ge=0, le=168, description="Hours for which messages carry both signatures."
    )
