"""Metrics of due work and background loops for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from domain.instant import SECOND, Millis
from engine.leads.refold_budget import REFOLDS
from engine.runtime import Runtime
from engine.work.listing import Depth, depth_of
from workflows.hooks.poll_mailbox import MAIL_OUTCOMES
from workflows.operations.background_loops import MAILBOX, LoopState, due_work_loop, loop_states

__all__ = ["BackgroundFigures", "read_background_figures"]

_OUTCOMES = ("done", "retrying", "dead")


class BackgroundFigures(Collector):
    """How much work of each kind is open, how old it is, how attempts ended, and which loops are late."""

    def __init__(
        self,
        depths: Mapping[str, Depth],
        loops: Sequence[LoopState],
        refolds: Mapping[str, int],
        now: Millis,
    ) -> None:
        self._depths = depths
        self._refolds = refolds
        self._loops = loops
        self._now = now

    def collect(self) -> Iterator[Metric]:
        yield from self._work()
        yield self._attempts()
        yield CounterMetricFamily(
            "lead_engine_refolds_postponed",
            "Leads that waited because late events of a public sender had spent its budget of refolds.",
            value=self._refolds.get("postponed", 0),
        )
        yield self._mails()
        late = GaugeMetricFamily(
            "lead_engine_loop_late",
            "1 if a background loop has not completed a pass for too long.",
            labels=["loop"],
        )
        for loop in self._loops:
            late.add_metric([loop.name], float(loop.is_late))
        yield late

    def _work(self) -> Iterator[Metric]:
        units = GaugeMetricFamily(
            "lead_engine_work_units", "Units of due work that are not done.", labels=["kind", "state"]
        )
        due = GaugeMetricFamily(
            "lead_engine_work_due", "Units of due work whose time has come.", labels=["kind"]
        )
        age = GaugeMetricFamily(
            "lead_engine_work_oldest_due_seconds",
            "Time since the first of them was due.",
            labels=["kind"],
        )
        for kind, depth in self._depths.items():
            for state, number in depth.states.items():
                units.add_metric([kind, state], number)
            due.add_metric([kind], depth.due)
            since = self._now if depth.oldest_due_at is None else depth.oldest_due_at
            age.add_metric([kind], max(self._now - since, 0) / SECOND)
        yield from (units, due, age)

    def _mails(self) -> Metric:
        mails = CounterMetricFamily(
            "lead_engine_mailbox_mails",
            "What became of mails in the mailbox: stored, duplicate, left (of nobody who is known) or unreadable.",
            labels=["outcome"],
        )
        outcomes = next((loop.outcomes for loop in self._loops if loop.name == MAILBOX), {})
        for outcome in MAIL_OUTCOMES:
            mails.add_metric([outcome], outcomes.get(outcome, 0))
        return mails

    def _attempts(self) -> Metric:
        attempts = CounterMetricFamily(
            "lead_engine_work_attempts",
            "Attempts by how they left their unit: done, retrying after a failure, or dead.",
            labels=["kind", "outcome"],
        )
        outcomes = {loop.name: loop.outcomes for loop in self._loops}
        for kind in self._depths:
            for outcome in _OUTCOMES:
                attempts.add_metric([kind, outcome], outcomes[due_work_loop(kind)].get(outcome, 0))
        return attempts


async def read_background_figures(runtime: Runtime) -> BackgroundFigures:
    """The figures of this moment. Raises what the store raises."""
    now = runtime.now()
    depths = {kind: await depth_of(store, now) for kind, store in runtime.work.stores.items()}
    refolds = (await runtime.operations.loops.records([REFOLDS])).get(REFOLDS)
    return BackgroundFigures(
        depths, await loop_states(runtime), {} if refolds is None else refolds.outcomes, now
    )
