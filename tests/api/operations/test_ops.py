"""GET /api/ops: the state of the whole engine as one document."""

from __future__ import annotations

from workflows.dispatch.dispatch import dispatch_once


async def test_an_empty_engine_has_no_lag_and_no_work(api):
    found = await api.get("/api/ops")
    assert (found["at"], found["position"]) == (api.at(), 0)
    assert found["dispatch"] == found["apply"] == {"events": 0, "seconds": 0.0}
    assert found["received"] == [{"minutes": minutes, "events": 0} for minutes in (1, 5, 15)]
    assert found["deadLetters"] == {"quarantined": 0, "retrying": 0}
    assert {one["kind"]: one["due"] for one in found["work"]} == dict.fromkeys(api.runtime.work.stores, 0)
    assert found["process"]["mongodb"] == found["process"]["redis"] == "ok"


async def test_rates_count_what_was_received_in_the_last_minutes(api):
    for minutes, count in ((20, 3), (7, 2), (3, 4), (0.5, 1)):
        api.clock.at -= round(minutes * 60_000)
        await api.store(*({"leadId": "ada", "type": "page_view"} for _ in range(count)))
        api.clock.at += round(minutes * 60_000)
    received = {one["minutes"]: one["events"] for one in (await api.get("/api/ops"))["received"]}
    assert received == {1: 1, 5: 5, 15: 7}


async def test_lag_is_what_nobody_has_dispatched_or_applied(api):
    await api.store(*({"leadId": "ada", "type": "page_view"} for _ in range(4)))
    api.wait(seconds=9)
    found = await api.get("/api/ops")
    assert found["dispatch"] == found["apply"] == {"events": 4, "seconds": 9.0}
    await dispatch_once(api.runtime)
    found = await api.get("/api/ops")
    assert (found["dispatch"]["events"], found["apply"]["events"]) == (0, 4)
    await api.work()
    assert (await api.get("/api/ops"))["apply"]["events"] == 0


async def test_dead_letters_and_late_loops_are_there(api):
    for _ in range(api.runtime.settings.fold_attempts):
        await api.runtime.operations.dead_letters.record_failure("bob", 7, "e", "no", api.clock.at)
    found = await api.get("/api/ops")
    assert found["deadLetters"]["quarantined"] == 1
    assert {one["status"] for one in found["loops"]} == {"late"}, "no worker and no scheduler runs here"
