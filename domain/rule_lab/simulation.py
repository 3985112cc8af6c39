"""The simulation of a rulebook on a lead's history: its state at a moment, and the automations that would have fired.

Recorded passing of time is left out, because it was recorded for other rules: in the window that is looked at, time passes
as these rules would have it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from operator import attrgetter

from msgspec import Struct

from domain.automations.firing import Firing
from domain.decisions.assessment import Mark
from domain.events.event import ENGINE_SOURCE, Event
from domain.events.vocabulary import SCORE_DECAYED
from domain.instant import DAY, MINUTE, Millis
from domain.leads.assess import assessed
from domain.leads.fold import fold_event, in_time_order, refold
from domain.leads.state import Lead, LeadState, initial_state
from domain.leads.time_changes import changes_by_time, time_event_id
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["Alert", "Simulation", "Window", "continue_simulation", "counts_action", "simulate"]

_TIME = attrgetter("occurred_at")
_SHORT: Millis = 10 * MINUTE


class Window(Struct, frozen=True, rename="camel"):
    """The time in which alerts are counted: from `since` up to `at`, the moment at which leads are compared."""

    since: Millis
    at: Millis

    @property
    def days(self) -> float:
        """Its length in days."""
        return (self.at - self.since) / DAY


class Alert(Struct, frozen=True, order=True):
    """An automation that would have run: at most once per period, as it does live."""

    rule_id: str
    bucket: str
    occurred_at: Millis
    rolling: Millis = 0
    """So long none must have run before, if it is not by the calendar."""


class Simulation(Struct, frozen=True):
    """A lead after its events, and the alerts since the beginning of the window."""

    state: LeadState
    alerts: tuple[Alert, ...]


def simulate(lead_id: str, events: Iterable[Event], rulebook: CompiledRulebook, window: Window) -> Simulation:
    """The lead after all of its events, given in any order, and its alerts in the window.

    Live, an event that comes late is compared with the lead as it was known; here all are in the order of time.
    """
    ordered = in_time_order(event for event in events if event.type != SCORE_DECAYED)
    if not rulebook.automations.rules:
        return Simulation(refold(initial_state(lead_id, rulebook), ordered, rulebook).state, ())
    first = bisect_left(ordered, window.since, key=_TIME)
    state = refold(initial_state(lead_id, rulebook), ordered[:first], rulebook).state
    return continue_simulation(state, ordered[first:], rulebook, window)


def continue_simulation(
    state: LeadState, events: Iterable[Event], rulebook: CompiledRulebook, window: Window
) -> Simulation:
    """The lead after further events, none of them late, and its further alerts in the window."""
    ordered = in_time_order(event for event in events if event.type != SCORE_DECAYED)
    simulated = _Simulated(state, rulebook, window)
    for visit in _visits(ordered):
        simulated.pass_time(visit[0].occurred_at - 1)
        for event in visit:
            simulated.fold(event)
    simulated.pass_time(window.at)
    return Simulation(simulated.state, tuple(_alerts(simulated.fired, window)))


def counts_action(rulebook: CompiledRulebook) -> bool:
    """Whether a change of the next action by time alone is folded: it is, if an automation could tell the difference."""
    return not rulebook.automations.watch_stage_and_risk_only


class _Simulated:
    """A lead on its way through the window, and what has fired. Assessed only where time passes by a change."""

    def __init__(self, state: LeadState, rulebook: CompiledRulebook, window: Window) -> None:
        self._lead: Lead[Mark] = state
        self._rulebook, self._window = rulebook, window
        self._of_action = counts_action(rulebook)
        self.fired: list[Firing] = []

    @property
    def state(self) -> LeadState:
        """The lead with everything measured."""
        return assessed(self._lead, self._rulebook)

    def fold(self, event: Event) -> None:
        self._lead, _, fired = fold_event(self._lead, event, self._rulebook)
        self.fired += fired

    def pass_time(self, until: Millis) -> None:
        """Fold what time alone changes of the lead up to `until`."""
        if self._lead.position == 0:
            return
        moments = changes_by_time(
            self._lead, until, self._rulebook, each_since=self._window.since, of_action=self._of_action
        )
        for moment in moments:
            self.fold(_time_event(self._lead, moment))


def _visits(events: Iterable[Event]) -> Iterator[list[Event]]:
    """The events in runs, within which too little time passes for it to change anything by itself."""
    visit: list[Event] = []
    for event in events:
        if visit and event.occurred_at - visit[-1].occurred_at > _SHORT:
            yield visit
            visit = []
        visit.append(event)
    if visit:
        yield visit


def _time_event(lead: Lead[Mark], at: Millis) -> Event:
    return Event(
        position=lead.position,
        event_id=time_event_id(lead.lead_id, at),
        lead_id=lead.lead_id,
        type=SCORE_DECAYED,
        occurred_at=at,
        received_at=at,
        source=ENGINE_SOURCE,
    )


def _alerts(fired: Iterable[Firing], window: Window) -> Iterator[Alert]:
    """One per rule and period; of rolling periods none so soon after another."""
    seen: set[tuple[str, str]] = set()
    last: dict[str, Millis] = {}
    for one in fired:
        before = last.get(one.rule_id)
        if (one.rule_id, one.date_bucket) in seen or (
            before is not None and one.occurred_at - before < one.rolling
        ):
            continue
        seen.add((one.rule_id, one.date_bucket))
        last[one.rule_id] = one.occurred_at
        if window.since <= one.occurred_at <= window.at:
            yield Alert(one.rule_id, one.date_bucket, one.occurred_at, one.rolling)
