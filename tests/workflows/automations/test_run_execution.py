"""An automation is attempted until it is done or dead, and has its effect once."""

from __future__ import annotations

import pytest

from domain.instant import HOUR, SECOND
from engine.automations.actions import Effect
from workflows.decay.decay import apply_decay
from workflows.leads.process import process_leads
from workflows.work.loops import drain


@pytest.fixture
async def fired(runtime, send, apply):
    """The id of one execution that has fired: the task for a demo request."""
    await send("ada", "demo_request")
    await apply("ada")
    assert runtime.work_queue.due == ["automation"]
    return (await execution(runtime)).unit_id


async def execution(runtime):
    (only,) = await runtime.automations.executions.page(
        lead_id="ada", rule_id=None, state=None, after=None, limit=10
    )
    return only


class Flaky:
    """An action that fails a number of times first."""

    def __init__(self, failures: int) -> None:
        self.failures, self.calls = failures, []

    async def perform(self, execution, at):
        self.calls.append(execution.unit_id)
        if len(self.calls) <= self.failures:
            raise OSError("the line is busy")
        return Effect("task.created", {})


async def test_a_task_is_created_and_comes_back_as_an_event(runtime, fired, attempt_unit):
    await attempt_unit(fired)
    (task,) = await runtime.automations.tasks.page(state="open", lead_id="ada", after=None, limit=10)
    assert (task.task_id, task.title, task.priority) == (fired, "Book the demo that ada asked for", "high")
    assert task.due_at == runtime.now() + 2 * HOUR
    done = await execution(runtime)
    assert (done.execution_state, [one.outcome for one in done.attempts]) == ("done", ["done"])
    (event,) = [one for one in await runtime.capture.events.of_lead("ada") if one.type == "task.created"]
    assert (event.event_id, event.source) == (f"execution:{fired}", "lead-engine")


async def test_a_hot_lead_that_goes_quiet_is_tagged_and_a_warm_one_is_not(runtime, send, apply, clock):
    async def let_pass(days: int) -> None:
        clock.at += days * 24 * HOUR
        await apply_decay(runtime)
        await apply("hot", "warm")
        await drain(runtime)
        await apply("hot", "warm")

    await send("hot", "demo_request", "demo_request")  # 60 points, 48 when its risk becomes high: still hot
    await send("warm", "signup", "download")  # 30 points, 24 when its risk becomes high: only warm
    await apply("hot", "warm")
    await let_pass(days=8)
    assert (await runtime.leads.states.get("hot")).tags == ("going-cold",)
    assert (await runtime.leads.states.get("warm")).tags == ()


async def test_running_a_finished_execution_again_does_nothing(runtime, fired, attempt_unit):
    await attempt_unit(fired)
    await attempt_unit(fired)
    assert len((await execution(runtime)).attempts) == 1
    assert len(await runtime.automations.tasks.page(state=None, lead_id=None, after=None, limit=10)) == 1


async def test_a_crash_between_effect_and_finish_repeats_the_attempt_but_not_the_effect(
    runtime, fired, clock, monkeypatch, attempt_unit
):
    async def crash(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(runtime.automations.executions, "finish", crash)
        with pytest.raises(KeyboardInterrupt):
            await attempt_unit(fired)
    assert not await attempt_unit(fired), "it is still leased"
    assert (await execution(runtime)).execution_state == "running"
    clock.at += 61 * SECOND
    assert await attempt_unit(fired)
    done = await execution(runtime)
    assert (done.execution_state, [one.outcome for one in done.attempts]) == ("done", [None, "done"])
    assert len(await runtime.automations.tasks.page(state=None, lead_id=None, after=None, limit=10)) == 1
    assert [one.type for one in await runtime.capture.events.of_lead("ada")].count("task.created") == 1


async def test_a_failed_attempt_is_due_again_after_a_growing_pause(
    runtime, fired, clock, monkeypatch, attempt_unit
):
    action = Flaky(failures=2)
    monkeypatch.setitem(runtime.automations.actions, "task", action)
    await attempt_unit(fired)
    failed = await execution(runtime)
    assert (failed.execution_state, failed.attempts[0].outcome) == ("pending", "failed")
    assert failed.attempts[0].detail == "OSError: the line is busy"
    assert runtime.now() + SECOND <= failed.due_at <= runtime.now() + 2 * SECOND
    assert not await attempt_unit(fired)
    for _ in range(2):
        clock.at = (await execution(runtime)).due_at
        assert await attempt_unit(fired)
    done = await execution(runtime)
    assert [one.outcome for one in done.attempts] == ["failed", "failed", "done"]
    assert action.calls == [fired] * 3


async def test_an_execution_is_dead_after_its_last_attempt_and_is_left_alone(
    runtime, fired, clock, monkeypatch, attempt_unit
):
    action = Flaky(failures=1000)
    monkeypatch.setitem(runtime.automations.actions, "task", action)
    for _ in range(runtime.settings.execution_attempts + 3):
        await attempt_unit(fired)
        clock.at += 2 * HOUR
    dead = await execution(runtime)
    assert (dead.execution_state, len(dead.attempts)) == ("dead", runtime.settings.execution_attempts)
    assert len(action.calls) == runtime.settings.execution_attempts
    assert not await attempt_unit(fired)


async def test_an_action_that_kills_its_worker_each_time_ends_dead(
    runtime, fired, clock, monkeypatch, attempt_unit
):
    class Killer:
        async def perform(self, execution, at):
            raise KeyboardInterrupt

    monkeypatch.setitem(runtime.automations.actions, "task", Killer())
    for _ in range(runtime.settings.execution_attempts):
        with pytest.raises(KeyboardInterrupt):
            await attempt_unit(fired)
        clock.at += HOUR
    await attempt_unit(fired)
    assert (await execution(runtime)).execution_state == "dead"


async def test_the_events_of_actions_fold_without_changing_the_score(runtime, fired, attempt_unit):
    await attempt_unit(fired)
    await process_leads(runtime, ["ada"])
    state = await runtime.leads.states.get("ada")
    assert (state.assessment.score, state.activities) == (30, 1)
