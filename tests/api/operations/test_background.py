"""Figures of due work and of the loops that find it: a loop that hangs or is not run is seen."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from engine.operations import loop_health as module
from engine.operations.loop_health import LoopHealth
from engine.webhooks.message import test_message as message_of_a_test
from engine.work.loop import WorkLoop
from workflows.operations.background_loops import MAX_SECONDS, due_work_loop
from workflows.work.kinds import work_kinds
from workflows.work.loops import drain

LOOPS = {
    "due_work:automation",
    "due_work:webhook",
    "due_work:routing",
    "due_work:first-touch",
    "due_work:hand-over",
    "due_work:import",
    "due_work:message",
    "due_work:sequence",
    "due_work:reply",
    "due_work:campaign",
    "due_work:pass-share",
    "reconcile",
    "dead_workers",
    "rebuild_outdated",
    "due_leads",
    "index_names",
    "mailbox",
    "accounts",
    "analytics",
    "find_replies",
    "rulebook_previews",
    "shadow_rulebook",
}


async def figures(api):
    """The samples about work and loops, by name and labels."""
    text = (await api.http.get("/metrics")).text
    return {
        (sample.name.removeprefix("lead_engine_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith(("lead_engine_work_", "lead_engine_loop_"))
    }


async def complete(api, *names):
    """Each of the loops completes a pass, in a process of its own."""
    for name in names:
        await LoopHealth(api.runtime.store.database).completed(name)


async def age(api, name, seconds):
    """As if the loop had completed its last pass so long ago."""
    await api.runtime.store.database["loops"].update_one(
        {"_id": name},
        [{"$set": {"completedAt": {"$subtract": ["$$NOW", seconds * 1000]}}}],
    )


async def test_work_is_counted_by_kind_and_state_with_the_age_of_what_is_due(api):
    deliveries, at = api.runtime.webhooks.deliveries, api.clock.at
    ids = [(await deliveries.add(message_of_a_test(str(n), at), ["ep"], at))[0] for n in range(4)]
    await deliveries.hold(ids[3], "why", at)
    api.wait(seconds=90)
    found = await figures(api)
    assert found["work_units", "webhook", "waiting"] == found["work_due", "webhook"] == 3
    assert found["work_units", "webhook", "held"] == 1
    assert found["work_oldest_due_seconds", "webhook"] == 90
    assert found["work_units", "automation", "waiting"] == found["work_oldest_due_seconds", "automation"] == 0
    await drain(api.runtime)
    found = await figures(api)
    assert (found["work_due", "webhook"], found["work_units", "webhook", "dead"]) == (0, 3)


async def test_attempts_are_counted_by_how_they_ended_over_all_workers(api, monkeypatch):
    monkeypatch.setattr(module, "_NOTE_SECONDS", 0.0)
    (kind,) = [one for one in work_kinds(api.runtime) if one.name == "webhook"]
    for worker in range(2):
        loop = WorkLoop(kind, api.runtime.now)
        message = message_of_a_test(str(worker), api.clock.at)
        await api.runtime.webhooks.deliveries.add(message, ["ep"], api.clock.at)
        await loop.drain()
        health = LoopHealth(api.runtime.store.database)
        for _ in range(2):  # counted once
            await health.completed(due_work_loop("webhook"), loop.settled)
    found = await figures(api)
    assert found["work_attempts_total", "webhook", "dead"] == 2
    assert found["work_attempts_total", "webhook", "done"] == 0


async def test_an_engine_whose_loops_have_all_completed_is_well(api):
    await complete(api, *LOOPS)
    answer = await api.get("/health/background")
    assert answer["status"] == "ok"
    assert {one["name"] for one in answer["loops"]} == LOOPS
    assert all(0 <= one["secondsAgo"] < 30 for one in answer["loops"])
    assert {value for name, value in (await figures(api)).items() if name[0] == "loop_late"} == {0.0}


async def test_a_loop_that_never_completed_is_late(api):
    await complete(api, *LOOPS - {"reconcile"})
    answer = await api.http.get("/health/background")
    assert (answer.status_code, answer.json()["status"]) == (503, "late")
    (late,) = [one for one in answer.json()["loops"] if one["status"] == "late"]
    assert late == {"name": "reconcile", "status": "late", "secondsAgo": None}
    assert (await figures(api))["loop_late", "reconcile"] == 1


async def test_a_loop_that_has_not_completed_for_too_long_is_late(api):
    await complete(api, *LOOPS)
    await age(api, "due_work:automation", 29)
    assert (await api.get("/health/background"))["status"] == "ok"
    await age(api, "due_work:automation", 30)
    assert (await api.http.get("/health/background")).status_code == 503
    await complete(api, "due_work:automation")
    assert (await api.get("/health/background"))["status"] == "ok"


async def test_jobs_may_take_their_time_before_they_are_late(api):
    await complete(api, *LOOPS)
    for name, seconds in MAX_SECONDS.items():
        await age(api, name, seconds)
    assert (await api.get("/health/background"))["status"] == "ok"
