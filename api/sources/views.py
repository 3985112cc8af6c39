"""Response bodies of sources and rejected items. Only one of them contains the write key."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import structs

from api.http.pages import Page, component
from api.http.problems import PointedFault
from api.http.view import View
from domain.events.event import Json
from domain.instant import to_datetime
from engine.sources.rejected_store import KEPT, RejectedItem
from engine.sources.source import Source
from workflows.sources.configure import NewSource

__all__ = [
    "RejectedItemView",
    "RejectedPage",
    "ReplayView",
    "SourceDetailView",
    "SourceView",
    "SourceWithKeyView",
    "SourcesPage",
    "rejected_item_view",
    "source_detail_view",
    "source_view",
    "source_with_key_view",
]


class SourceView(View, frozen=True):
    """A source; `keyId` names its write key among the API keys, where it can be rotated and revoked."""

    id: str
    name: str
    key_id: str
    origins: list[str]
    events: dict[str, str]
    properties: dict[str, str]
    identifiers: dict[str, str]
    created_at: datetime
    updated_at: datetime


class SourceWithKeyView(SourceView, frozen=True):
    """A source with its write key, which is shown only this once."""

    write_key: str


class SourceDetailView(SourceView, frozen=True):
    """A source, with the number of rejected items that are kept of it."""

    rejected: int


SourcesPage = Annotated[Page[SourceView], component("SourcesPage")]


class RejectedItemView(View, frozen=True):
    """An item that could not be taken, and why. `content` is null if it was too large to be kept."""

    id: str
    format: str
    rejected_at: datetime
    expires_at: datetime
    errors: list[PointedFault]
    content: Any


RejectedPage = Annotated[Page[RejectedItemView], component("RejectedPage")]


class ReplayView(View, frozen=True):
    """What became of the items; `nextCursor` is where to go on, null at the end of the list."""

    accepted: int
    duplicates: int
    blocked: int
    still_rejected: int
    next_cursor: str | None


def source_view(source: Source) -> SourceView:
    return SourceView(
        id=source.source_id,
        name=source.name,
        key_id=source.key_id,
        origins=list(source.origins),
        events=source.mapping.events,
        properties=source.mapping.properties,
        identifiers=source.mapping.identifiers,
        created_at=to_datetime(source.created_at),
        updated_at=to_datetime(source.updated_at),
    )


def source_detail_view(source: Source, rejected: int) -> SourceDetailView:
    return SourceDetailView(**structs.asdict(source_view(source)), rejected=rejected)


def source_with_key_view(new: NewSource) -> SourceWithKeyView:
    return SourceWithKeyView(**structs.asdict(source_view(new.source)), write_key=new.issued.token.text)


def rejected_item_view(item: RejectedItem, content: Json) -> RejectedItemView:
    return RejectedItemView(
        id=item.item_id,
        format=item.format,
        rejected_at=to_datetime(item.rejected_at),
        expires_at=to_datetime(item.rejected_at + KEPT),
        errors=[PointedFault(fault.pointer, fault.detail) for fault in item.faults],
        content=content,
    )
