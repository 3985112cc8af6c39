"""Response bodies of previews of rulebooks: progress, figures with intervals, and the leads behind them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import field

from api.http.pages import Page, component
from api.http.view import View
from domain.decisions.goal import Goal
from domain.events.log_cursor import events_at
from domain.instant import to_datetime
from domain.rule_lab.change_class import ChangeClass
from domain.rule_lab.comparison import LeadComparison, Side
from domain.rule_lab.ranking import Ranking
from domain.rule_lab.report import AlertReport, Ended, Report, ScoreBin, StageMove, report_of
from engine.rule_lab.preview import Preview, PreviewState

__all__ = ["PreviewLeadsPage", "PreviewView", "PreviewsPage", "ended_view", "lead_view", "preview_view"]

Interval = tuple[float, float]


class MovedView(View, frozen=True):
    """Leads that come into another stage, among those looked at; `interval` (95 %) is that of the share of all leads."""

    leads: int
    share: float
    interval: Interval
    up: int
    down: int


class EndedView(View, frozen=True):
    """How the leads ended that moved `up`, `down` or `not`; null without any."""

    moved: str
    leads: int
    won: int
    lost: int
    disqualified: int
    open: int
    win_share: float | None
    interval: Interval | None


class StageMoveView(View, frozen=True):
    """Leads looked at that go from one stage to another, or stay in it."""

    before: str
    after: str
    leads: int


class ScoreBinView(View, frozen=True):
    """Leads looked at whose score moves by `atLeast` points up to less than `below`; null: no bound."""

    at_least: float | None
    below: float | None
    leads: int


class AlertSideView(View, frozen=True):
    """Firings in the window for the leads looked at, and a day for all leads, with an interval; and how these leads ended."""

    count: int
    leads: int
    a_day: float
    interval: Interval
    ended: dict[str, int]


class AlertView(View, frozen=True):
    """An automation under both rulebooks, or all of them. `new` fire only then, `lost` only now; how the leads of these ended."""

    automation: str
    now: AlertSideView
    then: AlertSideView
    new: int
    lost: int
    new_ended: dict[str, int]
    lost_ended: dict[str, int]


class RankingView(View, frozen=True):
    """How well scores rank open leads at past weeks by whether they reached the goal within its horizon.

    `interval` (95 %) is that of the paired difference `aucThen` - `aucNow`; the lift is that of the top tenth.
    """

    goal: str
    horizon_days: int
    leads: int
    landmarks: int
    reached: int
    auc_now: float
    auc_then: float
    interval: Interval
    lift_now: float
    lift_then: float


class FiguresView(View, frozen=True):
    """What the change does, by the `leads` that were looked at, of all `of`. Null in `ranking`: too few were decided."""

    leads: int
    of: int
    failed: int
    moved: MovedView
    stages: list[StageMoveView]
    mean_difference: float
    differences: list[ScoreBinView]
    ended: list[EndedView]
    alerts: list[AlertView]
    all_alerts: AlertView
    ranking: RankingView | None


class PreviewView(View, frozen=True):
    """A preview. `figures` are those of a fair sample, which doubles until it is all leads; null before the first lead.

    `compared` counts all leads that were compared so far.
    """

    id: str
    status: PreviewState
    failure: str
    digest: str
    label: str
    before: str
    change_class: ChangeClass = field(name="class")
    sample: int
    all: bool
    sample_complete: bool
    compared: int
    since: datetime
    at: datetime
    position: int
    created_at: datetime
    created_by: str
    figures: FiguresView | None


class ComparedReasonView(View, frozen=True):
    """Points of the score, by a rule."""

    rule_id: str
    label: str
    points: float


class SideView(View, frozen=True):
    """A lead under one rulebook. `alerts` are ids of automations; `reasons` the largest, of leads that moved by a point."""

    score: float
    stage: str
    alerts: list[str]
    reasons: list[ComparedReasonView]


class PreviewLeadView(View, frozen=True):
    """A lead under the active rulebook (`now`) and under the one that is tried (`then`)."""

    lead_id: str
    moved: Literal["up", "down", "not"]
    ended: Literal["open", "won", "lost", "disqualified"]
    difference: float
    now: SideView
    then: SideView
    new_alerts: list[str]
    lost_alerts: list[str]


PreviewsPage = Annotated[Page[PreviewView], component("PreviewsPage")]
PreviewLeadsPage = Annotated[Page[PreviewLeadView], component("PreviewLeadsPage")]


def preview_view(preview: Preview) -> PreviewView:
    progress = preview.progress
    return PreviewView(
        id=preview.preview_id,
        status=progress.state,
        failure=progress.failure,
        digest=preview.digest,
        label=preview.label,
        before=preview.before,
        change_class=preview.change_class,
        sample=preview.sample,
        all=preview.all_leads,
        sample_complete=preview.has_sample,
        compared=progress.figures.leads + progress.current.leads,
        since=to_datetime(preview.window.since),
        at=to_datetime(preview.window.at),
        position=events_at(preview.position),
        created_at=to_datetime(preview.created_at),
        created_by=preview.created_by,
        figures=_figures(preview) if preview.shown.leads else None,
    )


def lead_view(lead: LeadComparison) -> PreviewLeadView:
    return PreviewLeadView(
        lead_id=lead.lead_id,
        moved=lead.moved,
        ended=lead.ended,
        difference=lead.difference,
        now=_side(lead.now),
        then=_side(lead.then),
        new_alerts=list(lead.new_alerts),
        lost_alerts=list(lead.lost_alerts),
    )


def _figures(preview: Preview) -> FiguresView:
    report = report_of(preview.shown, preview.progress.of or 0, preview.window.days)
    ranking = preview.progress.ranking
    return FiguresView(
        leads=report.leads,
        of=report.of,
        failed=report.failed,
        moved=_moved(report),
        stages=[_stage_move(one) for one in report.stages],
        mean_difference=report.mean_difference,
        differences=[_bin(one) for one in report.differences],
        ended=[ended_view(one) for one in report.ended],
        alerts=[_alert(one) for one in report.alerts],
        all_alerts=_alert(report.all_alerts),
        ranking=None if ranking is None else _ranking(ranking, preview.goal),
    )


def _ranking(ranking: Ranking, goal: Goal) -> RankingView:
    return RankingView(
        goal=goal.name,
        horizon_days=goal.horizon_days,
        leads=ranking.leads,
        landmarks=ranking.landmarks,
        reached=ranking.reached,
        auc_now=ranking.auc_now,
        auc_then=ranking.auc_then,
        interval=ranking.interval,
        lift_now=ranking.lift_now,
        lift_then=ranking.lift_then,
    )


def _moved(report: Report) -> MovedView:
    return MovedView(
        leads=report.moved,
        share=report.moved_share,
        interval=report.moved_interval,
        up=report.up,
        down=report.down,
    )


def _stage_move(one: StageMove) -> StageMoveView:
    return StageMoveView(before=one.before, after=one.after, leads=one.leads)


def _bin(one: ScoreBin) -> ScoreBinView:
    return ScoreBinView(at_least=one.at_least, below=one.below, leads=one.leads)


def ended_view(one: Ended) -> EndedView:
    return EndedView(
        moved=one.moved,
        leads=one.leads,
        won=one.won,
        lost=one.lost,
        disqualified=one.disqualified,
        open=one.open,
        win_share=one.win_share,
        interval=one.interval,
    )


def _alert(one: AlertReport) -> AlertView:
    now, then = (
        AlertSideView(
            count=side.count, leads=side.leads, a_day=side.a_day, interval=side.interval, ended=side.ended
        )
        for side in (one.now, one.then)
    )
    return AlertView(
        automation=one.automation,
        now=now,
        then=then,
        new=one.new,
        lost=one.lost,
        new_ended=dict(one.new_ended),
        lost_ended=dict(one.lost_ended),
    )


def _side(side: Side) -> SideView:
    return SideView(
        score=side.score,
        stage=side.stage,
        alerts=list(side.alerts),
        reasons=[
            ComparedReasonView(rule_id=one.rule_id, label=one.label, points=one.points)
            for one in side.reasons
        ],
    )
