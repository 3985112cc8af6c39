"""A preview of a rulebook, and a challenger, as a person reads them on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from domain.decisions.goal import Goal
from domain.instant import to_datetime
from domain.rule_lab.comparison import LeadComparison, Side
from domain.rule_lab.ranking import Ranking
from domain.rule_lab.report import AlertReport, AlertSide, Ended, Report, report_of
from engine.process.printable import printable
from engine.rule_lab.preview import Preview
from workflows.rule_lab.shadow_report import ShadowReport

__all__ = ["print_preview", "print_shadow"]

_WIDE = 160


def print_preview(preview: Preview, largest: Sequence[LeadComparison]) -> None:
    """Print what the change would do, and the leads that it moves most with both explanations."""
    console = Console(
        width=None if sys.stdout.isatty() else _WIDE, markup=False, highlight=False, emoji=False
    )
    report = _report(preview)
    if preview.progress.state == "failed":
        console.print(f"The preview failed: {printable(preview.progress.failure)}")
        return
    if report is None:
        console.print("There is no lead to look at.")
        return
    low, high = report.moved_interval
    console.print(
        f"{preview.label} instead of {preview.before} ({preview.change_class}), {report.leads} of {report.of} leads: "
        f"{report.moved} come into another stage ({report.moved_share:.1%}, {low:.1%} to {high:.1%}), "
        f"{report.up} up and {report.down} down; scores move by {report.mean_difference:+.2f} on average."
    )
    if report.failed:
        console.print(f"{report.failed} leads cannot be folded and were left out.")
    console.print(_stages(report), _ended(report.ended), _alerts(report))
    console.print(_ranking_line(preview.progress.ranking, preview.goal))
    for lead in largest:
        if lead.difference:
            console.print(f"{printable(lead.lead_id)}: {_side(lead.now)} -> {_side(lead.then)}")
    console.print(f"Preview {preview.preview_id}. To publish: --expect {preview.digest}")


def print_shadow(report: ShadowReport) -> None:
    """Print a challenger beside the active rulebook."""
    console = Console(
        width=None if sys.stdout.isatty() else _WIDE, markup=False, highlight=False, emoji=False
    )
    shadow = report.shadow
    console.print(
        f"{shadow.label} beside {shadow.before} since {to_datetime(shadow.started_at):%Y-%m-%d %H:%M}, {shadow.state}: "
        f"of {report.leads} leads {report.moved} are in another stage; scores differ by "
        f"{report.mean_difference:+.2f} on average; {report.behind} events are to be folded"
        f"{'' if report.is_filled else ', and leads that did nothing since'}."
    )
    stages = Table("stage now", "stage then", "leads")
    for one in report.stages:
        stages.add_row(one.before, one.after, str(one.leads))
    alerts = Table("automation", "ran", "would have run")
    for alert in report.alerts:
        alerts.add_row(alert.automation, str(alert.now), str(alert.then))
    console.print(stages, _ended(report.ended), alerts)


def _report(preview: Preview) -> Report | None:
    if not preview.shown.leads:
        return None
    return report_of(preview.shown, preview.progress.of or 0, preview.window.days)


def _stages(report: Report) -> Table:
    table = Table("stage now", "stage then", "leads")
    for one in report.stages:
        if one.before != one.after:
            table.add_row(one.before, one.after, str(one.leads))
    return table


def _ended(ended: Sequence[Ended]) -> Table:
    table = Table("moved", "leads", "won", "lost", "disqualified", "open", "won, of all (95 %)")
    for one in ended:
        share = "" if one.interval is None else f"{one.interval[0]:.1%} to {one.interval[1]:.1%}"
        table.add_row(one.moved, *map(str, (one.leads, one.won, one.lost, one.disqualified, one.open)), share)
    return table


def _alerts(report: Report) -> Table:
    table = Table("automation", "a day now", "a day then", "95 %", "new", "lost", "leads won then")
    for one in (*report.alerts, report.all_alerts):
        table.add_row(*_alert(one))
    return table


def _alert(one: AlertReport) -> tuple[str, ...]:
    low, high = one.then.interval
    return (
        one.automation or "all",
        f"{one.now.a_day:.2f}",
        f"{one.then.a_day:.2f}",
        f"{low:.2f} to {high:.2f}",
        str(one.new),
        str(one.lost),
        _won(one.then),
    )


def _won(side: AlertSide) -> str:
    return f"{side.ended.get('won', 0)} of {side.leads}"


def _ranking_line(ranking: Ranking | None, goal: Goal) -> str:
    if ranking is None:
        return f"Too few leads reached {goal.name} within {goal.horizon_days} days to say how well the scores rank."
    low, high = ranking.interval
    return (
        f"Ranking of open leads by {goal.name} within {goal.horizon_days} days: AUC {ranking.auc_now:.3f} now, {ranking.auc_then:.3f} then "
        f"(difference {low:+.3f} to {high:+.3f}); top tenth {ranking.lift_now:.2f} and {ranking.lift_then:.2f} times the wins."
    )


def _side(side: Side) -> str:
    why = ", ".join(f"{printable(one.label)} {one.points:+.1f}" for one in side.reasons[:3])
    return f"{side.score:.1f} {side.stage}" + (f" ({why})" if why else "")
