"""An automation is attempted until it is done or dead, and has its effect once."""

from __future__ import annotations

import pytest

from domain.instant import HOUR, SECOND
from engine.automations.actions import Outcome
from workflows.automations.run_execution import backoff, enqueue_due, run_execution
from workflows.leads.decay import apply_decay
from workflows.leads.process import process_leads


@pytest.fixture
async def fired(runtime, send, apply):
    """The id of one execution that has fired: the task for a demo request."""
    await send("ada", "demo_request")
    await apply("ada")
    (identity,) = runtime.work_queue.executions
    return identity


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
        self.calls.append(execution.execution_id)
        if len(self.calls) <= self.failures:
            raise OSError("the line is busy")
        return Outcome("task.created", {})


async def test_a_task_is_created_and_comes_back_as_an_event(runtime, fired):
    await run_execution(runtime, fired)
    (task,) = await runtime.automations.tasks.page(state="open", lead_id="ada", after=None, limit=10)
    assert (task.task_id, task.title, task.priority) == (fired, "Book the demo that ada asked for", "high")
    assert task.due_at == runtime.now() + 2 * HOUR
    done = await execution(runtime)
    assert (done.state, [one.outcome for one in done.attempts]) == ("done", ["done"])
    (event,) = [one for one in await runtime.capture.events.of_lead("ada") if one.type == "task.created"]
    assert (event.event_id, event.source) == (f"execution:{fired}", "lead-engine")


async def test_a_hot_lead_that_goes_quiet_is_tagged_and_a_warm_one_is_not(runtime, send, apply, clock):
    async def let_pass(days: int) -> None:
        clock.at += days * 24 * HOUR
        await apply_decay(runtime)
        await apply("hot", "warm")
        for identity in runtime.work_queue.executions:
            await run_execution(runtime, identity)
        await apply("hot", "warm")

    await send("hot", "demo_request", "demo_request")  # 60 points, 38.4 after eight days: still hot
    await send("warm", "signup", "signup")  # 40 points, 25.6 after eight days: only warm
    await apply("hot", "warm")
    await let_pass(days=8)
    assert (await runtime.leads.states.get("hot")).tags == ("going-cold",)
    assert (await runtime.leads.states.get("warm")).tags == ()


async def test_running_a_finished_execution_again_does_nothing(runtime, fired):
    await run_execution(runtime, fired)
    await run_execution(runtime, fired)
    assert len((await execution(runtime)).attempts) == 1
    assert len(await runtime.automations.tasks.page(state=None, lead_id=None, after=None, limit=10)) == 1


async def test_a_crash_between_effect_and_bookkeeping_repeats_the_attempt_but_not_the_effect(
    runtime, fired, clock, monkeypatch
):
    async def crash(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(runtime.automations.executions, "finish", crash)
        with pytest.raises(KeyboardInterrupt):
            await run_execution(runtime, fired)
    await run_execution(runtime, fired)  # still leased: nobody else is at it
    assert (await execution(runtime)).state == "running"
    clock.at += 61 * SECOND
    assert await enqueue_due(runtime) == 1
    await run_execution(runtime, fired)
    done = await execution(runtime)
    assert (done.state, [one.outcome for one in done.attempts]) == ("done", ["started", "done"])
    assert len(await runtime.automations.tasks.page(state=None, lead_id=None, after=None, limit=10)) == 1
    assert [one.type for one in await runtime.capture.events.of_lead("ada")].count("task.created") == 1


async def test_a_failed_attempt_is_due_again_after_a_growing_pause(runtime, fired, clock, monkeypatch):
    action = Flaky(failures=2)
    monkeypatch.setitem(runtime.automations.actions, "task", action)
    await run_execution(runtime, fired)
    failed = await execution(runtime)
    assert (failed.state, failed.attempts[0].outcome) == ("pending", "failed")
    assert failed.attempts[0].detail == "OSError: the line is busy"
    assert runtime.now() + SECOND <= failed.due_at <= runtime.now() + 2 * SECOND
    assert await enqueue_due(runtime) == 0
    for _ in range(2):
        clock.at = (await execution(runtime)).due_at
        assert await enqueue_due(runtime) == 1
        await run_execution(runtime, fired)
    done = await execution(runtime)
    assert [one.outcome for one in done.attempts] == ["failed", "failed", "done"]
    assert action.calls == [fired] * 3


async def test_an_execution_is_dead_after_its_last_attempt_and_is_left_alone(
    runtime, fired, clock, monkeypatch
):
    action = Flaky(failures=1000)
    monkeypatch.setitem(runtime.automations.actions, "task", action)
    for _ in range(runtime.settings.execution_attempts + 3):
        await run_execution(runtime, fired)
        clock.at += 2 * HOUR
    dead = await execution(runtime)
    assert (dead.state, len(dead.attempts)) == ("dead", runtime.settings.execution_attempts)
    assert len(action.calls) == runtime.settings.execution_attempts
    assert await enqueue_due(runtime) == 0


async def test_an_action_that_kills_its_worker_each_time_ends_dead(runtime, fired, clock, monkeypatch):
    class Killer:
        async def perform(self, execution, at):
            raise KeyboardInterrupt

    monkeypatch.setitem(runtime.automations.actions, "task", Killer())
    for _ in range(runtime.settings.execution_attempts):
        with pytest.raises(KeyboardInterrupt):
            await run_execution(runtime, fired)
        clock.at += HOUR
    await run_execution(runtime, fired)
    assert (await execution(runtime)).state == "dead"


async def test_the_events_of_actions_fold_without_changing_the_score(runtime, fired):
    await run_execution(runtime, fired)
    await process_leads(runtime, ["ada"])
    state = await runtime.leads.states.get("ada")
    assert (state.assessment.score, state.activities) == (30, 1)


def test_pauses_double_and_stay_within_an_hour():
    assert [backoff(attempt, 2.0, 1.0) for attempt in (1, 2, 3, 4)] == [2000, 4000, 8000, 16000]
    assert [backoff(attempt, 2.0, 0.0) for attempt in (1, 2)] == [1000, 2000]
    assert backoff(60, 2.0, 1.0) == HOUR


async def test_what_waits_in_the_queue_is_not_rung_for_again(runtime, fired):
    runtime.work_queue.quiet = False
    assert await enqueue_due(runtime) == 0
    runtime.work_queue.quiet = True
    assert await enqueue_due(runtime) == 1
