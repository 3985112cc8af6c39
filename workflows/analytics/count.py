"""Counts of messages for a caller, and the leads behind each of them."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from domain.analytics.counts import GROUPINGS, OF_LEADS, Counts, Grouping, Measure
from domain.analytics.message_result import MessageResult
from domain.instant import DAY, Millis
from domain.teams.visibility import VisibleLeads
from engine.analytics.selection import Selection, query_of
from engine.runtime import Runtime
from engine.store.keyset import Keyset
from workflows.analytics.project import checkpoint_name

__all__ = [
    "DEFAULT_PERIOD",
    "DEFAULT_WINDOW",
    "MAX_ROWS",
    "CountedRows",
    "ResultPage",
    "Wanted",
    "count_messages",
    "messages_behind",
]

DEFAULT_PERIOD: Millis = 90 * DAY
DEFAULT_WINDOW: Millis = 30 * DAY
MAX_ROWS = 1000
"""Rows of one answer."""

_PAGE = 200
_MAX_PAGES = 10
_NUMBER = re.compile(r"\d+")


class CountedRows(Struct, frozen=True):
    """The rows in their order, whether some were left out, and how many events of the log are not counted yet."""

    rows: list[Counts]
    has_more: bool
    events_behind: int


class Wanted(Struct, frozen=True, kw_only=True):
    """The messages behind a number of a row: those that count for the measure, with this reason or intent if one is given."""

    by: Grouping
    measure: Measure
    reason: str | None = None
    intent: str | None = None


class ResultPage(Struct, frozen=True):
    """Messages of a page, and where the list goes on if the search ended before the page was full."""

    results: list[MessageResult]
    resume: Keyset | None = None


async def count_messages(
    runtime: Runtime, visible: VisibleLeads, selection: Selection, by: Grouping
) -> CountedRows:
    """The numbers of the messages to leads that the caller sees. Raises what the store raises."""
    log = runtime.capture.log
    cursor = await runtime.store.checkpoints.cursor(checkpoint_name(runtime), log.partitions)
    end = await log.end()
    rows, has_more = await runtime.analytics.counts.count(_seen(selection, visible), by, MAX_ROWS)
    return CountedRows(sorted(rows, key=lambda row: _order(row, by)), has_more, cursor.events_until(end))


async def messages_behind(  # noqa: PLR0917 - the parts of a question
    runtime: Runtime,
    visible: VisibleLeads,
    selection: Selection,
    wanted: Wanted,
    limit: int,
    after: Keyset | None,
) -> ResultPage:
    """The next messages that a number counts, newest first; of a number of leads the newest message of each.

    At most 2,000 messages are looked at, so a page may be short and still go on, at `resume`. Leads that the caller does not
    see any more are left out.
    """
    query: dict[str, Any] = query_of(_seen(selection, visible), wanted.by)
    query |= {} if wanted.reason is None else {"reasons": {"$eq": wanted.reason}}
    query |= {} if wanted.intent is None else {"intents": {"$eq": wanted.intent}}
    counts, found = runtime.analytics.counts, list[MessageResult]()
    size = max(limit, _PAGE)
    for _ in range(_MAX_PAGES):
        part = await counts.page(query, wanted.measure, selection.window, after=after, limit=size)
        leads = {one.lead_id for one in part}
        if wanted.measure in OF_LEADS and part:
            newest = await counts.newest_of_leads(query, wanted.measure, selection.window, leads)
            shown = [one for one in part if newest.get(one.lead_id) == one.message_id]
        else:
            shown = part
        if visible.owners is not None:
            owners = await runtime.leads.states.owners(leads)
            shown = [one for one in shown if visible.allows(owners.get(one.lead_id))]
        found += shown
        if len(part) < size or len(found) >= limit:
            return ResultPage(found[:limit])
        after = (part[-1].at, part[-1].message_id)
    return ResultPage(found, after)


def _seen(selection: Selection, visible: VisibleLeads) -> Selection:
    owners = None if visible.owners is None else (None, *sorted(visible.owners))
    return replace(selection, owners=owners)


def _order(row: Counts, by: Grouping) -> list[tuple[int, int, str]]:
    """Names by their letters, numbers in them by their size, so that step 10 comes after step 2."""
    text = "\x1f".join(str(getattr(row, name)) for name in GROUPINGS[by])
    parts = re.split(r"(\d+)", text)
    return [(1, int(part), "") if _NUMBER.fullmatch(part) else (0, 0, part) for part in parts]
