"""The body of POST /api/events in the OpenAPI document: one event or an array of events."""

from __future__ import annotations

from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema

from domain.identity.identifier import MAX_IDENTIFIERS

__all__ = ["EVENTS_BODY"]

_EVENT = Schema(
    type=OpenAPIType.OBJECT,
    required=["type"],
    properties={
        "leadId": Schema(
            type=[OpenAPIType.STRING, OpenAPIType.NULL],
            min_length=1,
            max_length=200,
            description="Your id of the lead; visible text without a slash. An opaque one, never an e-mail address: it is not sealed. Required without identifiers.",
        ),
        "identifiers": Schema(
            type=[OpenAPIType.OBJECT, OpenAPIType.NULL],
            max_properties=MAX_IDENTIFIERS,
            additional_properties=Schema(type=OpenAPIType.STRING, max_length=320),
            description="What the person is known by: userId, email, phone, anonymousId, or the id of another system such as "
            "hubspotId. In place of leadId they find the lead or make one; beside it they are attached to it. Stored sealed.",
        ),
        "type": Schema(
            type=OpenAPIType.STRING,
            min_length=1,
            max_length=100,
            description="What happened, e.g. page_view or Demo Requested; visible text.",
        ),
        "eventId": Schema(
            type=[OpenAPIType.STRING, OpenAPIType.NULL],
            min_length=1,
            max_length=200,
            description="Recommended: sending the same id again stores nothing twice. Made by the server if absent. Not sealed.",
        ),
        "occurredAt": Schema(
            type=[OpenAPIType.STRING, OpenAPIType.NULL],
            description="When it happened, RFC 3339 with an offset. Now if absent; one that lies ahead of its receipt counts as of its receipt.",
        ),
        "properties": Schema(
            type=[OpenAPIType.OBJECT, OpenAPIType.NULL],
            description="Anything else, up to 32 KiB and 16 levels; names of any characters but NUL. Personal fields are stored sealed.",
        ),
        "source": Schema(
            type=[OpenAPIType.STRING, OpenAPIType.NULL],
            max_length=100,
            description="Who says so, e.g. website.",
        ),
    },
    additional_properties=False,
)
_EXAMPLE = {"leadId": "lead-1", "type": "page_view", "eventId": "evt-1", "properties": {"path": "/pricing"}}
_JSON = OpenAPIMediaType(
    schema=Schema(
        one_of=[_EVENT, Schema(type=OpenAPIType.ARRAY, items=_EVENT, min_items=1, max_items=1000)],
        examples=[_EXAMPLE],
    )
)
EVENTS_BODY = RequestBody(
    required=True,
    description="One event, or an array of 1 to 1,000; 1 MiB at most, also once decompressed.",
    content={"application/json": _JSON, "text/plain": _JSON},
)
