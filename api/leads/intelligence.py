"""GET /api/leads/{leadId}/intelligence: score, stage, velocity, risk and next action at any moment, with reasons."""

from __future__ import annotations

import re
from typing import Annotated

from litestar import get
from litestar.datastructures import State
from litestar.params import QueryParameter

from api.http.parameters import HttpRequest, PathText, invalid_parameter, parse_time
from api.http.problems import problems
from api.leads.intelligence_view import IntelligenceView, intelligence_view
from api.leads.lead_ids import requested_lead_id
from domain.errors import Invalid, NotFound
from domain.prediction.model import Model
from domain.rulebooks.compiled import CompiledRulebook
from domain.rulebooks.without_rules import without_scoring_rules
from engine.leads.incomplete_leads import IncompleteLeads
from engine.rulebooks.built_in import built_in_labels
from engine.runtime import Runtime
from workflows.access.visible_leads import require_visible, visible_to
from workflows.intelligence.intelligence import explained, read_lead, wait_until_applied
from workflows.prediction.models import predict_goals

__all__ = ["get_intelligence"]

_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]*\*?\Z")


@get(
    "/api/leads/{lead_id:str}/intelligence",
    summary="A lead at any moment, explained",
    tags=["Leads"],
    responses=problems(400, 404, 503),
)
async def get_intelligence(
    request: HttpRequest,
    state: State,  # not two dependencies, for which the framework would start tasks: a tenth of the whole call
    lead_id: PathText,
    as_of: Annotated[
        str | None,
        QueryParameter(
            name="asOf",
            format="date-time",
            description="Any moment, past or future; counts what had occurred by then.",
        ),
    ] = None,
    known_at: Annotated[
        str | None,
        QueryParameter(
            name="knownAt",
            format="date-time",
            description="And of that, only what had been received by then.",
        ),
    ] = None,
    after: Annotated[
        int | None,
        QueryParameter(ge=1, le=2**63 - 1, description="Wait, 5 s at most, until this position is applied."),
    ] = None,
    rulebook: Annotated[
        str | None,
        QueryParameter(
            max_length=100,
            description="Another rulebook to apply: a built-in or published one, `name` or `name@version`.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        QueryParameter(
            max_length=100,
            description="The prediction model to ask, `name@version`, instead of the active one of its goal.",
        ),
    ] = None,
    without: Annotated[
        str | None,
        QueryParameter(
            max_length=500,
            description="What if these had not happened: types of events, comma separated, e.g. `email.*,download`.",
        ),
    ] = None,
    without_rule: Annotated[
        str | None,
        QueryParameter(
            name="withoutRule",
            max_length=500,
            description="What if these rules did not score: ids of rules, comma separated, e.g. `page-view,form`.",
        ),
    ] = None,
) -> IntelligenceView:
    """Score, stage, velocity, risk and next action, with the reasons that sum to the score."""
    runtime: Runtime = state.runtime
    visible = await visible_to(runtime, request.auth)
    if visible.owners is not None or after is not None:
        lead_id = await runtime.identity.streams.lead_of(lead_id)
    await require_visible(runtime, visible, lead_id)
    incomplete: IncompleteLeads = state.incomplete
    at, known, patterns = parse_time(as_of, "asOf"), parse_time(known_at, "knownAt"), _patterns(without)
    rules = None if rulebook is None else await _rules(runtime, rulebook)
    applied = 0 if after is None else await wait_until_applied(runtime, lead_id, after)
    left_out = _rule_ids(without_rule, rules or runtime.rulebook)
    models = await _models(runtime, model)
    lead = await read_lead(
        runtime,
        lead_id,
        as_of=at,
        known_at=known,
        rulebook=rules,
        without=patterns,
        without_rules=left_out,
        applied=applied,
    )
    found = await explained(runtime, lead)
    predicted = predict_goals(lead.state, lead.at, lead.rules, models)
    return intelligence_view(found, incomplete.of(found.lead_id), requested_lead_id(request), predicted)


async def _models(runtime: Runtime, label: str | None) -> list[Model]:
    """The active model of each goal, and the one that is asked instead of that of its goal."""
    active = runtime.prediction.active.all()
    if label is None:
        return list(active)
    try:
        asked = (await runtime.prediction.models.get(label)).model
    except NotFound:
        raise invalid_parameter(
            "model", "there is no model of that name; GET /api/models lists them"
        ) from None
    return [*(model for model in active if model.goal.name != asked.goal.name), asked]


async def _rules(runtime: Runtime, name: str) -> CompiledRulebook:
    try:
        return await runtime.rulebooks.library.find(name)
    except NotFound:
        detail = f"there is no rulebook of that name; built in are {', '.join(built_in_labels())}"
        raise invalid_parameter("rulebook", detail) from None


def _rule_ids(without_rule: str | None, rulebook: CompiledRulebook) -> tuple[str, ...]:
    if without_rule is None:
        return ()
    rule_ids = tuple(part.strip() for part in without_rule.split(","))
    try:
        without_scoring_rules(rulebook, rule_ids)
    except Invalid as error:
        raise invalid_parameter("withoutRule", error.faults[0].detail) from None
    return rule_ids


def _patterns(without: str | None) -> tuple[str, ...]:
    patterns = tuple(part.strip() for part in without.split(",")) if without is not None else ()
    for pattern in patterns:
        if not _PATTERN.match(pattern):
            detail = "write types of events, comma separated; only the end of each may be *"
            raise invalid_parameter("without", detail)
    return patterns
