"""Shares of a pass on workers report together what one process does, whoever is killed, and end when they are stopped."""

from __future__ import annotations

import pytest

from domain.errors import NotFound
from domain.instant import DAY
from engine.passes.report import PassReport
from engine.passes.share_store import PassShareStore
from engine.work.attempt import attempt
from workflows.decay import decay as decay_module
from workflows.decay.decay import apply_decay
from workflows.passes import perform, progress
from workflows.passes.control import KEPT, list_passes, read_pass, start_pass, stop_pass
from workflows.passes.replay_share import summary_of
from workflows.replay import replay as module
from workflows.replay.replay import replay
from workflows.work.loops import drain

LEADS = [f"lead-{number:02}" for number in range(24)]


class Killed(BaseException):
    """The worker dies here."""


@pytest.fixture
async def populated(runtime, send, apply, monkeypatch):
    """Leads of which few are worked through at a time, each time with a saved mark."""
    monkeypatch.setattr(module, "_LEADS_AT_A_TIME", 3)
    monkeypatch.setattr(progress, "_SAVE_SECONDS", 0.0)
    for lead in LEADS:
        await send(lead, "page_view", "signup")
    await apply(*LEADS)


@pytest.fixture
def kind(runtime):
    return perform.pass_kind(runtime)


@pytest.fixture
def claim(kind, clock):
    async def claim(unit_id):
        return next(iter(await kind.store.claim([unit_id], clock.at, kind.policy.lease)), None)

    return claim


async def whole(runtime, mode="verify"):
    return PassReport.sum_of([summary_of(await replay(runtime, mode))])


async def test_shares_find_together_what_one_process_does(runtime, populated, tamper):
    await tamper("activities", 99, "lead-03")
    one = await start_pass(runtime, "verify")
    assert len(one.shares) == 2
    await drain(runtime)
    one = await read_pass(runtime, one.pass_id)
    assert one.is_over
    assert all(share.report["leads"] for share in one.shares)
    assert one.report == await whole(runtime)
    assert one.report.drifted == ("lead-03",)


async def test_a_share_has_its_turn_in_slices_and_counts_each_lead_once(
    runtime, populated, kind, claim, clock
):
    one = await start_pass(runtime.with_settings(pass_shares=1), "verify")
    unit_id, slices = one.shares[0].unit_id, 0
    while (unit := await claim(unit_id)) is not None:
        outcome = await perform.perform_share(runtime, unit, seconds=0)
        assert outcome.verdict == "later"
        assert await kind.store.postpone(unit, outcome.detail, clock.at)
        slices += 1
        if slices == len(LEADS) // 3:
            break
    await drain(runtime)
    one = await read_pass(runtime, one.pass_id)
    assert one.report == await whole(runtime)
    assert slices == 8


async def test_a_rebuild_corrects_every_lead_and_keeps_nothing_for_the_next_one(runtime, populated, tamper):
    await tamper("rulebook", "older@1")
    one = await start_pass(runtime, "rebuild")
    await drain(runtime)
    assert (await read_pass(runtime, one.pass_id)).report["rebuilt"] == len(LEADS)
    assert (await whole(runtime))["drifted"] == 0
    assert await runtime.store.database["checkpoints"].count_documents({"_id": {"$regex": "^replay:"}}) == 0


async def test_the_share_of_a_killed_worker_is_taken_over_when_its_lease_ends(
    runtime, populated, claim, clock, monkeypatch
):
    one = await start_pass(runtime.with_settings(pass_shares=1), "verify")
    unit = await claim(one.shares[0].unit_id)
    save = PassShareStore.save

    async def die(self, unit, after, report):
        saved = await save(self, unit, after, report)
        if report["leads"] == 9:
            raise Killed
        return saved

    with monkeypatch.context() as dying:
        dying.setattr(PassShareStore, "save", die)
        with pytest.raises(Killed):
            await perform.perform_share(runtime, unit)
    assert await claim(unit.unit_id) is None, "it is leased"
    clock.at += perform.pass_kind(runtime).policy.lease
    await drain(runtime)
    one = await read_pass(runtime, one.pass_id)
    assert one.report == await whole(runtime)


