"""Routes of routing: versions of the rules, the active one, a simulation on past events, and the decisions made."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from litestar import Response, get, post
from pydantic import Field, ValidationError

from api.access.actor import CurrentActor
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import (
    Cursor,
    Limit,
    Page,
    Position,
    component,
    decode_cursor,
    decode_time_cursor,
    page_of,
)
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.view import View, optional_datetime
from domain.errors import Fault, Invalid, NotFound, json_pointer
from domain.instant import to_datetime
from domain.teams.routing_rules import RoutingRules
from engine.teams.decision_store import RoutingDecision
from engine.teams.routing_rules_store import StoredRules
from workflows.teams.routing_rules import activate_rules, add_rules, check_rules, deactivate_rules
from workflows.teams.simulate import ASSUMPTIONS, SimulatedRouting, simulate

__all__ = ["ROUTING"]

_PATH = "/api/routing"
_TAGS = ["Routing"]
_EXAMPLE = {
    "version": 1,
    "rules": [
        {"id": "germany", "where": {"country": {"in": ["DE"]}}, "pool": "dach"},
        {"id": "rest", "pool": "everyone"},
    ],
    "pools": [
        {"id": "dach", "members": [{"rep": "person_1", "hours": {"zone": "Europe/Berlin"}}]},
        {
            "id": "everyone",
            "members": [{"rep": "person_1"}, {"rep": "person_2", "weight": 2, "capacity": 40}],
        },
    ],
}
_MAX_SHOWN = 200
_MAX_FAULTS = 100
_MAX_DIGITS = 9

R = TypeVar("R")


class StoreRules(JsonBody):
    """A version of the routing rules: rules in order, of which the first that matches names the pool."""

    rules: dict[str, Any] = Field(
        description="`version`, `stages`, `rules` and `pools`; docs/routing.md says more."
    )


class SimulateRules(JsonBody):
    """Rules to try on the events of the last days. Nothing is stored."""

    rules: dict[str, Any] = Field(description="As for storing them.")
    days: int = Field(30, ge=1, le=92)


class RulesView(View, frozen=True):
    """A version of the rules, and whether leads are routed by it."""

    version: int
    active: bool
    rules: dict[str, Any]
    created_at: datetime


class RoutedView(View, frozen=True):
    """A lead of a simulation: who would have got it and why, and whose it is today."""

    lead_id: str
    at: datetime
    owner_id: str | None
    rule: str
    pool: str
    why: list[str]
    actual_owner_id: str | None


class ShareView(View, frozen=True):
    """The leads of one person, null for nobody, in the simulation and today."""

    person_id: str | None
    would_get: int
    have_got: int


class SimulationView(View, frozen=True):
    """Who would have got what, beside what happened. `routed` has the last 200 leads; `assumptions` what is not known.

    `truncated`: only the newest 2,000 leads of the period were taken. `skipped` leads have an event that cannot be read.
    """

    days: int
    leads: int
    truncated: bool
    skipped: int
    shares: list[ShareView]
    routed: list[RoutedView]
    assumptions: list[str]


class DecisionView(View, frozen=True):
    """A lead that was given to somebody, by which rule, and why.

    In pools with a time for the first contact: when it was made, and whether it was `missed`.
    """

    id: str
    lead_id: str
    at: datetime
    owner_id: str
    rule: str
    pool: str
    why: list[str]
    rules_version: int
    position: int | None
    touched_at: datetime | None
    missed: bool


RulesPage = Annotated[Page[RulesView], component("RulesPage")]
DecisionsPage = Annotated[Page[DecisionView], component("DecisionsPage")]


@get(f"{_PATH}/active", summary="The active routing rules", tags=_TAGS, responses=problems(400, 404, 503))
async def get_active(runtime: RuntimeDep) -> RulesView:
    """The rules by which leads are routed. 404 while they are not."""
    version = await runtime.teams.rules.active_version()
    if version is None:
        raise NotFound("version of the routing rules", "active")
    return _rules_view(await runtime.teams.rules.get(version), version)


@get(f"{_PATH}/versions", summary="Versions of the routing rules", tags=_TAGS, responses=problems(400, 503))
async def list_versions(
    request: HttpRequest, runtime: RuntimeDep, limit: Limit = 50, cursor: Cursor = None
) -> Response[RulesPage]:
    """Versions, the highest first."""
    before = decode_cursor(cursor, "routing rules", tuple[Position])
    found = await runtime.teams.rules.page(before[0] if before else None, limit + 1)
    active = await runtime.teams.rules.active_version()
    return page_of(
        request,
        found,
        limit,
        of="routing rules",
        keyset=lambda one: (one.rules.version,),
        view=lambda one: _rules_view(one, active),
    )


@post(
    f"{_PATH}/versions",
    summary="Store a version of the routing rules",
    description="It routes nothing until it is activated. A version never changes its content.",
    tags=_TAGS,
    operation_class=operation_with_body(json_request_body(StoreRules, {"rules": _EXAMPLE})),
    responses=problems(400, 409, 413, 415, 503),
)
async def post_version(request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor) -> RulesView:
    """The stored version; the same content again changes nothing."""
    body = await read_json_body(request, StoreRules)
    stored = await _point_into_body(add_rules(runtime, actor, _parsed(body.rules)))
    return _rules_view(stored, await runtime.teams.rules.active_version())


@post(
    f"{_PATH}/versions/{{version:str}}/activate",
    summary="Route leads by a version of the rules",
    description="In every process within two seconds. Simulate it first.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    responses=problems(400, 404, 503),
)
async def post_activate(runtime: RuntimeDep, actor: CurrentActor, version: PathText) -> RulesView:
    """The active version."""
    stored = await activate_rules(runtime, actor, _number(version))
    return _rules_view(stored, stored.rules.version)


@post(
    f"{_PATH}/deactivate",
    summary="Route no leads",
    tags=_TAGS,
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(400, 503),
)
async def post_deactivate(runtime: RuntimeDep, actor: CurrentActor) -> None:
    """Nothing; leads that wait stay unassigned."""
    await deactivate_rules(runtime, actor)


@post(
    f"{_PATH}/simulate",
    summary="Try routing rules on past events",
    description="Who would have got which lead of the last days, beside what happened. Nothing is stored or assigned.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(SimulateRules, {"rules": _EXAMPLE, "days": 30})),
    responses=problems(400, 413, 415, 503),
)
async def post_simulate(request: HttpRequest, runtime: RuntimeDep) -> SimulationView:
    """Shares per person and the last leads with their reasons."""
    body = await read_json_body(request, SimulateRules)
    rules = _parsed(body.rules)
    await _point_into_body(check_rules(runtime, rules))
    found = await simulate(runtime, rules, body.days)
    people = sorted({*found.would_get, *found.have_got}, key=lambda one: (one is None, one or ""))
    return SimulationView(
        days=found.days,
        leads=found.leads,
        truncated=found.truncated,
        skipped=found.skipped,
        shares=[
            ShareView(
                person_id=one, would_get=found.would_get.get(one, 0), have_got=found.have_got.get(one, 0)
            )
            for one in people
        ],
        routed=[_routed_view(one) for one in found.routed[-_MAX_SHOWN:]],
        assumptions=list(ASSUMPTIONS),
    )


@get(
    f"{_PATH}/decisions",
    summary="Leads that were routed, newest first",
    tags=_TAGS,
    responses=problems(400, 503),
)
async def list_decisions(
    request: HttpRequest, runtime: RuntimeDep, limit: Limit = 50, cursor: Cursor = None
) -> Response[DecisionsPage]:
    """Each with its rule and its reasons."""
    of = "routing decisions"
    found = await runtime.teams.decisions.page(decode_time_cursor(cursor, of), limit + 1)
    return page_of(
        request,
        found,
        limit,
        of=of,
        keyset=lambda one: (one.at, one.decision_id),
        view=_decision_view,
    )


def _number(version: str) -> int:
    """The version in a path; what is no number names none."""
    if not version.isascii() or not version.isdigit() or len(version) > _MAX_DIGITS:
        raise NotFound("version of the routing rules", version)
    return int(version)


def _parsed(document: dict[str, Any]) -> RoutingRules:
    """The rules in a body. Raises `Invalid` with a pointer to every fault."""
    try:
        return RoutingRules.model_validate(document)
    except ValidationError as error:
        faults = tuple(
            Fault(
                json_pointer("rules", *one["loc"]),
                str(one["ctx"]["error"]) if one["type"] == "value_error" else one["msg"],
            )
            for one in error.errors(include_url=False, include_input=False)[:_MAX_FAULTS]
        )
        raise Invalid("Some fields are wrong; nothing was changed.", faults) from None


async def _point_into_body(work: Awaitable[R]) -> R:
    """Await what checks rules; its faults point into the body, where the rules are a field."""
    try:
        return await work
    except Invalid as error:
        faults = tuple(Fault(f"/rules{fault.pointer}", fault.detail) for fault in error.faults)
        raise Invalid(error.message, faults) from error


def _rules_view(stored: StoredRules, active: int | None) -> RulesView:
    return RulesView(
        version=stored.rules.version,
        active=stored.rules.version == active,
        rules=stored.rules.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        created_at=to_datetime(stored.created_at),
    )


def _routed_view(routed: SimulatedRouting) -> RoutedView:
    return RoutedView(
        lead_id=routed.lead_id,
        at=to_datetime(routed.at),
        owner_id=routed.owner_id,
        rule=routed.rule,
        pool=routed.pool,
        why=list(routed.why),
        actual_owner_id=routed.actual_owner_id,
    )


def _decision_view(decision: RoutingDecision) -> DecisionView:
    return DecisionView(
        id=decision.decision_id,
        lead_id=decision.lead_id,
        at=to_datetime(decision.at),
        owner_id=decision.owner_id,
        rule=decision.rule,
        pool=decision.pool,
        why=list(decision.why),
        rules_version=decision.version,
        position=decision.position,
        touched_at=optional_datetime(decision.touched_at),
        missed=decision.missed,
    )


ROUTING = (
    get_active,
    list_versions,
    post_version,
    post_activate,
    post_deactivate,
    post_simulate,
    list_decisions,
)
"""Every call here."""
