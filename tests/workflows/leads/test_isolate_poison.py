"""A lead that kills its worker is found among the many that the worker was at, and quarantined."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pymongo.read_concern import ReadConcern

from domain.leads.fold import fold
from engine.operations.in_flight import InFlight
from engine.runtime import open_runtime
from workflows.leads.isolate_poison import isolate_poison_leads, suspect_leads_of_dead_workers

LEADS = [f"lead-{n}" for n in range(10)]
LONGER_THAN_A_WORKER_MAY_BE_SILENT = timedelta(seconds=2.5)


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"worker_heartbeat_seconds": 2})


class Death(BaseException):
    """Ends a worker in the middle of what it does."""


@pytest.fixture
def worker_dies_at(runtime, monkeypatch):
    """A worker that dies when it folds this lead: `await worker_dies_at("killer", leads)`; whether it died."""

    async def worker_dies_at(killer: str, lead_ids: list[str]) -> bool:
        worker, right = InFlight(runtime.store.database, "a worker", 0.0), fold

        def deadly(state, events, rulebook):
            if state.lead_id == killer:
                monkeypatch.setattr(worker, "_record", _nothing)  # the dead take nothing back
                raise Death
            return right(state, events, rulebook)

        monkeypatch.setattr("workflows.leads.fold_arrived.fold", deadly)
        await worker._beat()
        try:
            await isolate_poison_leads(_as(worker, runtime), lead_ids)
        except Death:
            return True
        await worker._records.delete_one({"_id": "a worker"})
        return False

    return worker_dies_at


@pytest.fixture
def successor(runtime):
    """A worker that takes another one for dead as soon as it is silent."""
    return _as(InFlight(runtime.store.database, "its successor", 0.0), runtime)


def _as(worker: InFlight, runtime):
    return replace(runtime, operations=replace(runtime.operations, in_flight=worker))


async def _nothing(_: object) -> None:
    return


async def test_of_ten_leads_the_one_that_kills_its_worker_is_quarantined_and_nine_are_applied(
    runtime, send, worker_dies_at, successor
):
    for lead in LEADS:
        await send(lead, "signup")
    for _ in range(1 + runtime.settings.fold_attempts):
        assert await worker_dies_at("lead-7", LEADS)
        await asyncio.sleep(0.01)
        await suspect_leads_of_dead_workers(successor)
    assert not await worker_dies_at("lead-7", LEADS)
    (letter,) = await runtime.operations.dead_letters.page(None, None, 100)
    assert (letter.lead_id, letter.attempts, letter.state) == ("lead-7", 3, "quarantined")
    assert "worker died" in letter.reason
    assert set(await runtime.leads.states.positions(LEADS)) == set(LEADS) - {"lead-7"}


async def test_leads_whose_worker_was_killed_from_outside_are_cleared_when_they_come_through(
    runtime, send, worker_dies_at, successor
):
    for lead in LEADS:
        await send(lead, "signup")
    assert await worker_dies_at("lead-3", LEADS)
    await asyncio.sleep(0.01)
    assert await suspect_leads_of_dead_workers(successor) == 10
    assert await runtime.operations.dead_letters.suspects(LEADS) == set(LEADS)
    assert not await worker_dies_at("nobody", LEADS)
    assert await runtime.operations.dead_letters.page(None, None, 100) == []
    assert await runtime.operations.dead_letters.suspects(LEADS) == set()


async def test_a_worker_that_lives_or_ended_in_peace_leaves_nothing_to_suspect(runtime, settings):
    async with (
        open_runtime(settings, work_queue=runtime.work_queue) as worker,
        worker.operations.in_flight.heartbeat(),
        worker.operations.in_flight.track(["ada"]),
    ):
        heard: list[datetime] = []
        async with asyncio.timeout(60):
            while not heard or heard[-1] - heard[0] < LONGER_THAN_A_WORKER_MAY_BE_SILENT:
                heard += await runtime.store.database["underWay"].distinct("heardOf")
                await asyncio.sleep(0.05)
        watcher = _as(InFlight(runtime.store.database, "a watcher", 60.0), runtime)
        assert await suspect_leads_of_dead_workers(watcher) == 0
    async with asyncio.timeout(60):
        while await runtime.store.database["underWay"].count_documents({}):
            await asyncio.sleep(0.01)


async def test_a_worker_says_that_it_is_done_with_the_next_note_or_heartbeat(runtime):
    worker = InFlight(runtime.store.database, "a worker", 2.0)
    await worker._beat()
    async with worker.track(["ada"]):
        pass
    async with worker.track(["bob"]):
        assert await _noted(runtime) == [["bob"]]
    assert await _noted(runtime) == [["bob"]]
    await worker._beat()
    assert await _noted(runtime) == []
    async with worker.track_exclusively("cid"):
        assert await _noted(runtime) == [["cid"]]
    assert await _noted(runtime) == []


async def _noted(runtime) -> list[list[str]]:
    notes = runtime.store.database["underWay"].with_options(read_concern=ReadConcern("local"))
    (note,) = await notes.find().to_list()
    return list(note.get("leads", {}).values())


async def test_the_notes_of_a_dead_worker_are_taken_over_by_one_only(runtime):
    dead = InFlight(runtime.store.database, "dead", 0.0)
    await dead._beat()
    await dead._record({"leads.1": ["ada", "bob"], "leads.2": ["cid"]})
    await asyncio.sleep(0.01)
    others = [InFlight(runtime.store.database, name, 0.0) for name in ("one", "two")]
    found = await asyncio.gather(*(other.claim_of_dead_workers() for other in others))
    assert sorted(map(len, found)) == [0, 2]
