"""The decay job records what time has changed: once per change, as of its moment, and never anything wrong."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Invalid, Unavailable
from domain.instant import DAY, HOUR, MINUTE
from engine.runtime import open_runtime
from workflows.decay import decay as module
from workflows.decay.decay import apply_decay
from workflows.intelligence.intelligence import read_intelligence


@pytest.fixture
def silent(send, apply, clock):
    """So many leads that asked for a demo and were silent since, long enough to lose points: `await silent(7)`."""

    async def silent(number: int) -> None:
        leads = [f"lead-{n}" for n in range(number)]
        for lead in leads:
            await send(lead, "demo_request")
        await apply(*leads)
        clock.at += 8 * DAY

    return silent


async def counted(runtime) -> int:
    return await runtime.store.database["events"].count_documents({"type": "score.decayed"})


async def test_a_lead_that_time_has_changed_gets_an_event_and_a_row_per_change(
    runtime, send, apply, rows_of, clock
):
    await send("ada", "demo_request", "signup", "download")
    await apply("ada")
    sent = clock.at
    clock.at += 8 * DAY
    report = await apply_decay(runtime)
    assert (report.leads, report.written, report.already, report.refreshed) == (1, 2, 0, 1)
    await apply("ada")
    risk, fall = (await rows_of("ada"))[-2:]
    assert risk.event_id == f"time:ada:{sent + 3 * DAY + 1}"
    assert fall.event_id == f"time:ada:{sent + 7 * DAY + 1}"
    assert (fall.previous_score, fall.decay, fall.new_score) == pytest.approx((60, -12, 48))  # 60 x 0.8
    assert (fall.stage_before, fall.stage_after) == ("qualified", "hot")


async def test_a_second_run_writes_nothing(runtime, send, apply, clock):
    await send("ada", "demo_request")
    await apply("ada")
    clock.at += 4 * DAY
    assert (await apply_decay(runtime)).written == 1
    again = await apply_decay(runtime)  # before the first event was applied
    assert (again.written, again.already) == (0, 1)
    await apply("ada")
    later = await apply_decay(runtime)  # and after
    assert (later.written, later.already) == (0, 0)
    assert await counted(runtime) == 1


async def test_points_that_fade_without_a_change_are_refreshed_in_lists_without_an_event(
    runtime, send, apply, clock
):
    await send("ada", "demo_request", "signup", "download", "signup", "signup")
    await apply("ada")
    clock.at += 7 * DAY + HOUR
    await apply_decay(runtime)
    await apply("ada")
    events = await counted(runtime)
    clock.at += DAY
    report = await apply_decay(runtime)
    assert (report.written, report.refreshed, await counted(runtime)) == (0, 1, events)
    assert (await runtime.leads.lists.summary("ada")).score == pytest.approx(100 * 0.8**2)


async def test_a_lead_that_did_not_change_gets_no_event(runtime, send, apply, clock):
    await send("ada", "demo_request")
    await apply("ada")
    clock.at += 2 * DAY
    assert (await apply_decay(runtime)).written == 0


async def test_growing_silence_is_written_down_though_the_score_has_not_moved(
    runtime, send, apply, rows_of, clock
):
    await send("ada", "demo_request")
    await apply("ada")
    clock.at += 4 * DAY
    assert (await apply_decay(runtime)).written == 1
    await apply("ada")
    assert (await rows_of("ada"))[-1].decay == 0
    assert (await runtime.leads.states.get("ada")).assessment.risk == "medium"


async def test_the_score_is_the_same_whether_the_job_ran_every_day_or_never(
    runtime, send, apply, clock, tamper
):
    for lead in ("with", "without"):
        await send(lead, "demo_request", "signup")
    await apply("with", "without")
    start = clock.at
    for day in range(1, 15):
        clock.at = start + day * DAY + HOUR
        await tamper("rulebook", "hidden@1", "without")
        await apply_decay(runtime)
        await tamper("rulebook", "classic@2", "without")
        await apply("with")
    decayed, plain = [await read_intelligence(runtime, lead) for lead in ("with", "without")]
    assert await counted(runtime) > 3
    assert (decayed.score, decayed.stage, decayed.risk) == (plain.score, plain.stage, plain.risk)
    await send("with", "page_view")
    await send("without", "page_view")
    await apply("with", "without")
    one, two = [(await runtime.leads.states.get(lead)).assessment.score for lead in ("with", "without")]
    assert one == two


async def test_a_stopped_pass_goes_on_where_it_ended(runtime, silent, monkeypatch):
    for name, number in {"_BATCH": 2, "_MAX_WRITING": 1, "_CHECKPOINT_LEADS": 2}.items():
        monkeypatch.setattr(module, name, number)
    await silent(7)

    def stop(report):
        if report.leads == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await apply_decay(runtime, on_progress=stop)
    assert await counted(runtime) == 8, "two changes of each lead: risk is medium, and then high"
    report = await apply_decay(runtime)
    assert (report.leads, report.written) == (3, 6)


async def test_the_mark_never_passes_a_batch_that_could_not_be_stored(runtime, silent, clock, monkeypatch):
    for name, number in {"_BATCH": 2, "_MAX_WRITING": 4, "_CHECKPOINT_LEADS": 1}.items():
        monkeypatch.setattr(module, name, number)
    await silent(9)
    append = runtime.capture.appender.append

    async def failing(events):
        if events[0].lead_id == "lead-2":
            await asyncio.sleep(0.05)
            raise Unavailable("The store is not available.")
        return await append(events)

    with monkeypatch.context() as patched:
        patched.setattr(runtime.capture.appender, "append", failing)
        with pytest.raises(Unavailable):
            await apply_decay(runtime)
    assert await counted(runtime) >= 4, "others were stored meanwhile"
    assert (
        await runtime.store.checkpoints.last_lead(f"decay:{module.date_bucket('day', clock.at)}") == "lead-1"
    )
    report = await apply_decay(runtime)
    assert (report.leads, report.written + report.already) == (7, 14)
    assert await counted(runtime) == 18


async def test_a_past_day_can_be_made_up_for(runtime, send, apply, clock):
    await send("ada", "demo_request")
    await apply("ada")
    clock.at += 20 * DAY
    assert (await apply_decay(runtime, clock.at - 10 * DAY)).written == 2
    await apply("ada")
    assert (await runtime.leads.states.get("ada")).clock <= clock.at - 10 * DAY
    assert (await read_intelligence(runtime, "ada")).score == pytest.approx(30 * 0.8**14, abs=0.005)


async def test_the_future_is_refused(runtime, clock):
    with pytest.raises(Invalid, match="future"):
        await apply_decay(runtime, clock.at + 6 * MINUTE)


async def test_two_jobs_at_once_write_each_lead_once(runtime, settings, silent, clock):
    await silent(30)
    async with open_runtime(settings, work_queue=runtime.work_queue, now=clock) as other:
        reports = await asyncio.gather(apply_decay(runtime), apply_decay(other))
    assert sum(report.written for report in reports) == 60
    assert await counted(runtime) == 60


async def test_a_lead_that_cannot_be_read_is_rebuilt_and_looked_at_like_the_others(
    runtime, send, apply, clock
):
    for lead in ("ada", "bob", "cid"):
        await send(lead, "demo_request")
        await apply(lead)
    await runtime.store.database["leads"].update_one({"_id": "bob"}, {"$set": {"state": {}}})
    clock.at += 8 * DAY
    report = await apply_decay(runtime)
    assert (report.leads, report.written, report.failed) == (3, 6, 0)