async def test_a_worker_that_wakes_up_too_late_changes_nothing(runtime, populated, kind, claim, clock):
    one = await start_pass(runtime.with_settings(pass_shares=1), "verify")
    late = await claim(one.shares[0].unit_id)
    clock.at += kind.policy.lease
    await drain(runtime)
    done = await read_pass(runtime, one.pass_id)
    assert await attempt(kind, late, clock) is None
    assert await read_pass(runtime, one.pass_id) == done


async def test_a_pass_is_stopped_though_a_share_is_under_way(runtime, populated, kind, claim, clock):
    one = await start_pass(runtime, "verify")
    unit = await claim(one.shares[0].unit_id)
    stopped = await stop_pass(runtime, one.pass_id)
    assert (stopped.is_over, stopped.is_stopped) == (True, True)
    assert await attempt(kind, unit, clock) is None
    assert await drain(runtime) == 0
    assert (await read_pass(runtime, one.pass_id)).report["leads"] == 0


async def test_stopping_or_reading_a_pass_that_is_not_there_says_so(runtime):
    for call in (read_pass, stop_pass):
        with pytest.raises(NotFound, match="no-such"):
            await call(runtime, "no-such")


async def test_a_decay_pass_in_slices_records_each_change_once(runtime, populated, claim, clock, monkeypatch):
    monkeypatch.setattr(decay_module, "_BATCH", 3)
    clock.at += 40 * DAY
    one = await start_pass(runtime, "decay")
    for share in one.shares:
        unit = await claim(share.unit_id)
        outcome = await perform.perform_share(runtime, unit, seconds=0)
        assert outcome.verdict == "later"
        assert await runtime.passes.shares.postpone(unit, outcome.detail, clock.at)
    some = (await read_pass(runtime, one.pass_id)).report
    assert 0 < some["leads"] < len(LEADS)
    await drain(runtime)
    found = (await read_pass(runtime, one.pass_id)).report
    events = await runtime.store.database["events"].count_documents({"type": "score.decayed"})
    assert found["leads"] == len(LEADS)
    assert found["written"] == events > 0
    assert found["already"] == 0
    assert (await apply_decay(runtime, clock.at)).written == 0


async def test_a_second_start_finds_the_pass_that_is_under_way(runtime, populated):
    one = await start_pass(runtime, "verify")
    assert (await start_pass(runtime, "verify")).pass_id == one.pass_id
    assert (await start_pass(runtime, "rebuild")).pass_id != one.pass_id
    await drain(runtime)
    assert (await start_pass(runtime, "verify")).pass_id != one.pass_id


async def test_old_passes_make_room_and_one_that_is_not_over_stays(runtime, clock):
    first = await start_pass(runtime, "rebuild")
    for _ in range(KEPT + 3):
        clock.at += 1
        one = await start_pass(runtime, "verify")
        await stop_pass(runtime, one.pass_id)
    kept = [one.pass_id for one in await list_passes(runtime)]
    assert len(kept) == KEPT + 1
    assert kept[0] == one.pass_id
    assert kept[-1] == first.pass_id


async def test_of_an_error_its_kind_is_stored_and_not_what_it_quotes(runtime, populated, monkeypatch):
    honest = module.refold

    def explode(state, events, rulebook):
        if state.lead_id == "lead-07":
            raise ValueError("ada@example.com is no number")
        return honest(state, events, rulebook)

    monkeypatch.setattr(module, "refold", explode)
    one = await start_pass(runtime, "verify")
    await drain(runtime)
    one = await read_pass(runtime, one.pass_id)
    assert one.report.failed == {"lead-07": "ValueError"}
    assert one.report["failed"] == 1
    stored = [str(doc) async for doc in runtime.store.database["passShares"].find()]
    assert not any("ada@" in doc for doc in stored)


async def test_a_share_that_fails_again_and_again_is_given_up_with_the_reason(
    runtime, populated, clock, monkeypatch
):
    async def fail(*_, **__):
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr("workflows.passes.replay_share.replay", fail)
    one = await start_pass(runtime.with_settings(pass_shares=1), "verify")
    while not (one := await read_pass(runtime, one.pass_id)).is_over:
        assert await drain(runtime), "it is attempted again"
        clock.at += 60_000
    assert one.dead == {f"{one.pass_id}:1": "RuntimeError: the disk is on fire"}
