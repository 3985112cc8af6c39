"""Routes of the challenger: a rulebook that follows the live stream beside the active one."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from litestar import delete, get, put
from pydantic import Field

from api.access.actor import CurrentActor
from api.http.json_body import read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from api.rulebooks.chosen import ChosenRulebook
from api.rulebooks.preview_views import EndedView, ended_view
from domain.errors import NotFound
from domain.events.log_cursor import events_at
from domain.instant import to_datetime
from engine.rule_lab.shadow_store import Shadow, ShadowState
from workflows.rule_lab.shadow import start_shadow
from workflows.rule_lab.shadow_report import ShadowReport, report_shadow

__all__ = ["SHADOW", "report_view"]

_TAGS = ["Rule lab"]
_PATH = "/api/rulebooks/shadow"
_MOST_DAYS = 90


class StartShadow(ChosenRulebook):
    """The rulebook that is to follow the live stream, and for how many days."""

    days: int = Field(14, ge=1, le=_MOST_DAYS, description="Days after which it follows no more.")


class ShadowView(View, frozen=True):
    """A challenger. `starting` and `stopping` last seconds; when it has `ended`, its report stays."""

    id: str
    digest: str
    label: str
    before: str
    status: ShadowState
    started_at: datetime
    until: datetime
    started_by: str
    position: int


class ShadowStageView(View, frozen=True):
    """Leads that are in the stage `before` now, and would be in `after`."""

    before: str
    after: str
    leads: int


class ShadowAlertView(View, frozen=True):
    """An automation since the challenger began: how often it ran, and how often it would have."""

    automation: str
    now: int
    then: int


class ShadowReportView(View, frozen=True):
    """The challenger beside the active rulebook, over `leads`: those that did something since, then all others (`filled`).

    `behind` events are to be folded.
    """

    shadow: ShadowView
    leads: int
    moved: int
    mean_difference: float
    stages: list[ShadowStageView]
    ended: list[EndedView]
    filled: bool
    alerts: list[ShadowAlertView]
    behind: int


@put(
    _PATH,
    summary="Let a rulebook follow the live stream beside the active one",
    description="It takes the place of the challenger before. It sends nothing, and changes no lead.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(StartShadow, {"name": "standard", "version": 2, "days": 7})
    ),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def put_shadow(request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor) -> ShadowView:
    """The challenger, which begins within seconds."""
    body = await read_json_body(request, StartShadow)
    rulebook, text = await body.read(runtime)
    return _shadow(await start_shadow(runtime, actor, rulebook, text, body.days))


@get(
    _PATH,
    summary="The challenger and the active rulebook side by side",
    tags=_TAGS,
    responses=problems(400, 404, 503),
)
async def get_shadow(runtime: RuntimeDep) -> ShadowReportView:
    """Stages now and then, firings and would-be firings since it began."""
    report = await report_shadow(runtime)
    if report is None:
        raise NotFound("shadow", "challenger", "No rulebook is shadowed.")
    return report_view(report)


@delete(_PATH, summary="Stop the challenger", tags=_TAGS, responses=problems(400, 404, 503))
async def delete_shadow(runtime: RuntimeDep) -> None:
    """Its states and would-be firings are removed in the background."""
    await runtime.rule_lab.shadow.stop()


def report_view(report: ShadowReport) -> ShadowReportView:
    return ShadowReportView(
        shadow=_shadow(report.shadow),
        leads=report.leads,
        moved=report.moved,
        mean_difference=report.mean_difference,
        stages=[
            ShadowStageView(before=one.before, after=one.after, leads=one.leads) for one in report.stages
        ],
        ended=[ended_view(one) for one in report.ended],
        filled=report.is_filled,
        alerts=[
            ShadowAlertView(automation=one.automation, now=one.now, then=one.then) for one in report.alerts
        ],
        behind=report.behind,
    )


def _shadow(shadow: Shadow) -> ShadowView:
    return ShadowView(
        id=shadow.shadow_id,
        digest=shadow.digest,
        label=shadow.label,
        before=shadow.before,
        status=shadow.state,
        started_at=to_datetime(shadow.started_at),
        until=to_datetime(shadow.until),
        started_by=shadow.started_by,
        position=events_at(shadow.position),
    )


SHADOW = (put_shadow, get_shadow, delete_shadow)
