"""What calls about API keys take, and how the OpenAPI document describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from litestar.openapi.spec import Operation
from msgspec import Meta, Struct

from api.http.bodies import described_body
from engine.access.keys.key import MAX_NAME, NAME_PATTERN, Scope

__all__ = ["CreateKey", "CreateKeyOperation", "RotateKey", "RotateKeyOperation"]

Name = Annotated[
    str,
    Meta(max_length=MAX_NAME, pattern=NAME_PATTERN, description="For you: who holds it, e.g. `website`."),
]
Scopes = Annotated[
    list[Scope],
    Meta(
        min_length=1,
        max_length=3,
        description="`ingest` sends events, `read` reads leads, `manage` changes how the engine works.",
    ),
]
Origin = Annotated[str, Meta(max_length=300)]
Origins = Annotated[
    list[Origin],
    Meta(max_length=50, description="Web pages that send events with it: `https://shop.example.com`."),
]


class CreateKey(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A new key. With origins it is for web pages of these only, and may have the scope `ingest` only."""

    name: Name
    scopes: Scopes
    origins: Origins = []


class RotateKey(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """How long the old key stays valid beside the new one."""

    overlap_hours: Annotated[float, Meta(ge=0, le=720, description="Hours for which both keys work.")] = 24.0


_CREATE = described_body(CreateKey, {"name": "website", "scopes": ["ingest"]})
_ROTATE = described_body(RotateKey, {"overlapHours": 24}, required=False)


@dataclass
class CreateKeyOperation(Operation):
    """The operation with its body described."""

    def __post_init__(self) -> None:
        self.request_body = _CREATE


@dataclass
class RotateKeyOperation(Operation):
    """The operation with its body described."""

    def __post_init__(self) -> None:
        self.request_body = _ROTATE
