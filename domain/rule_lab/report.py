"""The report of a preview: its figures as shares and rates with intervals, for all leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct

from domain.decisions.outcome import OUTCOMES
from domain.rule_lab.figures import DIFFERENCES, AlertFigures, Figures
from domain.rule_lab.intervals import Interval, share_interval, total_interval

__all__ = ["AlertReport", "AlertSide", "Ended", "Report", "ScoreBin", "StageMove", "ended_of", "report_of"]


class StageMove(Struct, frozen=True, rename="camel"):
    """How many of the leads looked at go from one stage to another, or stay in it."""

    before: str
    after: str
    leads: int


class Ended(Struct, frozen=True, rename="camel"):
    """How leads ended that moved one way; the interval is that of `win_share`, null without leads."""

    moved: str
    leads: int
    won: int
    lost: int
    disqualified: int
    open: int
    win_share: float | None
    interval: Interval | None


class AlertSide(Struct, frozen=True, rename="camel"):
    """How often an automation fires under one rulebook, for how many leads, and how these ended.

    `a_day` is for all leads, with its interval.
    """

    count: int
    leads: int
    a_day: float
    interval: Interval
    ended: dict[str, int]


class AlertReport(Struct, frozen=True, rename="camel"):
    """An automation under both rulebooks. `new` fire only then, `lost` only now; how the leads of these ended."""

    automation: str
    now: AlertSide
    then: AlertSide
    new: int
    lost: int
    new_ended: Mapping[str, int]
    lost_ended: Mapping[str, int]


class ScoreBin(Struct, frozen=True, rename="camel"):
    """Leads whose score moves by `at_least` points up to less than `below`; null: no bound."""

    at_least: float | None
    below: float | None
    leads: int


class Report(Struct, frozen=True, rename="camel"):
    """What a rulebook would do to `of` leads, by the `leads` that were looked at."""

    leads: int
    of: int
    failed: int
    moved: int
    moved_share: float
    moved_interval: Interval
    up: int
    down: int
    stages: tuple[StageMove, ...]
    mean_difference: float
    differences: tuple[ScoreBin, ...]
    ended: tuple[Ended, ...]
    alerts: tuple[AlertReport, ...]
    all_alerts: AlertReport


def report_of(figures: Figures, of: int, days: float) -> Report:
    """The report over a window of so many days, in which alerts were counted. At least one lead was looked at."""
    leads, of = figures.leads, max(of, figures.leads)
    moved = {way: sum(ended.values()) for way, ended in figures.ended.items()}
    up, down = moved.get("up", 0), moved.get("down", 0)

    scale = _Scale(leads, of, days)
    return Report(
        leads=leads,
        of=of,
        failed=figures.failed,
        moved=up + down,
        moved_share=(up + down) / leads,
        moved_interval=share_interval(up + down, leads, of),
        up=up,
        down=down,
        stages=tuple(_stage_move(pair, number) for pair, number in sorted(figures.stages.items())),
        mean_difference=figures.difference / leads,
        differences=tuple(
            ScoreBin(low, high, number)
            for low, high, number in zip(
                (None, *DIFFERENCES), (*DIFFERENCES, None), figures.differences, strict=True
            )
        ),
        ended=tuple(ended_of(way, figures.ended.get(way, {})) for way in ("up", "down", "not")),
        alerts=tuple(_alert(rule, found, scale) for rule, found in sorted(figures.alerts.items())),
        all_alerts=_alert("", figures.all_alerts, scale),
    )


def _stage_move(pair: str, leads: int) -> StageMove:
    before, after = pair.split(">")
    return StageMove(before, after, leads)


def ended_of(moved: str, counts: Mapping[str, int]) -> Ended:
    """Leads that moved one way. Whether they were won says something of leads like them, so the interval never closes."""
    leads, won = sum(counts.values()), counts.get("won", 0)
    return Ended(
        moved=moved,
        leads=leads,
        **{name: counts.get(name, 0) for name in OUTCOMES},
        win_share=won / leads if leads else None,
        interval=share_interval(won, leads, 10**9) if leads else None,
    )


class _Scale(NamedTuple):
    """From counts over the `leads` that were looked at to a day of all of them."""

    leads: int
    of: int
    days: float


def _alert(rule: str, found: AlertFigures, scale: _Scale) -> AlertReport:
    now = (found.now, found.leads_now, found.squares_now, found.ended_now)
    then = (found.then, found.leads_then, found.squares_then, found.ended_then)
    return AlertReport(
        rule,
        _side(now, scale),
        _side(then, scale),
        new=found.new,
        lost=found.lost,
        new_ended=dict(sorted(found.ended_new.items())),
        lost_ended=dict(sorted(found.ended_lost.items())),
    )


def _side(counts: tuple[int, int, int, Mapping[str, int]], scale: _Scale) -> AlertSide:
    total, of_leads, squares, ended = counts
    low, high = total_interval(total, squares, scale.leads, scale.of)
    a_day = total / scale.leads * scale.of / scale.days
    return AlertSide(
        total, of_leads, a_day, (low / scale.days, high / scale.days), dict(sorted(ended.items()))
    )
