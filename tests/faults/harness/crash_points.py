"""The steps of each part's work between which a crash could do harm."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["POINTS", "Point"]


class Point(NamedTuple):
    """A step: the part that takes it, and the function before or after which the part is killed."""

    part: str
    at: str
    when: str


POINTS = {
    "append: nothing written": Point("api", "engine.capture.log.writer:EventWriter.append", "before"),
    "append: written, not committed": Point("api", "engine.capture.log.writer:EventWriter.append", "after"),
    "append: stored, not answered": Point("api", "engine.capture.log.positions:Positions.store", "after"),
    "dispatch: read, not enqueued": Point(
        "dispatcher", "engine.queue.work_queue:WorkQueue.enqueue_leads", "before"
    ),
    "dispatch: enqueued, not saved": Point(
        "dispatcher", "engine.store.checkpoints:Checkpoints.advance", "before"
    ),
    "dispatch: checkpoint saved": Point(
        "dispatcher", "engine.store.checkpoints:Checkpoints.advance", "after"
    ),
    "fold: read, not written": Point("worker-1", "engine.leads.lead_store:LeadStore.write", "before"),
    "fold: lead written, history not": Point(
        "worker-1", "engine.leads.history_store:HistoryStore.add", "before"
    ),
    "fold: written, not committed": Point("worker-1", "engine.leads.history_store:HistoryStore.add", "after"),
    "fold: committed, not announced": Point("worker-1", "workflows.leads.apply_events:transact", "after"),
    "effect: claimed, not performed": Point(
        "worker-1", "workflows.automations.run_execution:run_execution", "before"
    ),
    "effect: performed, no event appended": Point(
        "worker-1", "engine.automations.actions.task:CreateTask.perform", "after"
    ),
    "effect: event appended, unit not finished": Point(
        "worker-1", "engine.work.store:WorkStore.finish", "before"
    ),
    "effect: finished": Point("worker-1", "engine.work.store:WorkStore.finish", "after"),
}
