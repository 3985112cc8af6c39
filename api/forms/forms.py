"""Routes of the configuration of forms."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from litestar import delete, get, patch, post
from pydantic import MISSING, AfterValidator, Field

from api.access.actor import CurrentActor
from api.http.json_body import JsonBody, checked_by, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from domain.forms.form import DEFAULT_HONEYPOT, DEFAULT_SUBJECT, DEFAULT_TEXT, LINK, Form
from domain.instant import to_datetime
from engine.access.keys.origin import check_origin
from engine.runtime import Runtime
from workflows.forms.configure import change_form, create_form, delete_form

__all__ = ["FORMS"]

_PATH = "/api/forms"
_ONE = f"{_PATH}/{{form_key:str}}"
_TAGS = ["Forms"]

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[\w .,:()&/+-]+\Z")]
Origin = Annotated[str, Field(max_length=300), AfterValidator(checked_by(check_origin))]
Origins = Annotated[
    list[Origin],
    Field(max_length=50, description="Origins of pages that have the form, and to which it may lead."),
]
Url = Annotated[
    str,
    Field(
        max_length=2000,
        description="Where people are led after it, on one of the origins; empty: a page of ours.",
    ),
]
EventType = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.-]+\Z")]
FieldName = Annotated[str, Field(min_length=1, max_length=100)]
Attributes = Annotated[
    dict[FieldName, FieldName],
    Field(
        max_length=100,
        description="Attributes of the lead by the names of fields: `company` -> `companyName`.",
    ),
]
Honeypot = Annotated[
    str,
    Field(
        min_length=1, max_length=100, description="A field that people do not see; who fills it is a machine."
    ),
]
Seconds = Annotated[
    float, Field(ge=0, le=60, description="Sent sooner after the page was opened, it is of a machine.")
]


def _has_link(text: str) -> str:
    if LINK not in text:
        raise ValueError(f"should have {LINK} where the link is to stand")
    return text


DoubleOptIn = Annotated[
    bool,
    Field(
        description="Whether a mail asks people to confirm their address; until then nothing else is sent to them."
    ),
]
Subject = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
ConfirmationText = Annotated[
    str,
    Field(max_length=5000, description="Text of that mail, with `{link}` where the link is to stand."),
    AfterValidator(_has_link),
]


class CreateForm(JsonBody):
    """A new form."""

    name: Name
    origins: Origins = Field([])
    thank_you_url: Url = ""
    event_type: EventType = "form.submitted"
    attributes: Attributes = Field({"name": "name"})
    honeypot: Honeypot = DEFAULT_HONEYPOT
    min_seconds: Seconds = 2.0
    enabled: bool = True
    double_opt_in: DoubleOptIn = False
    confirmation_subject: Subject = DEFAULT_SUBJECT
    confirmation_text: ConfirmationText = DEFAULT_TEXT


class ChangeForm(JsonBody):
    """The fields to change; those that are left out stay as they are."""

    name: Name | MISSING = MISSING
    origins: Origins | MISSING = MISSING
    thank_you_url: Url | MISSING = MISSING
    event_type: EventType | MISSING = MISSING
    attributes: Attributes | MISSING = MISSING
    honeypot: Honeypot | MISSING = MISSING
    min_seconds: Seconds | MISSING = MISSING
    enabled: bool | MISSING = MISSING
    double_opt_in: DoubleOptIn | MISSING = MISSING
    confirmation_subject: Subject | MISSING = MISSING
    confirmation_text: ConfirmationText | MISSING = MISSING


class FormView(View, frozen=True):
    """A form. `url` is where it is sent, and opened in a browser the hosted page with the snippet.

    `trapped` counts submissions of machines, `refused` those that name nobody.
    """

    form_key: str
    url: str
    name: str
    origins: list[str]
    thank_you_url: str
    event_type: str
    attributes: dict[str, str]
    honeypot: str
    min_seconds: float
    enabled: bool
    double_opt_in: bool
    confirmation_subject: str
    confirmation_text: str
    created_at: datetime
    trapped: int
    refused: int


class FormsView(View, frozen=True):
    """All forms, newest first."""

    items: list[FormView]


@post(
    _PATH,
    summary="Create a form",
    tags=_TAGS,
    operation_class=operation_with_body(
        json_request_body(CreateForm, {"name": "Contact", "origins": ["https://www.example.com"]})
    ),
    responses=problems(400, 409, 413, 415, 503),
)
async def create(request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor) -> FormView:
    """The form with its key and address."""
    body = await read_json_body(request, CreateForm)
    return _view(runtime, request, await create_form(runtime, actor, _details(body)))


@get(_PATH, summary="Forms, newest first", tags=_TAGS, responses=problems(400, 503))
async def list_forms(request: HttpRequest, runtime: RuntimeDep) -> FormsView:
    """All of them."""
    return FormsView(items=[_view(runtime, request, form) for form in await runtime.forms.store.all()])


@get(_ONE, summary="One form", tags=_TAGS, responses=problems(400, 404, 503))
async def get_form(request: HttpRequest, runtime: RuntimeDep, form_key: PathText) -> FormView:
    """The form."""
    return _view(runtime, request, await runtime.forms.store.get(form_key))


@patch(
    _ONE,
    summary="Change a form",
    tags=_TAGS,
    operation_class=operation_with_body(json_request_body(ChangeForm, {"enabled": True})),
    responses=problems(400, 404, 413, 415, 503),
)
async def change(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, form_key: PathText
) -> FormView:
    """The form after the change."""
    body = await read_json_body(request, ChangeForm)
    return _view(runtime, request, await change_form(runtime, actor, form_key, _details(body)))


@delete(_ONE, summary="Delete a form", tags=_TAGS, responses=problems(400, 404, 503))
async def forget(runtime: RuntimeDep, actor: CurrentActor, form_key: PathText) -> None:
    """Delete the form; what it has taken stays."""
    await delete_form(runtime, actor, form_key)


def _details(body: JsonBody) -> dict[str, Any]:
    return body.model_dump()


def _view(runtime: Runtime, request: HttpRequest, form: Form) -> FormView:
    base = runtime.settings.public_base_url or str(request.base_url).rstrip("/")
    return FormView(
        form_key=form.form_key,
        url=f"{base}/f/{form.form_key}",
        name=form.name,
        origins=list(form.origins),
        thank_you_url=form.thank_you_url,
        event_type=form.event_type,
        attributes=form.attributes,
        honeypot=form.honeypot,
        min_seconds=form.min_seconds,
        enabled=form.enabled,
        double_opt_in=form.double_opt_in,
        confirmation_subject=form.confirmation_subject,
        confirmation_text=form.confirmation_text,
        created_at=to_datetime(form.created_at),
        trapped=form.trapped,
        refused=form.refused,
    )


FORMS = (create, list_forms, get_form, change, forget)
"""Every call here."""
