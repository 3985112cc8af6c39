"""Landmarks of all leads, from one pass over the log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from domain.decisions.goal import Goal
from domain.identity.membership import Merge
from domain.instant import Millis
from domain.prediction.landmark import Arrival, arrival, landmarks_of
from domain.rulebooks.compiled import CompiledRulebook
from engine.capture.stored_event import StoredEvent
from engine.runtime import Runtime
from workflows.prediction.table import LandmarkTable

__all__ = ["MOST_LANDMARKS", "arrivals_of", "read_landmarks"]

MOST_LANDMARKS = 300_000
"""Landmarks that are learnt from at most; of more, one in two, one in four and so on is taken, by hash."""
_LEADS_PER_TURN = 25


async def read_landmarks(
    runtime: Runtime,
    goal: Goal,
    rulebook: CompiledRulebook,
    known_at: Millis,
    on_progress: Callable[[int, int], None] = lambda _leads, _landmarks: None,
) -> tuple[LandmarkTable, int]:
    """The matured landmarks by what was known at `known_at`, and the position of the newest event that was read.

    Reads all leads page by page; `on_progress` gets the leads and landmarks so far.
    """
    table, one_in, newest, after, leads = LandmarkTable(), 1, 0, "", 0
    while page := await runtime.capture.events.lead_ids_after(after):
        after = page[-1]
        merged = (await runtime.identity.streams.membership(page)).lead_of
        wanted = [one for one in page if merged.get(one, one) == one]
        for number, (lead_id, stored) in enumerate((await runtime.capture.events.of_leads(wanted)).items()):
            if number % _LEADS_PER_TURN == 0:
                await asyncio.sleep(0)
            arrivals = await arrivals_of(runtime, lead_id, stored)
            newest = max(newest, *(one.event.position for one in arrivals))
            for landmark in landmarks_of(arrivals, rulebook, goal, known_at, one_in):
                table.add(landmark)
        while len(table) > MOST_LANDMARKS:
            one_in *= 2
            table = table.thinned(one_in)
        leads += len(wanted)
        on_progress(leads, len(table))
    return table.complete(), newest


async def arrivals_of(runtime: Runtime, lead_id: str, stored: Sequence[StoredEvent]) -> list[Arrival]:
    """When each event of a lead was known of this lead. Of anonymous streams that is not before their merge."""
    events = [one.decode() for one in stored]
    if all(event.stream_id == lead_id for event in events):
        return [arrival(event, 0) for event in events]
    joined = _joined(lead_id, await runtime.identity.streams.merges_of(lead_id))
    return [arrival(event, joined.get(event.stream_id, 0)) for event in events]


def _joined(lead_id: str, merges: Sequence[Merge]) -> dict[str, Millis]:
    """Since when each stream has been part of the lead: anonymous history counts from the merge on, not before."""
    into = {one.stream: one for one in merges}
    found: dict[str, Millis] = {}
    for stream in into:
        at, name = 0, stream
        while name != lead_id and name in into:
            at, name = max(at, into[name].since), into[name].into
        found[stream] = at
    return found
