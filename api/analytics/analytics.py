"""Routes of the analytics of outreach: numbers as JSON and as CSV, and the leads behind each of them."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from api.access.visible import Visible
from api.analytics.selected import By, Name, SequenceName, Since, Until, WindowDays, selected
from api.analytics.views import AnalyticsView, MessageResultsPage, counts_view, result_view
from api.http.pages import Cursor, Limit, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import problems
from domain.analytics.counts import Measure
from domain.instant import to_datetime
from workflows.analytics.as_csv import as_csv
from workflows.analytics.count import Wanted, count_messages, messages_behind

__all__ = ["ANALYTICS"]

_PATH = "/api/outreach/analytics"
_TAGS = ["Analytics"]
_DAYS = 30


@get(_PATH, summary="What became of messages, in numbers", tags=_TAGS, responses=problems(400, 503))
async def get_analytics(
    runtime: RuntimeDep,
    visible: Visible,
    by: By = "sequence",
    since: Since = None,
    until: Until = None,
    window_days: WindowDays = _DAYS,
    sequence: SequenceName = None,
    step: Name = None,
    variant: Name = None,
    channel: Name = None,
    campaign: Name = None,
) -> AnalyticsView:
    """A row per sequence, step, variant, channel or campaign. A caller who sees some of the leads gets the numbers of these."""
    of = selected(runtime.now(), since, until, window_days, sequence, step, variant, channel, campaign)
    found = await count_messages(runtime, visible, of, by)
    names = await runtime.campaigns.campaigns.names({row.campaign for row in found.rows if row.campaign})
    return AnalyticsView(
        by=by,
        since=to_datetime(of.since),
        until=to_datetime(of.until),
        window_days=window_days,
        events_behind=found.events_behind,
        has_more=found.has_more,
        items=[counts_view(row, by, names) for row in found.rows],
    )


@get(
    f"{_PATH}.csv",
    summary="The same as CSV",
    description="One line per row, with a column per reason and intent that occurs, such as `withheld.suppressed`.",
    tags=_TAGS,
    media_type="text/csv",
    responses={
        200: ResponseSpec(bytes, description="The rows", media_type="text/csv", generate_examples=False),
        **problems(400, 503),
    },
)
async def get_analytics_csv(
    runtime: RuntimeDep,
    visible: Visible,
    by: By = "sequence",
    since: Since = None,
    until: Until = None,
    window_days: WindowDays = _DAYS,
    sequence: SequenceName = None,
    step: Name = None,
    variant: Name = None,
    channel: Name = None,
    campaign: Name = None,
) -> Response[bytes]:
    """The rows."""
    of = selected(runtime.now(), since, until, window_days, sequence, step, variant, channel, campaign)
    found = await count_messages(runtime, visible, of, by)
    headers = {"Content-Disposition": f'attachment; filename="outreach-by-{by}.csv"'}
    return Response(as_csv(found.rows, by).encode(), media_type="text/csv", headers=headers)


@get(
    f"{_PATH}/leads",
    summary="The leads behind a number",
    description=(
        "With the parameters of the numbers, those of the row, and the `measure`: as many messages as the number says, each "
        "with its lead, newest first. Of `leads` and `conversions` each lead comes once, with its newest message."
    ),
    tags=_TAGS,
    responses=problems(400, 503),
)
async def list_leads_behind(
    request: HttpRequest,
    runtime: RuntimeDep,
    visible: Visible,
    by: By = "sequence",
    measure: Annotated[Measure, QueryParameter(description="The number of the row.")] = "messages",
    reason: Annotated[
        str | None,
        QueryParameter(max_length=100, description="Of `withheld` only those with this reason."),
    ] = None,
    intent: Annotated[
        str | None,
        QueryParameter(max_length=100, description="Of `replied` only those with a reply of this intent."),
    ] = None,
    since: Since = None,
    until: Until = None,
    window_days: WindowDays = _DAYS,
    sequence: SequenceName = None,
    step: Name = None,
    variant: Name = None,
    channel: Name = None,
    campaign: Name = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[MessageResultsPage]:
    """A page of messages with their leads."""
    of = selected(runtime.now(), since, until, window_days, sequence, step, variant, channel, campaign)
    wanted = Wanted(by=by, measure=measure, reason=reason, intent=intent)
    name = f"messages of {measure}"
    after = decode_time_cursor(cursor, name)
    found = await messages_behind(runtime, visible, of, wanted, limit + 1, after)
    return page_of(
        request,
        found.results,
        limit,
        of=name,
        keyset=lambda one: (one.at, one.message_id),
        resume=found.resume,
        view=result_view,
    )


ANALYTICS = (get_analytics, get_analytics_csv, list_leads_behind)
"""All of them, for callers who may read."""
