"""GET /api/lead-counts: how many leads are in each stage and have each outcome, counted up to a bound."""

from __future__ import annotations

from collections import Counter

from litestar import get

from api.access.visible import Visible
from api.access.wanted_owners import Owner, wanted_owners
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from api.leads.lead_filters import Tag
from domain.decisions.outcome import OUTCOMES
from engine.runtime import Runtime

__all__ = ["get_lead_counts"]

_MAX_COUNTED = 10_000


class CountView(View, frozen=True):
    """Leads of one name: exactly `count`, or, with `more`, more than that."""

    name: str
    count: int
    more: bool


class LeadCountsView(View, frozen=True):
    """Leads by stage and by outcome, as of their last events.

    `outcomes` is null where only some owners' leads count and no tag is asked for.
    """

    stages: list[CountView]
    outcomes: list[CountView] | None


@get(
    "/api/lead-counts",
    summary="How many leads there are by stage and by outcome",
    description=(
        "Each number is counted up to 10,000 and then says that there are more, so that no count holds up a page. Of a tag "
        "that more than 10,000 leads have, those with the highest scores are counted."
    ),
    tags=["Leads"],
    responses=problems(400, 503),
)
async def get_lead_counts(
    request: HttpRequest, runtime: RuntimeDep, visible: Visible, owner: Owner = None, tag: Tag = None
) -> LeadCountsView:
    """Numbers of the leads that the caller sees, or of those of one owner or tag."""
    owners, lists = wanted_owners(request.auth, visible, owner), runtime.leads.lists
    if tag is not None:
        return _of_tag(runtime, *await lists.count_tagged(tag, owners, _MAX_COUNTED))
    stages = [
        _view(name, await lists.count_up_to(_MAX_COUNTED + 1, owners, stage=name))
        for name in runtime.rulebook.stages.names
    ]
    if owners is not None:
        return LeadCountsView(stages=stages, outcomes=None)
    outcomes = [
        _view(name, await lists.count_up_to(_MAX_COUNTED + 1, None, outcome=name)) for name in OUTCOMES
    ]
    return LeadCountsView(stages=stages, outcomes=outcomes)


def _of_tag(runtime: Runtime, counts: list[tuple[str, str, int]], more: bool) -> LeadCountsView:
    stages, outcomes = Counter[str](), Counter[str]()
    for stage, outcome, leads in counts:
        stages[stage] += leads
        outcomes[outcome] += leads

    def view(name: str, count: int) -> CountView:
        return CountView(name=name, count=min(count, _MAX_COUNTED), more=more)

    return LeadCountsView(
        stages=[view(name, stages[name]) for name in runtime.rulebook.stages.names],
        outcomes=[view(name, outcomes[name]) for name in OUTCOMES],
    )


def _view(name: str, count: int) -> CountView:
    return CountView(name=name, count=min(count, _MAX_COUNTED), more=count > _MAX_COUNTED)
