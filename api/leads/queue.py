"""GET /api/queue: the leads to turn to first, with the reason why each comes first."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from litestar import get
from litestar.params import QueryParameter

from api.access.visible import Visible
from api.access.wanted_owners import Owner, wanted_owners
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import problems
from api.http.view import View, optional_datetime
from api.leads.intelligence_view import (
    PredictionView,
    ReasonView,
    StageDropView,
    prediction_view,
    reason_view,
)
from api.outreach.received_view import ReceivedView, received_view
from api.teams.snoozes import SnoozeView, snooze_view
from domain.instant import to_datetime
from domain.prediction.words import summary_with
from domain.teams.visibility import VisibleLeads
from engine.runtime import Runtime
from engine.teams.snooze_store import Snooze
from workflows.intelligence.queue import Queue, QueuedLead, read_queue
from workflows.teams.snooze import snoozes_of

__all__ = ["get_queue"]

_REASONS = 3


class BecauseView(View, frozen=True):
    """Why the lead comes here. A `reply` waits `since` then with what it `wrote`, a `task` is due at `dueAt`; else it is the `score`, or how likely a `win` is."""

    kind: Literal["reply", "task", "score", "win"]
    text: str
    since: datetime | None
    due_at: datetime | None
    task_id: str | None
    wrote: ReceivedView | None


class PresenceView(View, frozen=True):
    """A person who works on the lead until then."""

    person_id: str
    until: datetime


class QueuedLeadView(View, frozen=True):
    """A lead as it is now; `reasons` are the three that weigh most, and so are the parts of `win`, null while no model is active."""

    lead_id: str
    owner_id: str | None
    position: int
    because: BecauseView
    score: float
    stage: str
    grade: str | None
    velocity: float
    risk: str
    next_action: str
    next_action_because: str
    summary: str
    reasons: list[ReasonView]
    drop: StageDropView | None
    last_activity_at: datetime | None
    tags: list[str]
    presence: PresenceView | None
    win: PredictionView | None


class QueueView(View, frozen=True):
    """The queue at `asOf`. It has no further pages: what is done leaves it. `snoozed` are the caller's.

    `moreTasks`: more tasks of these leads are due within a day than the 10,000 that were looked at, so a lead of one of them may be missing.
    """

    as_of: datetime
    items: list[QueuedLeadView]
    snoozed: list[SnoozeView]
    more_tasks: bool


@get(
    "/api/queue",
    summary="The leads to turn to first, and why",
    description=(
        "First those that wait for an answer, the longest first; then those of which a task is due within a day, the "
        "earliest first; then those with the highest scores now, decay included, or with `QUEUE_ORDER=win` those likeliest to buy."
    ),
    tags=["Leads"],
    responses=problems(400, 503),
)
async def get_queue(
    request: HttpRequest,
    runtime: RuntimeDep,
    visible: Visible,
    owner: Owner = None,
    limit: Annotated[int, QueryParameter(ge=1, le=50, description="Most leads.")] = 20,
) -> QueueView:
    """Leads, each once, without those that are closed, must not be contacted, or are snoozed by the caller."""
    owners = wanted_owners(request.auth, visible, owner)
    snoozed = await _snoozed(request, runtime, visible)
    since = {one.lead_id: one.since for one in snoozed}
    found = Queue([]) if owners == () else await read_queue(runtime, owners, limit, since)
    return QueueView(
        as_of=to_datetime(runtime.now()),
        items=[_view(lead) for lead in found.leads],
        snoozed=[snooze_view(one) for one in snoozed],
        more_tasks=found.more_tasks,
    )


async def _snoozed(request: HttpRequest, runtime: Runtime, visible: VisibleLeads) -> list[Snooze]:
    """The leads that the caller has put off and still sees."""
    if request.auth.kind != "person":
        return []
    return await snoozes_of(runtime, request.auth.id, visible)


def _view(lead: QueuedLead) -> QueuedLeadView:
    found, because, claim = lead.intelligence, lead.because, lead.claim
    drop = found.details.drop
    return QueuedLeadView(
        lead_id=found.lead_id,
        owner_id=lead.owner_id,
        position=found.position,
        because=BecauseView(
            kind=because.kind,
            text=because.text,
            since=optional_datetime(because.since),
            due_at=optional_datetime(because.due_at),
            task_id=because.task_id,
            wrote=None if lead.wrote is None else received_view(lead.wrote),
        ),
        score=found.score,
        stage=found.stage,
        grade=found.details.grade or None,
        velocity=found.velocity,
        risk=found.risk,
        next_action=found.next_action,
        next_action_because=found.details.next_action,
        summary=summary_with(found.summary, lead.win),
        reasons=[reason_view(reason) for reason in found.reasons[:_REASONS]],
        drop=None if drop is None else StageDropView(at=to_datetime(drop.at), stage=drop.stage),
        last_activity_at=optional_datetime(found.details.last_activity_at),
        tags=list(found.tags),
        presence=None
        if claim is None
        else PresenceView(person_id=claim.person_id, until=to_datetime(claim.until)),
        win=None if lead.win is None else prediction_view(lead.win, most_parts=_REASONS),
    )
