"""A wake-up goes to the loop of this process if there is one, else to a worker."""

from __future__ import annotations

from domain.errors import Unavailable
from engine.work.wakeups import WorkWakeUps
from tests.conftest import RecordingQueue


async def test_the_loop_of_this_process_is_woken_without_a_message():
    queue, woken = RecordingQueue(), []
    wake_ups = WorkWakeUps(queue)
    with wake_ups.registered("webhook", lambda: woken.append("webhook")):
        await wake_ups.announce("webhook")
        assert wake_ups.wake_here("webhook")
    assert (woken, queue.due) == (["webhook", "webhook"], [])


async def test_without_a_loop_of_this_kind_a_worker_gets_a_message():
    queue = RecordingQueue()
    wake_ups = WorkWakeUps(queue)
    with wake_ups.registered("automation", lambda: None):
        await wake_ups.announce("webhook")
    await wake_ups.announce("automation")
    assert not wake_ups.wake_here("automation")
    assert queue.due == ["webhook", "automation"]


async def test_a_queue_that_is_away_is_a_warning_and_no_failure(caplog):
    class Away(RecordingQueue):
        async def enqueue_due(self, kind):
            raise Unavailable("Redis does not answer.")

    await WorkWakeUps(Away()).announce("webhook")
    assert "waits to be found by polling" in caplog.text
