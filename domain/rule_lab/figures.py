"""Figures of a preview: sums over leads under two rulebooks, which add up over samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct, field

from domain.rule_lab.comparison import LeadComparison

__all__ = ["DIFFERENCES", "AlertFigures", "Figures", "tags_of"]

DIFFERENCES = (-20.0, -10.0, -5.0, -1.0, 1.0, 5.0, 10.0, 20.0)
"""The bounds of the bins of differences of scores, in points; a bin holds its lower bound."""


class AlertFigures(Struct):
    """An automation under both rulebooks: how often it fires, for how many leads, and how these leads ended."""

    now: int = 0
    then: int = 0
    leads_now: int = 0
    leads_then: int = 0
    new: int = 0
    lost: int = 0
    squares_now: int = 0
    """The sum over leads of the square of their number, from which its variance follows."""
    squares_then: int = 0
    ended_now: dict[str, int] = field(default_factory=dict)
    ended_then: dict[str, int] = field(default_factory=dict)
    ended_new: dict[str, int] = field(default_factory=dict)
    """Of the leads with an alert that only the later rulebook raises, and in `ended_lost` only the active one."""
    ended_lost: dict[str, int] = field(default_factory=dict)


class Figures(Struct):
    """Sums over leads. Stages are counted as `before>after`, endings by which way the lead moved."""

    leads: int = 0
    failed: int = 0
    stages: dict[str, int] = field(default_factory=dict)
    ended: dict[str, dict[str, int]] = field(default_factory=dict)
    differences: list[int] = field(default_factory=lambda: [0] * (len(DIFFERENCES) + 1))
    difference: float = 0.0
    """The sum of the differences of scores."""
    alerts: dict[str, AlertFigures] = field(default_factory=dict)
    all_alerts: AlertFigures = field(default_factory=AlertFigures)

    def add(self, lead: LeadComparison) -> None:
        """Count one lead."""
        self.leads += 1
        _count(self.stages, f"{lead.now.stage}>{lead.then.stage}")
        _count(self.ended.setdefault(lead.moved, {}), lead.ended)
        self.differences[_bin(lead.difference)] += 1
        self.difference += lead.difference
        now, then = Counter(lead.now.alerts), Counter(lead.then.alerts)
        new, lost = Counter(lead.new_alerts), Counter(lead.lost_alerts)
        for rule in now.keys() | then.keys():
            of_rule = self.alerts.setdefault(rule, AlertFigures())
            _add_alerts(of_rule, _Counts(now[rule], then[rule], new[rule], lost[rule]), lead.ended)
        if now or then:
            total = _Counts(now.total(), then.total(), new.total(), lost.total())
            _add_alerts(self.all_alerts, total, lead.ended)

    def merge(self, other: Figures) -> None:
        """Add the sums over other leads."""
        self.leads += other.leads
        self.failed += other.failed
        _merge(self.stages, other.stages)
        for moved, ended in other.ended.items():
            _merge(self.ended.setdefault(moved, {}), ended)
        self.differences = [a + b for a, b in zip(self.differences, other.differences, strict=True)]
        self.difference += other.difference
        for rule, alerts in other.alerts.items():
            _merge_alerts(self.alerts.setdefault(rule, AlertFigures()), alerts)
        _merge_alerts(self.all_alerts, other.all_alerts)


class _Counts(NamedTuple):
    """Alerts of one lead."""

    now: int
    then: int
    new: int
    lost: int


def tags_of(lead: LeadComparison) -> list[str]:
    """The numbers of a preview that the lead is counted in, as words to find it by."""
    tags = [
        f"moved:{lead.moved}",
        f"ended:{lead.ended}",
        f"stages:{lead.now.stage}>{lead.then.stage}",
        *(f"now:{rule}" for rule in set(lead.now.alerts)),
        *(f"then:{rule}" for rule in set(lead.then.alerts)),
        *(f"new:{rule}" for rule in set(lead.new_alerts)),
        *(f"lost:{rule}" for rule in set(lead.lost_alerts)),
    ]
    return sorted(tags)


def _add_alerts(figures: AlertFigures, counts: _Counts, ended: str) -> None:
    now, then = counts.now, counts.then
    figures.now, figures.then = figures.now + now, figures.then + then
    figures.new, figures.lost = figures.new + counts.new, figures.lost + counts.lost
    figures.leads_now, figures.leads_then = figures.leads_now + (now > 0), figures.leads_then + (then > 0)
    figures.squares_now, figures.squares_then = figures.squares_now + now**2, figures.squares_then + then**2
    for number, endings in (
        (now, figures.ended_now),
        (then, figures.ended_then),
        (counts.new, figures.ended_new),
        (counts.lost, figures.ended_lost),
    ):
        if number:
            _count(endings, ended)


def _merge_alerts(figures: AlertFigures, other: AlertFigures) -> None:
    for name in _SUMS:
        setattr(figures, name, getattr(figures, name) + getattr(other, name))
    for name in _ENDINGS:
        _merge(getattr(figures, name), getattr(other, name))


_SUMS = ("now", "then", "leads_now", "leads_then", "new", "lost", "squares_now", "squares_then")
_ENDINGS = ("ended_now", "ended_then", "ended_new", "ended_lost")


def _bin(difference: float) -> int:
    return sum(difference >= bound for bound in DIFFERENCES)


def _count(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1


def _merge(counts: dict[str, int], other: Mapping[str, int]) -> None:
    for name, number in other.items():
        counts[name] = counts.get(name, 0) + number
