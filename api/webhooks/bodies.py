"""What calls about webhooks take, and how the OpenAPI document describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from litestar.openapi.spec import Operation
from msgspec import UNSET, Meta, Struct, UnsetType

from api.http.bodies import described_body

__all__ = [
    "ChangeEndpoint",
    "ChangeEndpointOperation",
    "CreateEndpoint",
    "CreateEndpointOperation",
    "RotateSecret",
    "RotateSecretOperation",
]

Url = Annotated[str, Meta(min_length=1, max_length=2000, description="Where messages are sent: https://...")]
Description = Annotated[str, Meta(max_length=500, description="For you.")]
EventType = Annotated[str, Meta(max_length=100, pattern=r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*(\.\*)?\Z")]
EventTypes = Annotated[
    list[EventType],
    Meta(max_length=100, description="What it listens to: `lead.qualified`, or `lead.*`. Empty: everything."),
]


class CreateEndpoint(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A new endpoint."""

    url: Url
    event_types: EventTypes = []
    description: Description = ""


class ChangeEndpoint(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What is to be different; what is not said stays."""

    url: Url | UnsetType = UNSET
    event_types: EventTypes | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class RotateSecret(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """How long the old secret stays valid beside the new one."""

    overlap_hours: Annotated[
        float, Meta(ge=0, le=168, description="Hours for which messages carry both signatures.")
    ] = 24.0


_URL = "https://example.com/hooks"
_CREATE = described_body(CreateEndpoint, {"url": _URL, "eventTypes": ["lead.*"]})
_CHANGE = described_body(ChangeEndpoint, {"enabled": True})
_ROTATE = described_body(RotateSecret, {"overlapHours": 24}, required=False)


@dataclass
class CreateEndpointOperation(Operation):
    """The operation with its body described."""

    def __post_init__(self) -> None:
        self.request_body = _CREATE


@dataclass
class ChangeEndpointOperation(Operation):
    """The operation with its body described."""

    def __post_init__(self) -> None:
        self.request_body = _CHANGE


@dataclass
class RotateSecretOperation(Operation):
    """The operation with its body described."""

    def __post_init__(self) -> None:
        self.request_body = _ROTATE
