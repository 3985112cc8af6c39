"""A work loop takes what is due soon after it is due, keeps room for every key and kind, and survives its store."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from pymongo.errors import AutoReconnect
from structlog.contextvars import get_contextvars

from domain.instant import HOUR, SECOND
from engine.process import clock as real_clock
from engine.work import loop as module
from engine.work.loop import WorkLoop
from engine.work.outcome import Outcome
from tests.sweeps import sweep
from tests.workflows.work.conftest import KINDS
from workflows.webhooks.deliver import PER_ENDPOINT


async def until(condition, seconds=25):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


class Gate:
    """Effects wait here until it is opened; `waiting` counts them by their unit."""

    def __init__(self) -> None:
        self.waiting: set[str] = set()
        self._open = asyncio.Event()

    async def __call__(self, unit) -> None:
        self.waiting.add(unit.unit_id)
        try:
            await self._open.wait()
        finally:
            self.waiting.discard(unit.unit_id)

    def open(self) -> None:
        self._open.set()


@pytest.fixture(params=sweep([(one,) for one in KINDS], lambda kind: kind == "webhook"))
def subject(request, subject_of):
    """Each kind in turn: one whose units share receivers and one of the others, and all of them in the sweep."""
    return subject_of(request.param)


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch):
    monkeypatch.setattr(module, "_GRACE_SECONDS", 0.2)


@pytest.fixture
def working():
    """Run the loop of a subject in the background: `async with working(subject) as loop`."""

    @contextlib.asynccontextmanager
    async def working(subject, **given):
        loop = WorkLoop(given.pop("kind", subject.kind), given.pop("now", subject.clock), **given)
        async with loop.running():
            yield loop

    return working


def done(subject, *unit_ids):
    return all(subject.effect.calls[one] for one in unit_ids)


# --- When ---


async def test_a_woken_loop_takes_new_units_without_polling(subject, working):
    async with working(subject, poll_seconds=3600) as loop:
        await asyncio.sleep(0.1)  # it sleeps by now
        unit_ids = await subject.add(3)
        loop.wake()
        await until(lambda: done(subject, *unit_ids))


async def test_without_a_wake_up_new_units_are_found_by_polling(subject, working):
    async with working(subject, poll_seconds=0.1):
        await asyncio.sleep(0.2)
        unit_ids = await subject.add()
        await until(lambda: done(subject, *unit_ids))


async def test_a_unit_is_taken_at_its_due_time_though_the_poll_comes_later(subject, working):
    """The loop sleeps until the moment at which the next unit is due."""
    subject.clock.at = real_clock.now() + 700
    unit_ids = await subject.add()
    async with working(subject, poll_seconds=30, now=real_clock.now):
        await until(lambda: done(subject, *unit_ids))
        assert subject.clock.at <= real_clock.now() < subject.clock.at + 20_000


async def test_what_is_due_in_an_hour_is_not_read_until_then(subject, working, monkeypatch):
    subject.clock.at += HOUR
    await subject.add(5)
    subject.clock.at -= HOUR
    found = []
    soonest = subject.store.soonest

    async def watched(*given):
        found.append(await soonest(*given))
        return found[-1]

    monkeypatch.setattr(subject.store, "soonest", watched)
    async with working(subject, poll_seconds=0.05):
        await until(lambda: len(found) > 3)
    assert not any(found)


async def test_a_failed_unit_is_tried_again_when_its_pause_is_over(subject, working):
    async def fail_once(unit):
        if unit.tries == 1:
            raise OSError("the line is busy")

    subject.effect.before = fail_once
    kind = subject.with_policy(backoff=lambda tries, share: 300)
    unit_ids = await subject.add()
    subject.clock.at = real_clock.now()
    async with working(subject, kind=kind, poll_seconds=30, now=real_clock.now):
        await until(lambda: subject.effect.calls[unit_ids[0]] == 2)


# --- How many ---


async def test_no_more_units_are_under_way_than_the_policy_allows(subject, working):
    gate = subject.effect.before = Gate()
    concurrency = subject.kind.policy.concurrency
    await subject.add(2 * concurrency)
    async with working(subject) as loop:
        await until(lambda: len(gate.waiting) == concurrency)
        loop.wake()
        await asyncio.sleep(0.1)
        assert len(gate.waiting) == concurrency
        gate.open()
        await until(lambda: loop.settled["done"] == 2 * concurrency)


async def test_a_receiver_that_hangs_takes_no_more_than_its_share(subject_of, working):
    subject = subject_of("webhook")
    gate = Gate()

    async def hang_for_some(unit):
        if unit.endpoint_id == "hanging":
            await gate(unit)

    subject.effect.before = hang_for_some
    await subject.add(40, key="hanging")
    subject.clock.at += 1  # the others are the last in the queue
    others = await subject.add(3)
    async with working(subject):
        await until(lambda: done(subject, *others))
        assert len(gate.waiting) == PER_ENDPOINT


async def test_of_one_receiver_all_are_sent_one_after_the_other(subject_of):
    subject = subject_of("webhook")
    await subject.add(50, key="only")
    assert await WorkLoop(subject.kind, subject.clock).drain() == 50


@pytest.mark.parametrize(("crowd", "other"), [("automation", "webhook"), ("webhook", "automation")])
async def test_thousands_of_due_units_of_one_kind_hold_up_no_other_kind(subject_of, working, crowd, other):
    crowded, lonely = subject_of(crowd), subject_of(other)
    gate = crowded.effect.before = Gate()
    await crowded.add(2000)
    crowded.clock.at += SECOND
    (unit_id,) = await lonely.add()
    async with working(crowded), working(lonely):
        await until(lambda: done(lonely, unit_id))
        await until(lambda: len(gate.waiting) == crowded.kind.policy.concurrency)
    assert await crowded.store.count("waiting") == 2000


async def test_several_loops_share_the_work_and_no_unit_is_performed_twice(subject):
    unit_ids = await subject.add(100)
    begun = await asyncio.gather(*(WorkLoop(subject.kind, subject.clock).drain() for _ in range(4)))
    assert sum(begun) == 100
    assert subject.effect.calls == dict.fromkeys(unit_ids, 1)


# --- Whatever goes wrong ---


async def test_what_is_cut_off_when_the_loop_stops_is_due_again_at_once(subject, working):
    subject.effect.before = Gate()
    unit_ids = await subject.add()
    async with working(subject):
        await until(lambda: done(subject, *unit_ids))
    subject.effect.before = None
    assert await WorkLoop(subject.kind, subject.clock).drain() == 1
    assert [one.outcome for one in (await subject.store.get(unit_ids[0])).attempts] == [None, "done"]


async def test_what_ends_in_time_when_the_loop_stops_is_done(subject, working, monkeypatch):
    monkeypatch.setattr(module, "_GRACE_SECONDS", 10)
    gate = subject.effect.before = Gate()
    unit_ids = await subject.add()
    async with working(subject):
        await until(lambda: done(subject, *unit_ids))
        asyncio.get_running_loop().call_later(0.1, gate.open)
    assert (await subject.store.get(unit_ids[0])).state == "done"


async def test_an_effect_that_outlives_its_lease_is_a_failed_attempt(subject):
    subject.effect.before = Gate()
    unit_ids = await subject.add()
    assert await WorkLoop(subject.with_policy(lease=200), subject.clock).drain() == 1
    (attempt,) = (await subject.store.get(unit_ids[0])).attempts
    assert (attempt.outcome, attempt.detail) == ("failed", "no result within 0.2 seconds")


async def test_an_end_that_could_not_be_stored_is_attempted_again_when_the_lease_is_over(
    subject, monkeypatch, caplog
):
    async def fail(*_):
        raise AutoReconnect("the store is away")

    unit_ids = await subject.add()
    with monkeypatch.context() as away:
        away.setattr(subject.store, "finish", fail)
        assert await WorkLoop(subject.kind, subject.clock).drain() == 1
    assert "is attempted again" in caplog.text
    subject.wait_for_the_lease()
    assert await WorkLoop(subject.kind, subject.clock).drain() == 1
    assert (await subject.store.get(unit_ids[0])).state == "done"


async def test_a_loop_survives_a_store_that_is_away(subject, working, monkeypatch, caplog):
    async def fail(*_):
        raise AutoReconnect("the store is away")

    unit_ids = await subject.add()
    with monkeypatch.context() as away:
        away.setattr(subject.store, "soonest", fail)
        async with working(subject, poll_seconds=0.05):
            await until(lambda: "the store is away" in caplog.text)
            away.undo()
            await until(lambda: done(subject, *unit_ids))


async def test_a_pass_that_hangs_is_abandoned_and_the_next_one_works(subject, working, monkeypatch, caplog):
    hung, over = asyncio.Event(), asyncio.Event()
    soonest = subject.store.soonest

    async def hang_once(*given):
        if not hung.is_set():
            hung.set()
            while not over.is_set():  # it does not end when it is cancelled, as in a driver that drops that
                with contextlib.suppress(asyncio.CancelledError):
                    await over.wait()
        return await soonest(*given)

    monkeypatch.setattr(subject.store, "soonest", hang_once)
    monkeypatch.setattr("engine.process.tasks._RETRY_SECONDS", 0.05)
    unit_ids = await subject.add()
    passes = []

    async def completed():
        passes.append(1)

    async with working(subject, poll_seconds=0.05, max_pass_seconds=0.1, on_pass=completed):
        await hung.wait()
        assert not passes, "a pass that hangs has not completed"
        await until(lambda: done(subject, *unit_ids) and passes)
    over.set()
    assert "hung and was abandoned" in caplog.text


async def test_a_dead_unit_is_an_error_in_the_log(subject, caplog):
    unit_ids = await subject.add()
    subject.effect.outcome = Outcome(verdict="dead", detail="nobody lives here")
    await WorkLoop(subject.kind, subject.clock).drain()
    (record,) = [one for one in caplog.records if one.levelname == "ERROR"]
    assert record.message.endswith(f"{unit_ids[0]} is dead after 1 attempts: nobody lives here")


async def test_all_that_is_logged_during_an_attempt_carries_the_ids_of_the_unit(subject):
    context = {}

    async def look(_):
        context.update(get_contextvars())

    unit_ids = await subject.add()
    subject.effect.before = look
    await WorkLoop(subject.kind, subject.clock).drain()
    assert unit_ids[0] in context.values()
