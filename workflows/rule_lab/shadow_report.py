"""The report of a challenger beside the active rulebook, over the leads that it has folded."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from domain.leads.assess import assess
from domain.rule_lab.comparison import Moved, moved_between
from domain.rule_lab.report import Ended, StageMove, ended_of
from domain.rulebooks.compiled import compile_rulebook
from engine.capture.log.subscription import Subscription
from engine.rule_lab.shadow_store import Shadow
from engine.runtime import Runtime
from workflows.rule_lab.shadow import place_of

__all__ = ["ShadowAlerts", "ShadowReport", "report_shadow"]

_LEADS_AT_A_TIME = 500
_MOST_LEADS = 10_000
_WAYS: tuple[Moved, ...] = ("up", "down", "not")


class ShadowAlerts(Struct, frozen=True):
    """An automation since the challenger began: how often it ran, and how often it would have."""

    automation: str
    now: int
    then: int


class ShadowReport(Struct, frozen=True):
    """A challenger and the active rulebook side by side. `behind` is how many events are still to be folded."""

    shadow: Shadow
    leads: int
    moved: int
    stages: tuple[StageMove, ...]
    mean_difference: float
    ended: tuple[Ended, ...]
    """How the leads ended that it has in a higher stage (`up`), in a lower one (`down`), or in the same (`not`)."""
    is_filled: bool
    """Whether it has folded all leads; those that did something since it began come first."""
    alerts: tuple[ShadowAlerts, ...]
    behind: int


async def report_shadow(runtime: Runtime) -> ShadowReport | None:
    """The report at this moment; None if no rulebook is shadowed. Of more leads than 10,000 it is about the first ones."""
    store = runtime.rule_lab.shadow
    shadow = await store.find()
    if shadow is None or shadow.state == "stopping":
        return None
    rulebook, stages, difference, leads, after = (
        compile_rulebook(await store.rulebook()),
        Counter[tuple[str, str]](),
        0.0,
        0,
        "",
    )
    ended = {way: Counter[str]() for way in _WAYS}
    while leads < _MOST_LEADS and (page := await store.page(after, _LEADS_AT_A_TIME)):
        after = page[-1].lead_id
        shown = await runtime.leads.states.shown([one.lead_id for one in page])
        for one in page:
            if one.lead_id in shown:
                stage, score, outcome = shown[one.lead_id]
                then = assess(one.state, max(runtime.now(), one.state.clock), rulebook)
                stages[stage, then.stage] += 1
                ended[moved_between(stage, then.stage, then.score - score, rulebook)][outcome] += 1
                difference += then.score - score
                leads += 1
    now, then_fired = (
        await runtime.automations.executions.count_since(shadow.started_at),
        await store.count_firings(shadow),
    )
    place = place_of(runtime, shadow)
    return ShadowReport(
        shadow=shadow,
        leads=leads,
        moved=sum(number for (before, becomes), number in stages.items() if before != becomes),
        stages=tuple(StageMove(*pair, leads=number) for pair, number in sorted(stages.items())),
        mean_difference=difference / leads if leads else 0.0,
        ended=tuple(ended_of(way, counts) for way, counts in ended.items()),
        alerts=tuple(
            ShadowAlerts(rule, now.get(rule, 0), then_fired.get(rule, 0))
            for rule in sorted(now.keys() | then_fired.keys())
        ),
        is_filled=shadow.filled is None,
        behind=0 if shadow.state == "ended" else (await Subscription(runtime.capture.log).lag(place)).events,
    )
