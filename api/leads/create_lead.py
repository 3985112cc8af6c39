"""POST /api/leads: creates a lead by e-mail address or telephone number, or finds the one that is there."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from litestar import Response, post
from litestar.openapi.datastructures import ResponseSpec
from pydantic import Field

from api.access.actor import CurrentPrincipal
from api.capture.events import require_stored
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import ProblemError, problems
from api.http.view import View
from domain.errors import Fault, Invalid, json_pointer
from workflows.capture.create_lead import Consent, LeadDetails, create_lead

__all__ = ["post_lead"]

_KEY_HEADER = "idempotency-key"
_MAX_KEY = 200
_SOURCE = "api"

_Text = Annotated[str | None, Field(min_length=1, max_length=320)]


class ConsentBody(JsonBody):
    """Whether the person agrees to be contacted."""

    given: bool
    channel: str | None = Field(None, min_length=1, max_length=50, description="Left out: by any channel.")
    text: str | None = Field(None, max_length=2000, description="The words that the person agreed to.")


class CreateLead(JsonBody):
    """What is known of the person. An e-mail address, a telephone number or a user id is required."""

    email: _Text = None
    phone: _Text = Field(None, description="E.164, or of the country in PHONE_REGION.")
    user_id: _Text = Field(None, description="The person's id in your own system.")
    name: str | None = Field(None, min_length=1, max_length=200)
    attributes: dict[str, Any] = Field(
        {}, max_length=200, description="Such as companySize; rules read them."
    )
    consent: ConsentBody | None = None
    source: str = Field(_SOURCE, min_length=1, max_length=100, description="Who says so.")


class LeadCreatedView(View, frozen=True):
    """The lead: `created` if it began with this call. Its intelligence includes the call from `position` on."""

    lead_id: str
    created: bool
    event_id: str
    position: int
    name: str | None
    attributes: dict[str, Any]


@post(
    "/api/leads",
    summary="Create a lead, or find it",
    description=(
        "The lead is that of the e-mail address, telephone number or user id, or a new one: 201 if it is new, 200 if it was there "
        "already. What is known of it is stored as `lead.updated`, consent as `consent.given` or `consent.withdrawn`. "
        "With the header `Idempotency-Key`, a repeated call gets the first answer; 422 if it says something else."
    ),
    tags=["Leads"],
    status_code=HTTPStatus.CREATED,
    operation_class=operation_with_body(
        json_request_body(
            CreateLead, {"email": "ada@example.com", "name": "Ada", "attributes": {"companySize": 120}}
        )
    ),
    responses={
        200: ResponseSpec(LeadCreatedView, description="The lead was there already", generate_examples=False),
        **problems(400, 410, 413, 415, 422, 503),
    },
)
async def post_lead(
    request: HttpRequest, runtime: RuntimeDep, principal: CurrentPrincipal
) -> Response[LeadCreatedView]:
    """The lead, with its address in `Location`."""
    if principal.origins:
        detail = "The key of a web page cannot create leads: its answers would show who is known. Use a form."
        raise ProblemError(HTTPStatus.FORBIDDEN, "forbidden", detail)
    if principal.source_id:
        detail = "The write key of a source sends messages of that source alone. Use an API key with the scope `ingest`."
        raise ProblemError(HTTPStatus.FORBIDDEN, "forbidden", detail)
    body, key = await read_json_body(request, CreateLead), _key(request)
    created = await create_lead(runtime, principal, _details(body), key)
    if key is not None and created.appended.status == "conflict":
        detail = "This Idempotency-Key was used with another body."
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused", detail)
    require_stored(created.appended)
    view = LeadCreatedView(
        lead_id=created.appended.lead_id,
        created=created.is_new,
        event_id=created.appended.event_id,
        position=created.appended.position,
        name=body.name,
        attributes=body.attributes,
    )
    status = HTTPStatus.CREATED if created.is_new else HTTPStatus.OK
    return Response(view, status_code=status, headers={"Location": f"/api/leads/{view.lead_id}"})


def _details(body: CreateLead) -> LeadDetails:
    identifiers = {"email": body.email, "phone": body.phone, "userId": body.user_id}
    given = {kind: value for kind, value in identifiers.items() if value is not None}
    if not given:
        raise Invalid(
            "Nobody is named; no lead was stored.", (Fault("/email", "is required, or phone, or userId"),)
        )
    taken = {"email", "phone", "name"} & body.attributes.keys()
    if taken:
        faults = (
            Fault(f"/attributes{json_pointer(name)}", "is a field of its own") for name in sorted(taken)
        )
        raise Invalid("Some fields are wrong; no lead was stored.", tuple(faults))
    facts = {"name": body.name, "email": body.email, "phone": body.phone}
    attributes = {name: value for name, value in facts.items() if value is not None} | body.attributes
    said = body.consent
    consent = None if said is None else Consent(said.given, said.channel, said.text)
    return LeadDetails(identifiers=given, attributes=attributes, consent=consent, source=body.source)


def _key(request: HttpRequest) -> str | None:
    key = request.headers.get(_KEY_HEADER)
    if key is not None and not 0 < len(key) <= _MAX_KEY:
        detail = f"the header Idempotency-Key should have 1 to {_MAX_KEY} characters"
        raise Invalid("A header is wrong; no lead was stored.", (Fault("", detail),))
    return key
