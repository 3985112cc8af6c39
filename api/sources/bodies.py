"""Request bodies of the source routes."""

from __future__ import annotations

from typing import Annotated

from pydantic import MISSING, AfterValidator, Field

from api.http.json_body import JsonBody, checked_by
from domain.capture.mapping import IdentifierKind
from engine.access.keys.key import NAME_PATTERN
from engine.access.keys.origin import check_origin

__all__ = ["ChangeSource", "CreateSource", "ReplayRejected"]

Name = Annotated[
    str,
    Field(
        max_length=80, pattern=NAME_PATTERN, description="What events of it have as `source`, e.g. `website`."
    ),
]
Origin = Annotated[str, Field(max_length=300), AfterValidator(checked_by(check_origin))]
Origins = Annotated[
    list[Origin],
    Field(
        max_length=50,
        description="Web pages that send with it: `https://shop.example.com`. None: servers and apps, no web page.",
    ),
]
Label = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^(?=.*\S)[^\x00-\x1f\x7f-\x9f]+\Z")]
TypeName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^(?=.*\S)[^\x00-\x1f\x7f-\x9f]+\Z")]
Events = Annotated[
    dict[Label, TypeName],
    Field(
        max_length=1000,
        description="Event types by the name that the sender uses: `Demo Requested` -> `demo.requested`. "
        "`page` and `screen` stand for these calls. Other names stay as they are.",
    ),
]
Properties = Annotated[
    dict[Label, Label],
    Field(
        max_length=1000,
        description="Property names by the name that the sender uses, which is renamed, or by a path into the "
        "message, such as `context.page.title`, which is copied.",
    ),
]
Identifiers = Annotated[
    dict[IdentifierKind, Label],
    Field(
        description="Paths to identifiers that messages do not have in the usual place: `email` -> `properties.contact`."
    ),
]


class CreateSource(JsonBody):
    """A new source."""

    name: Name
    origins: Origins = Field([])
    events: Events = Field({})
    properties: Properties = Field({})
    identifiers: Identifiers = Field({})


class ChangeSource(JsonBody):
    """The fields to change; those that are left out stay as they are. A mapping is replaced as a whole."""

    name: Name | MISSING = MISSING
    origins: Origins | MISSING = MISSING
    events: Events | MISSING = MISSING
    properties: Properties | MISSING = MISSING
    identifiers: Identifiers | MISSING = MISSING


class ReplayRejected(JsonBody):
    """Which rejected items are taken again."""

    ids: Annotated[
        list[Annotated[str, Field(max_length=250)]],
        Field(max_length=1000, description="These items. Empty: the oldest 500, or those behind `cursor`."),
    ] = Field([])
    cursor: str | None = Field(
        None, max_length=2000, description="Where to go on: `nextCursor` of the response before."
    )
