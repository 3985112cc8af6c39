"""Routes that publish what was previewed, and roll back."""

from __future__ import annotations

from http import HTTPStatus

from litestar import post
from pydantic import Field

from api.access.actor import CurrentActor
from api.access.recent_proof import PROOF_NOTE, needs_recent_proof
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import problems
from api.rulebooks.views import ActivationView
from workflows.rule_lab.publish import Limits, publish_preview, roll_back_rulebook

__all__ = ["PUBLISH"]

_TAGS = ["Rule lab"]
_MAX_COUNTED = 10_000
_MOST_NOTE = 500
_MANY = 1_000_000_000
_EXAMPLE = {
    "preview": "prv_5f0c1a2b3c4d5e6f70819293",
    "expect": "cc4b6f2a6ca5a8ebc362c0a16a6c4ede",
    "mostMoved": 0.2,
    "mostAlertsADay": 40,
}


class PublishPreview(JsonBody):
    """What to publish, and how much it may do. The limits are held against the upper ends of the preview's intervals."""

    preview: str = Field(max_length=64, description="Id of the preview.")
    expect: str = Field(max_length=64, description="The digest that was previewed.")
    most_moved: float | None = Field(
        None, ge=0, le=1, description="Share of leads that may come into another stage."
    )
    most_alerts_a_day: float | None = Field(
        None, ge=0, le=_MANY, description="Automations that may run a day, over all leads."
    )
    note: str = Field("", max_length=_MOST_NOTE, description="Why, for the audit log.")


@post(
    "/api/rulebooks/publish",
    summary="Make a rulebook that was previewed the active one",
    description="Refused if another one has become active since the preview began, or a limit is passed. Automations do not "
    "fire, leads are rebuilt in the background, and the audit log has the figures of the preview."
    + PROOF_NOTE,
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(PublishPreview, _EXAMPLE)),
    guards=[needs_recent_proof],
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def publish(request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor) -> ActivationView:
    """The label of the rulebook that is active now, and of the one before."""
    body = await read_json_body(request, PublishPreview)
    preview = await runtime.rule_lab.previews.get(body.preview)
    limits = Limits(body.most_moved, body.most_alerts_a_day)
    before = await publish_preview(runtime, actor, preview, body.expect, limits, note=body.note)
    left = await runtime.leads.states.count_stale_under(preview.label, up_to=_MAX_COUNTED)
    return ActivationView(label=preview.label, before=before, leads_to_rebuild=left)


@post(
    "/api/rulebooks/rollback",
    summary="Make the rulebook before the active one again",
    description="Automations do not fire, and leads are rebuilt in the background. Called twice, it goes back and forth."
    + PROOF_NOTE,
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    guards=[needs_recent_proof],
    responses=problems(400, 409, 503),
)
async def rollback(runtime: RuntimeDep, actor: CurrentActor) -> ActivationView:
    """The label of the rulebook that is active again, and of the one that was."""
    rulebook, before = await roll_back_rulebook(runtime, actor)
    left = await runtime.leads.states.count_stale_under(rulebook.label, up_to=_MAX_COUNTED)
    return ActivationView(label=rulebook.label, before=before, leads_to_rebuild=left)


PUBLISH = (publish, rollback)
