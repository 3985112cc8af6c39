"""`?after=`: reading one's own writes, in bounded time."""

from __future__ import annotations

import asyncio

import pytest

import workflows.intelligence.intelligence
from domain.events.applied_positions import AppliedPositions
from workflows.leads.process import process_leads

PATH = "/api/leads/ada/intelligence"
SIGNUP = {"leadId": "ada", "type": "signup"}


@pytest.fixture
def half_a_second(monkeypatch):
    """The longest wait is half a second instead of five."""
    assert workflows.intelligence.intelligence.MAX_WAIT_SECONDS == 5.0
    monkeypatch.setattr(workflows.intelligence.intelligence, "MAX_WAIT_SECONDS", 0.5)


@pytest.fixture
def no_time(monkeypatch):
    """A request that would have to wait is refused at once."""
    monkeypatch.setattr(workflows.intelligence.intelligence, "MAX_WAIT_SECONDS", 0)


async def took(awaited):
    """The result and the seconds it took."""
    clock = asyncio.get_running_loop()
    start = clock.time()
    return await awaited, clock.time() - start


async def test_a_position_that_is_applied_is_answered_at_once(api, ada, no_time):
    assert (await api.get(PATH, after=6))["score"] == 65.0


async def test_it_waits_until_the_position_is_applied(api, ada):
    (position,) = await api.store(SIGNUP)
    asked = asyncio.create_task(api.get(PATH, after=position))
    await asyncio.sleep(0.15)
    assert not asked.done()
    await process_leads(api.runtime, ["ada"])
    found = await asked
    assert (found["score"], found["position"]) == (85.0, position)


@pytest.fixture
async def looks(api, monkeypatch):
    """The looks at leads that waiting requests take, each as the leads looked at."""
    async with asyncio.timeout(60):
        while not api.runtime.leads.notifications.is_subscribed:
            await asyncio.sleep(0.005)
    taken, look = [], api.runtime.leads.states.positions

    async def counted(lead_ids):
        found = await look(lead_ids)
        taken.append(set(lead_ids))
        return found

    monkeypatch.setattr(api.runtime.leads.states, "positions", counted)
    return taken


async def until_one_waits(looks) -> None:
    """A request that finds its position not applied yet waits, subscribed from before its look-up on."""
    async with asyncio.timeout(60):
        while not looks:
            await asyncio.sleep(0.005)


@pytest.fixture
def deaf(api, monkeypatch):
    """Nothing is heard of what is applied, and the API knows it."""
    monkeypatch.setattr(api.runtime.leads.notifications, "publish", lambda _: None)
    monkeypatch.setattr(api.runtime.leads.notifications._channel, "is_subscribed", False)


async def test_a_waiting_request_is_notified_and_does_not_poll(api, ada, looks, monkeypatch):
    monkeypatch.setattr(workflows.intelligence.intelligence, "_POLL_SECONDS", 60)
    (position,) = await api.store(SIGNUP)
    asked = asyncio.create_task(api.get(PATH, after=position))
    await until_one_waits(looks)
    await process_leads(api.runtime, ["ada"])
    found = await asked
    assert (found["score"], found["position"]) == (85.0, position)
    assert looks == [{"ada"}]


async def test_of_a_position_between_its_own_a_lead_is_told_once_it_has_the_one_before(
    api, ada, looks, monkeypatch
):
    monkeypatch.setattr(workflows.intelligence.intelligence, "_POLL_SECONDS", 60)
    first, between = await api.store(SIGNUP, {**SIGNUP, "leadId": "bob"})
    asked = asyncio.create_task(api.get(PATH, after=between))
    await until_one_waits(looks)
    await process_leads(api.runtime, ["ada"])
    found = await asked
    assert found["position"] == first
    assert looks == [{"ada"}]


@pytest.mark.parametrize("lead", ["ada", "bob"])
async def test_nothing_old_is_read_from_a_member_that_is_behind_the_notification(api, ada, looks, lead):
    """It was the primary until a moment ago and does not know yet that the events were applied at another one."""
    path = f"/api/leads/{lead}/intelligence"
    (position,) = await api.store({**SIGNUP, "leadId": lead})
    asked = asyncio.create_task(api.http.get(path, params={"after": position}))
    await until_one_waits(looks)
    api.runtime.leads.notifications.publish({lead: AppliedPositions(position)})
    answer = await asked
    assert api.problem(answer, 503)["detail"] == (
        f"Lead '{lead}' has reached position {position}, but cannot be read there yet."
    )
    assert int(answer.headers["retry-after"]) >= 1
    await process_leads(api.runtime, [lead])
    assert (await api.get(path, after=position))["position"] == position


