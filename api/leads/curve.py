"""GET /api/leads/{leadId}/curve: the score of a lead over time, past and to come, with the lines of the stages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from api.access.visible import Visible
from api.http.parameters import PathText, RuntimeDep, invalid_parameter, parse_time
from api.http.problems import problems
from api.http.view import View
from api.leads.intelligence_view import RulebookView
from domain.decisions.stage import StageLadder
from domain.instant import DAY, to_datetime
from domain.leads.score_curve import evenly_spaced
from workflows.access.visible_leads import require_visible
from workflows.intelligence.score_curve import read_score_curve

__all__ = ["get_curve"]

_DEFAULT_SPAN = 30 * DAY


class CurvePointView(View, frozen=True):
    """Score and stage at one moment."""

    at: datetime
    score: float
    stage: str


class StageLineView(View, frozen=True):
    """A stage: the score at which it is entered on the way up, and below which it is left; null for the lowest."""

    stage: str
    entered_at: float | None
    left_below: float | None


class CurveView(View, frozen=True):
    """The score of a lead; points behind `now` are what decay alone leads to. There is none before the first event."""

    lead_id: str
    now: datetime
    points: list[CurvePointView]
    stages: list[StageLineView]
    rulebook: RulebookView


@get(
    "/api/leads/{lead_id:str}/curve",
    summary="The score of a lead over time, past and to come",
    tags=["Leads"],
    responses=problems(400, 404, 503),
)
async def get_curve(
    runtime: RuntimeDep,
    visible: Visible,
    lead_id: PathText,
    begin: Annotated[
        str | None,
        QueryParameter(name="from", format="date-time", description="First moment; 30 days ago by default."),
    ] = None,
    end: Annotated[
        str | None,
        QueryParameter(name="to", format="date-time", description="Last moment; in 30 days by default."),
    ] = None,
    points: Annotated[
        int, QueryParameter(ge=2, le=500, description="Moments, evenly spaced, both ends included.")
    ] = 121,
) -> CurveView:
    """Score and stage at each moment, as intelligence with `asOf` gives them."""
    await require_visible(runtime, visible, lead_id)
    now, rulebook = runtime.now(), runtime.rulebook
    first, last = parse_time(begin, "from"), parse_time(end, "to")
    first = (now if last is None else min(now, last)) - _DEFAULT_SPAN if first is None else first
    last = max(now, first) + _DEFAULT_SPAN if last is None else last
    if first >= last:
        raise invalid_parameter("from", "must be before `to`")
    found = await read_score_curve(runtime, lead_id, evenly_spaced(first, last, points), rulebook)
    return CurveView(
        lead_id=lead_id,
        now=to_datetime(now),
        points=[
            CurvePointView(at=to_datetime(point.at), score=point.score, stage=point.stage) for point in found
        ],
        stages=_lines(rulebook.stages),
        rulebook=RulebookView(name=rulebook.name, version=rulebook.version),
    )


def _lines(stages: StageLadder) -> list[StageLineView]:
    lowest, *others = stages.names
    lines = [StageLineView(stage=lowest, entered_at=None, left_below=None)]
    for below, name in zip((lowest, *others), others, strict=False):
        entered, left = stages.spans[below].high, stages.spans[name].low
        lines.append(StageLineView(stage=name, entered_at=round(entered, 6), left_below=round(left, 6)))
    return lines
