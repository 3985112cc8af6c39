"""Models are trained in a child of the scheduler."""

from __future__ import annotations

from jobs.training import train_in_child


async def test_the_child_trains_what_is_due_and_leaves_its_result(runtime):
    await train_in_child(runtime)
    result = await runtime.prediction.trainings.result("win")
    assert "Too little data" in result.reason
