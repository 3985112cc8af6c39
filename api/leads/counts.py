"""GET /api/lead-counts: how many leads are in each stage and have each outcome, counted up to a bound."""

from __future__ import annotations

from litestar import get

from api.access.visible import Visible
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from api.leads.owner_filter import Owner, wanted_owners
from domain.decisions.outcome import OUTCOMES

__all__ = ["get_lead_counts"]

_MAX_COUNTED = 10_000


class CountView(View, frozen=True):
    """Leads of one name: exactly `count`, or, with `more`, more than that."""

    name: str
    count: int
    more: bool


class LeadCountsView(View, frozen=True):
    """Leads by stage and by outcome, as of their last events. `outcomes` is null where only some owners' leads count."""

    stages: list[CountView]
    outcomes: list[CountView] | None


@get(
    "/api/lead-counts",
    summary="How many leads there are by stage and by outcome",
    description="Each number is counted up to 10,000 and then says that there are more, so that no count holds up a page.",
    tags=["Leads"],
    responses=problems(400, 503),
)
async def get_lead_counts(
    request: HttpRequest, runtime: RuntimeDep, visible: Visible, owner: Owner = None
) -> LeadCountsView:
    """Numbers of the leads that the caller sees, or of those of one owner."""
    owners, states = wanted_owners(request.auth, visible, owner), runtime.leads.states
    stages = [
        _view(name, await states.count_up_to(_MAX_COUNTED + 1, owners, stage=name))
        for name in runtime.rulebook.stages.names
    ]
    if owners is not None:
        return LeadCountsView(stages=stages, outcomes=None)
    outcomes = [
        _view(name, await states.count_up_to(_MAX_COUNTED + 1, None, outcome=name)) for name in OUTCOMES
    ]
    return LeadCountsView(stages=stages, outcomes=outcomes)


def _view(name: str, count: int) -> CountView:
    return CountView(name=name, count=min(count, _MAX_COUNTED), more=count > _MAX_COUNTED)
