"""Landmarks of all leads, from one pass over the log that a training can go on with after a stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from msgspec.structs import replace

from domain.decisions.goal import Goal
from domain.events.log_cursor import LogCursor
from domain.identity.membership import Merge
from domain.instant import Millis
from domain.prediction.landmark import Arrival, Landmark, arrival, is_sampled, landmarks_of
from domain.rulebooks.compiled import CompiledRulebook
from engine.capture.stored_event import StoredEvent
from engine.prediction.training_store import Training
from engine.privacy.lead_key import key_id_of
from engine.runtime import Runtime
from workflows.prediction.table import LandmarkTable

__all__ = ["MOST_LANDMARKS", "Progress", "arrivals_of", "photograph", "read_landmarks"]

MOST_LANDMARKS = 300_000
"""Landmarks that are learnt from at most; of more, one in two, one in four and so on is taken, by hash."""
_LEADS_PER_TURN = 25
_PER_SLICE = 2000
"""Landmarks that are stored together."""

Progress = Callable[[int, int], None]
"""Gets the leads and the landmarks so far."""


async def read_landmarks(
    runtime: Runtime,
    goal: Goal,
    rulebook: CompiledRulebook,
    known_at: Millis,
    on_progress: Progress = lambda _leads, _landmarks: None,
) -> tuple[LandmarkTable, int]:
    """The matured landmarks by what was known at `known_at`, and how many events the log had.

    Reads all leads page by page, and stores nothing.
    """
    end = await runtime.capture.log.end()
    reading = _Reading(runtime, goal, rulebook, known_at, end)
    while page := await runtime.capture.events.lead_ids_after(reading.after):
        async for landmarks in reading.page(page):
            reading.add(landmarks)
        on_progress(reading.leads, len(reading.table))
    return reading.table.complete(), end.events


async def photograph(
    runtime: Runtime, training: Training, goal: Goal, rulebook: CompiledRulebook, on_progress: Progress
) -> tuple[LandmarkTable, Training]:
    """The matured landmarks of a training that has begun, after those that it has stored already; stores the others.

    After a stop it goes on behind the last page of leads that was stored. Returns how far the training is, too.
    """
    store = runtime.prediction.trainings
    end = LogCursor.parse(training.position, runtime.capture.log.partitions)
    reading = _Reading(runtime, goal, rulebook, training.known_at, end)
    reading.after, reading.leads, reading.one_in = training.after, training.leads, training.one_in
    async for kept in store.slices(training):
        reading.add([one for one in kept if is_sampled(one.lead_id, one.at, reading.one_in)])
        await asyncio.sleep(0)
    while page := await runtime.capture.events.lead_ids_after(reading.after):
        slices = training.slices
        async for landmarks in reading.page(page):
            reading.add(landmarks)
            slices += 1
            await store.add_slice(goal.name, slices, landmarks)
        training = replace(
            training,
            after=reading.after,
            slices=slices,
            leads=reading.leads,
            landmarks=len(reading.table),
            one_in=reading.one_in,
        )
        await store.advance(training)
        on_progress(reading.leads, len(reading.table))
    return reading.table.complete(), training


class _Reading:
    """A pass over the leads: the landmarks so far, and the sample of one in so many that they are."""

    def __init__(
        self,
        runtime: Runtime,
        goal: Goal,
        rulebook: CompiledRulebook,
        known_at: Millis,
        end: LogCursor,
    ) -> None:
        self._runtime, self._goal, self._rulebook = runtime, goal, rulebook
        self._known_at, self._end = known_at, end
        self.table, self.one_in, self.after, self.leads = LandmarkTable(), 1, "", 0

    def add(self, landmarks: Sequence[Landmark]) -> None:
        """Add rows to the table; of more than it may hold, it keeps the half that the next smaller sample is."""
        for landmark in landmarks:
            self.table.add(landmark)
        while len(self.table) > MOST_LANDMARKS:
            self.one_in *= 2
            self.table = self.table.thinned(self.one_in)

    async def page(self, page: Sequence[str]) -> AsyncIterator[list[Landmark]]:
        """The landmarks of the next leads, some at a time; without those of people who were erased."""
        runtime, found = self._runtime, list[Landmark]()
        merged = (await runtime.identity.streams.membership(page)).lead_of
        wanted = [one for one in page if merged.get(one, one) == one]
        events = await runtime.capture.events.of_leads(wanted)
        keys = await runtime.privacy.keys.ids({one.stream_id for stored in events.values() for one in stored})
        for number, (lead_id, stored) in enumerate(events.items()):
            if number % _LEADS_PER_TURN == 0:
                await asyncio.sleep(0)
            known = [one for one in stored if self._end.includes(one.position)]
            if known and not _is_erased(known, keys):
                arrivals = await arrivals_of(runtime, lead_id, known)
                found += landmarks_of(arrivals, self._rulebook, self._goal, self._known_at, self.one_in)
            if len(found) >= _PER_SLICE:
                yield found
                found = []
        if found:
            yield found
        self.after, self.leads = page[-1], self.leads + len(wanted)


def _is_erased(stored: Sequence[StoredEvent], keys: Mapping[str, str]) -> bool:
    """Whether an event was encrypted with a key that has been destroyed; `keys` are the ids of those that there are."""
    used = {(one.stream_id, key_id_of(str(one.raw.get("bodyHash", "")))) for one in stored}
    return any(key_id and keys.get(stream) != key_id for stream, key_id in used)


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