async def test_a_hint_that_is_lost_costs_a_look(api, ada, looks, monkeypatch):
    monkeypatch.setattr(api.runtime.leads.notifications, "publish", lambda _: None)
    (position,) = await api.store(SIGNUP)
    asked = asyncio.create_task(api.get(PATH, after=position))
    await until_one_waits(looks)
    await process_leads(api.runtime, ["ada"])
    assert (await asked)["position"] == position
    assert len(looks) > 1


async def test_however_many_wait_one_question_is_for_all_of_them(api, ada, looks, deaf):
    positions = await api.store(SIGNUP, {**SIGNUP, "leadId": "bob"})
    clock = asyncio.get_running_loop()
    began = clock.time()
    waiting = [
        asyncio.create_task(api.get(f"/api/leads/{lead}/intelligence", after=position))
        for lead, position in zip(("ada", "bob"), positions, strict=True)
        for _ in range(10)
    ]
    async with asyncio.timeout(60):
        while {"ada", "bob"} not in looks[5:]:
            await asyncio.sleep(0.005)
    assert len(looks) <= (clock.time() - began) / 0.01 + 1, "ten milliseconds apart"
    await process_leads(api.runtime, ["ada", "bob"])
    for found in await asyncio.gather(*waiting):
        assert found["position"] in positions


async def test_it_waits_for_a_lead_that_does_not_exist_yet(api):
    asked = asyncio.create_task(api.get(PATH, after=1))
    await asyncio.sleep(0.05)
    await api.store(SIGNUP)
    await process_leads(api.runtime, ["ada"])
    assert (await asked)["score"] == 20.0


async def test_a_position_that_is_not_applied_in_time_is_503_with_retry_after(api, ada, half_a_second):
    (position,) = await api.store(SIGNUP)
    answer, seconds = await took(api.http.get(PATH, params={"after": position}))
    problem = api.problem(answer, 503)
    assert problem["code"] == "unavailable"
    assert f"position {position}" in problem["detail"]
    assert int(answer.headers["retry-after"]) >= 1
    assert seconds > 0.4


@pytest.mark.parametrize("position", [1000, 2**63 - 1])
async def test_a_position_that_nobody_has_ends_in_time_too(api, ada, half_a_second, position):
    answer = await api.http.get(PATH, params={"after": position})
    api.problem(answer, 503)


async def test_the_position_of_another_leads_event_does_not_hold_up_the_answer(api, ada, no_time):
    (position,) = await api.store({"leadId": "bob", "type": "signup"})
    assert (await api.get(PATH, after=position))["score"] == 65.0
    api.problem(await api.http.get("/api/leads/bob/intelligence", params={"after": position}), 503)


async def test_an_unknown_lead_is_404_once_the_position_is_stored(api, ada, no_time):
    api.problem(await api.http.get("/api/leads/nobody/intelligence", params={"after": 6}), 404)


@pytest.mark.parametrize("wrong", [{"asOf": "x"}, {"knownAt": "x"}, {"rulebook": "x"}, {"without": "?"}])
async def test_what_is_wrong_is_refused_without_waiting(api, no_time, wrong):
    answer = await api.http.get(PATH, params={"after": 1000, **wrong})
    assert [fault["pointer"] for fault in api.problem(answer, 400)["errors"]] == [
        f"?{name}" for name in wrong
    ]


@pytest.mark.parametrize(
    "said", ["0", "-1", "x", "", "1.5", str(2**63), "9" * 5000, "null", "NaN", "$gt", "1 "]
)
async def test_what_is_not_a_position_is_refused_by_name(api, said):
    problem = api.problem(await api.http.get(PATH, params={"after": said}), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == ["?after"]


@pytest.mark.parametrize("query", [{}, {"after": 6}])
async def test_while_mongodb_hangs_the_callers_of_a_batched_look_up_are_refused_in_time(
    api, ada, monkeypatch, query
):
    """However many there are: for those who come meanwhile the next question is no longer than the first."""
    for store in ("engine.leads.lead_store", "engine.identity.stream_store"):
        monkeypatch.setattr(f"{store}._QUERY_SECONDS", 0.5)
    async with api.failing("find", "aggregate", blockConnection=True, blockTimeMS=5000):
        asking = (api.http.get(PATH, params=query) for _ in range(10))
        answers = await asyncio.gather(*asking)
    assert {answer.status_code for answer in answers} == {503}, "MongoDB would answer after five seconds"
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers)
    assert (await api.get(PATH))["score"] == 65.0
