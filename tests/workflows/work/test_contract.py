"""One contract for every kind of due work: at least once, one at a time, with one idempotency key, to an end."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from msgspec import structs

from domain.errors import Conflict, NotFound
from domain.instant import DAY, HOUR
from engine.work.outcome import Outcome, Settlement
from engine.work.store import MAX_ATTEMPTS

FAILED = Outcome(verdict="failed", detail="the line is busy")


class Killed(BaseException):
    """The worker dies here."""


async def outcomes(subject, unit_id):
    return [one.outcome for one in (await subject.store.get(unit_id)).attempts]


# --- Crash points ---


async def test_a_worker_that_dies_before_the_effect_leaves_the_unit_to_the_next_one(subject):
    (unit_id,) = await subject.add()
    assert await subject.claim(unit_id)
    assert not await subject.attempt(unit_id), "it is leased"
    subject.wait_for_the_lease()
    assert await subject.attempt(unit_id)
    assert subject.effect.calls == {unit_id: 1}
    assert await outcomes(subject, unit_id) == [None, "done"]


async def test_a_worker_that_dies_after_the_effect_repeats_it_under_the_same_key(subject, monkeypatch):
    (unit_id,) = await subject.add()

    async def die(*_):
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(subject.store, "finish", die)
        with pytest.raises(Killed):
            await subject.attempt(unit_id)
    assert not await subject.attempt(unit_id)
    subject.wait_for_the_lease()
    assert await subject.attempt(unit_id)
    assert subject.effect.calls == {unit_id: 2}, "two calls, one idempotency key"
    assert (await subject.store.get(unit_id)).state == "done"


async def test_a_worker_that_dies_after_the_end_is_stored_repeats_nothing(subject, monkeypatch):
    (unit_id,) = await subject.add()
    finish = subject.store.finish

    async def finish_and_die(*given):
        await finish(*given)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(subject.store, "finish", finish_and_die)
        with pytest.raises(Killed):
            await subject.attempt(unit_id)
    subject.wait_for_the_lease()
    assert not await subject.attempt(unit_id)
    assert subject.effect.calls == {unit_id: 1}


async def test_a_unit_that_kills_every_worker_ends_dead_without_a_further_call(subject):
    (unit_id,) = await subject.add()
    for _ in range(subject.kind.policy.attempts):
        assert await subject.claim(unit_id)
        subject.wait_for_the_lease()
    assert await subject.attempt(unit_id)
    unit = await subject.store.get(unit_id)
    assert (unit.state, unit.attempts[-1].detail) == ("dead", "every attempt ended without a result")
    assert not subject.effect.calls
    subject.clock.at += 30 * DAY
    assert not await subject.attempt(unit_id)


# --- One at a time ---


async def test_of_many_workers_that_want_the_same_units_each_unit_has_one(subject):
    unit_ids = await subject.add(20)
    claims = await asyncio.gather(*(subject.claim(*unit_ids) for _ in range(8)))
    claimed = [unit.unit_id for claim in claims for unit in claim]
    assert sorted(claimed) == sorted(unit_ids)


async def test_an_attempt_that_was_overtaken_changes_nothing(subject):
    (unit_id,) = await subject.add()
    (overtaken,) = await subject.claim(unit_id)
    subject.wait_for_the_lease()
    (newer,) = await subject.claim(unit_id)
    assert not await subject.store.finish(overtaken, FAILED, Settlement("dead", subject.clock.at))
    await subject.store.release(overtaken, subject.clock.at)
    assert not await subject.attempt(unit_id), "the lease of the newer attempt stands"
    assert await subject.store.finish(newer, Outcome(verdict="done"), Settlement("done", subject.clock.at))
    assert await outcomes(subject, unit_id) == [None, "done"]


async def test_a_released_unit_is_due_at_once_and_its_attempt_counts(subject):
    (unit_id,) = await subject.add()
    (unit,) = await subject.claim(unit_id)
    await subject.store.release(unit, subject.clock.at)
    assert await subject.attempt(unit_id)
    assert await outcomes(subject, unit_id) == [None, "done"]


# --- When it is due ---


async def test_a_unit_is_due_at_its_time_and_not_before(subject):
    (unit_id,) = await subject.add()
    subject.clock.at -= 1
    assert not await subject.attempt(unit_id)
    assert await subject.store.soonest(subject.clock.at, 10) == []
    assert [one.unit_id for one in await subject.store.soonest(subject.clock.at + 1, 10)] == [unit_id]
    subject.clock.at += 1
    assert await subject.attempt(unit_id)


async def test_a_failed_attempt_is_due_again_after_the_back_off_and_the_last_one_is_the_end(subject):
    (unit_id,) = await subject.add()
    subject.effect.outcome = FAILED
    policy = subject.kind.policy
    for tries in range(1, policy.attempts):
        assert await subject.attempt(unit_id)
        unit = await subject.store.get(unit_id)
        assert (unit.state, unit.attempts[-1].detail) == ("retrying", "the line is busy")
        shortest, longest = policy.backoff(tries, 0), policy.backoff(tries, 1)
        assert shortest <= unit.due_at - subject.clock.at <= longest
        subject.clock.at = unit.due_at - 1
        assert not await subject.attempt(unit_id)
        subject.clock.at += 1
    assert await subject.attempt(unit_id)
    assert (await subject.store.get(unit_id)).state == "dead"
    assert subject.effect.calls == {unit_id: policy.attempts}


async def test_an_attempt_that_asks_for_more_time_gets_it(subject):
    (unit_id,) = await subject.add()
    later = subject.clock.at + 12 * HOUR
    subject.effect.outcome = Outcome(verdict="failed", not_before=later)
    await subject.attempt(unit_id)
    assert (await subject.store.get(unit_id)).due_at == later


async def test_whatever_an_effect_raises_is_a_failed_attempt(subject):
    async def fail(_):
        raise ZeroDivisionError("how so")

    (unit_id,) = await subject.add()
    subject.effect.before = fail
    await subject.attempt(unit_id)
    (one,) = (await subject.store.get(unit_id)).attempts
    assert (one.outcome, one.detail) == ("failed", "ZeroDivisionError: how so")


async def test_an_effect_that_cannot_succeed_ends_dead_at_once(subject):
    (unit_id,) = await subject.add()
    subject.effect.outcome = Outcome(verdict="dead", detail="nobody lives here")
    await subject.attempt(unit_id)
    unit = await subject.store.get(unit_id)
    assert (unit.state, unit.attempts[-1].detail) == ("dead", "nobody lives here")


# --- What a person does ---


async def test_a_held_unit_waits_and_goes_on_where_it_was(subject):
    (unit_id,) = await subject.add()
    subject.effect.outcome = FAILED
    await subject.attempt(unit_id)
    held = await subject.store.hold(unit_id, "the contract ended", subject.clock.at)
    assert (held.state, held.held_because) == ("held", "the contract ended")
    subject.clock.at += 30 * DAY
    assert not await subject.attempt(unit_id)
    assert await subject.store.soonest(subject.clock.at, 10) == []
    resumed = await subject.store.resume(unit_id)
    assert (resumed.state, resumed.tries, resumed.held_because) == ("retrying", 1, "")
    assert await subject.attempt(unit_id)


async def test_only_what_waits_is_held_and_only_what_is_held_resumed(subject):
    (unit_id,) = await subject.add()
    with pytest.raises(Conflict, match="not held"):
        await subject.store.resume(unit_id)
    await subject.claim(unit_id)
    with pytest.raises(Conflict, match="under way"):
        await subject.store.hold(unit_id, "why", subject.clock.at)
    for act in (subject.store.resume, lambda one: subject.store.hold(one, "why", subject.clock.at)):
        with pytest.raises(NotFound):
            await act("nothing")


async def test_a_dead_unit_that_is_restarted_has_all_its_attempts_again(subject):
    (unit_id,) = await subject.add()
    subject.effect.outcome = Outcome(verdict="dead")
    await subject.attempt(unit_id)
    restarted = await subject.store.restart(unit_id, subject.clock.at)
    assert (restarted.state, restarted.tries, len(restarted.attempts)) == ("waiting", 0, 1)
    subject.effect.outcome = FAILED
    await subject.attempt(unit_id)
    unit = await subject.store.get(unit_id)
    assert (unit.state, unit.tries, len(unit.attempts)) == ("retrying", 1, 2)


async def test_what_is_under_way_or_was_attempted_too_often_is_not_restarted(subject):
    (unit_id,) = await subject.add()
    await subject.claim(unit_id)
    with pytest.raises(Conflict, match="under way"):
        await subject.store.restart(unit_id, subject.clock.at)
    for _ in range(MAX_ATTEMPTS - 1):
        subject.wait_for_the_lease()
        await subject.claim(unit_id)
    subject.wait_for_the_lease()
    with pytest.raises(Conflict, match="100 times"):
        await subject.store.restart(unit_id, subject.clock.at)


async def test_a_document_that_cannot_be_read_ends_dead_and_its_batch_goes_on(subject, caplog):
    broken, whole = await subject.add(2)
    await units_of(subject).update_one({"_id": broken}, {"$unset": {"createdAt": ""}})
    assert [unit.unit_id for unit in await subject.claim(broken, whole)] == [whole]
    assert f"{broken} cannot be read" in caplog.text
    subject.wait_for_the_lease()
    assert not await subject.claim(broken)
    assert [unit.unit_id for unit in await subject.store.by_due_time(None, None, 10)] == [whole]


async def test_a_page_behind_another_over_all_states_is_in_order_and_sorted_by_the_index(subject):
    ids = await subject.add(6)
    for one in ids[::2]:
        await subject.store.hold(one, "a test", subject.clock.at)
    database, seen, after = subject.runtime.store.database, [], None
    await database.command({"profile": 2})
    while page := await subject.store.by_due_time(None, after, 2):
        seen += [unit.unit_id for unit in page]
        after = page[-1].due_at, page[-1].unit_id
    await database.command({"profile": 0})
    entries = await database["system.profile"].find({"op": "query"}).to_list()
    await database["system.profile"].drop()
    assert seen == sorted(ids)
    assert entries
    assert not [one for one in entries if one.get("hasSortStage")]


def units_of(subject):
    names = {
        "automation": "automationExecutions",
        "webhook": "webhookDeliveries",
        "message": "messages",
        "sequence": "enrolments",
        "reply": "replyReadings",
        "campaign": "campaignJobs",
        "routing": "routingRequests",
        "first-touch": "firstTouches",
        "hand-over": "handOvers",
        "import": "imports",
        "pass-share": "passShares",
    }
    return subject.runtime.store.database[names[subject.kind.name]]


# --- Controls: each planted fault breaks the promise beside it ---


def _without_leases(store):
    """Any worker may claim any unit, for its lease always seems to be over."""
    claim, calls = store.claim, itertools.count()

    async def claim_anyway(unit_ids, at, lease):
        return await claim(unit_ids, at + 2 * next(calls) * lease, lease)

    store.claim = claim_anyway


def _without_fencing(store):
    """An attempt that was overtaken ends the newer one."""
    finish = store.finish

    async def finish_newest(unit, *how):
        return await finish(await store.get(unit.unit_id), *how)

    store.finish = finish_newest


def _without_a_key(store):
    """Every attempt has an id of its own."""
    claim = store.claim

    async def claim_under_new_names(*given):
        claimed = await claim(*given)
        return [structs.replace(one, unit_id=f"{one.unit_id} {one.tries}") for one in claimed]

    store.claim = claim_under_new_names


def _without_a_last_attempt(store):
    """Tries are not counted."""
    claim = store.claim

    async def claim_for_the_first_time(*given):
        return [structs.replace(one, tries=1) for one in await claim(*given)]

    store.claim = claim_for_the_first_time


@pytest.mark.parametrize(
    ("plant", "promise"),
    [
        (_without_leases, test_a_worker_that_dies_before_the_effect_leaves_the_unit_to_the_next_one),
        (_without_fencing, test_an_attempt_that_was_overtaken_changes_nothing),
        (_without_a_key, test_a_worker_that_dies_before_the_effect_leaves_the_unit_to_the_next_one),
        (_without_a_last_attempt, test_a_unit_that_kills_every_worker_ends_dead_without_a_further_call),
    ],
)
async def test_control_a_planted_fault_breaks_its_promise(subject, plant, promise):
    plant(subject.store)
    with pytest.raises(AssertionError):
        await promise(subject)
