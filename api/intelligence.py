"""GET /api/leads/{leadId}/intelligence: whom to call, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from litestar import get
from litestar.params import Parameter

from api.parameters import moment
from api.problems import problems
from api.views import IntelligenceAnswer, intelligence_answer
from domain.errors import Fault, Invalid
from engine.rulebooks import built_in_names, load_rulebook
from engine.runtime import Runtime
from workflows.read_intelligence import read_intelligence, wait_until_applied

__all__ = ["get_intelligence"]


@get(
    "/api/leads/{lead_id:str}/intelligence",
    summary="A lead at any moment, explained",
    tags=["Leads"],
    responses=problems(400, 404, 503),
)
async def get_intelligence(
    runtime: Runtime,
    lead_id: str,
    as_of: Annotated[
        datetime | None,
        Parameter(query="asOf", description="Any moment, past or future; counts what had occurred by then."),
    ] = None,
    known_at: Annotated[
        datetime | None,
        Parameter(query="knownAt", description="And of that, only what had been received by then."),
    ] = None,
    after: Annotated[
        int | None,
        Parameter(ge=1, le=2**63 - 1, description="Wait, 5 s at most, until this position is applied."),
    ] = None,
    rulebook: Annotated[
        str | None, Parameter(max_length=64, description="Another rulebook to apply, by name.")
    ] = None,
) -> IntelligenceAnswer:
    """Score, stage, velocity, risk and next action, with the reasons that sum to the score."""
    if rulebook is not None and rulebook not in (*built_in_names(), runtime.rulebook.name):
        fault = Fault(
            "?rulebook", f"there is no rulebook of that name; write one of {', '.join(built_in_names())}"
        )
        raise Invalid("Some parameters are wrong.", (fault,))
    rules = None if rulebook in (None, runtime.rulebook.name) else load_rulebook(str(rulebook))
    if after is not None:
        await wait_until_applied(runtime, lead_id, after)
    found = await read_intelligence(
        runtime, lead_id, as_of=moment(as_of, "asOf"), known_at=moment(known_at, "knownAt"), rulebook=rules
    )
    return intelligence_answer(found)
