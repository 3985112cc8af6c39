"""The figures as tables on standard output."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from domain.prediction.report import HeldOut
from scripts.evaluate import bpi_2012
from scripts.evaluate.csv_leads import for_evaluation
from scripts.evaluate.olist import OTHERS, compare, pairs_of
from scripts.evaluate.surge import BANDS, RISES, Detector, detectors, measure
from scripts.evaluate.x_education import leads_of, rank_by_rulebook, rank_by_time_on_site, rank_fitted
from scripts.evaluate.x_education_prediction import compare_learners
from scripts.terminal.progress import progress_bar

__all__ = ["report_olist", "report_prediction", "report_surge", "report_x_education"]

STRAYS = 0.01
"""Share of the visits that bring an event of a wrong time."""
LEARNT_LATER = frozenset({"occupation", "specialization", "heardAbout", "country", "city"})
"""Answers that a lead gave, some of them perhaps only once sales had called."""


def report_surge(leads: int, seed: int, folder: Path | None) -> None:
    """False alarms and caught rises; with a folder also the pictures."""
    rulebook = for_evaluation("standard")
    them = detectors(rulebook)
    with progress_bar() as bar:
        task = bar.add_task("Simulating", total=leads)
        tallies = measure(them, leads, seed, seen=lambda: bar.advance(task))
    table = _table(
        f"Surge: {leads:,} simulated leads, 60 days, seed {seed}; false alarms, then real rises that were caught",
        "visits per day",
        "detector",
        "at visits",
        "at daily looks",
        "in week 1",
        *(f"x{times} in {days} d" for times in RISES for days in (1, 2)),
    )
    for rate in BANDS:
        for detector, tally in zip(them, tallies[rate], strict=True):
            caught = [_percent(tally.share_caught(times, days)) for times in RISES for days in (1, 2)]
            false = [tally.per_visit, tally.per_look, tally.per_young_look]
            table.add_row(f"{rate:g}", detector.name, *(f"{100 * share:.2f} %" for share in false), *caught)
    _show(table)
    _report_strays(them[0], leads, seed)
    if folder is not None:
        from scripts.evaluate.plots import plot_example, plot_surge

        print(plot_surge(folder, [one.name for one in them], tallies))
        print(plot_example(folder, rulebook))


def report_prediction(data: Path) -> None:
    """Prediction on the BPI 2012 events and the X Education leads, with controls; raises `NotFound` without the data."""
    table = _table(
        "Win within 30 days, BPI 2012: trained with what was known on a day, tested on all later landmarks",
        *("trained on", "learnt from", "model", "AUC", "Brier skill", "E/O", "slope", "calibration error"),
    )
    for one in bpi_2012.measure(data):
        found = {
            "matured landmarks": one.model,
            "control: decided leads only": one.decided_only,
            "logistic regression": one.logistic,
            "gradient boosting": one.boosting,
        }
        for name, figures in found.items():
            if figures is not None:
                table.add_row(one.day, f"{one.landmarks:,}", name, *_figures(figures))
        table.add_row(one.day, "", "score of the rulebook", f"{one.model.score_auc:.3f}", "", "", "", "")
    _show(table)
    _report_conversion(data)


def _report_conversion(data: Path) -> None:
    """Prediction on the X Education leads."""
    found = compare_learners(data)
    table = _table(
        f"Converts, X Education: learnt from the first {found.learnt:,} leads, tested on the other {found.model.landmarks:,}",
        *("model", "AUC", "Brier skill", "E/O", "slope", "calibration error"),
    )
    table.add_row("model", *_figures(found.model))
    table.add_row("logistic regression", *_figures(found.logistic))
    if found.boosting is not None:
        table.add_row("gradient boosting", *_figures(found.boosting))
    table.add_row("score of the rulebook", f"{found.model.score_auc:.3f}", "", "", "", "")
    table.add_row("control: shuffled outcomes", *_figures(found.shuffled))
    _show(table)
    print("The control fails: " + ("; ".join(found.shuffled_fails) or "nothing, which is wrong") + ".")


def _figures(found: HeldOut) -> tuple[str, ...]:
    return (
        f"{found.auc:.3f}",
        f"{found.brier_skill:+.3f}",
        f"{found.expected_over_observed:.2f}",
        f"{found.slope:.2f}",
        f"{found.calibration_error:.3f}",
    )


def _report_strays(surge: Detector, leads: int, seed: int) -> None:
    """False alarms when some events are said to have happened long before the others."""
    with progress_bar() as bar:
        task = bar.add_task("Simulating wrong times", total=leads)
        tallies = measure((surge,), leads, seed, strays=STRAYS, seen=lambda: bar.advance(task))
    table = _table(
        f"Surge with events of wrong times, long before the others, at {STRAYS:.0%} of the visits: false alarms",
        "visits per day",
        "at visits",
        "at daily looks",
        "in week 1",
    )
    for rate, (tally,) in tallies.items():
        false = [tally.per_visit, tally.per_look, tally.per_young_look]
        table.add_row(f"{rate:g}", *(f"{100 * share:.2f} %" for share in false))
    _show(table)


def report_x_education(data: Path) -> None:
    """How well each way of scoring ranks."""
    leads = leads_of(data)
    ways = (("classic", frozenset[str]()), ("standard", LEARNT_LATER), ("standard", frozenset[str]()))
    with progress_bar() as bar:
        task = bar.add_task("Scoring", total=len(ways) * len(leads))
        ranks = [
            rank_by_rulebook(leads, name, without=without, seen=lambda: bar.advance(task))
            for name, without in ways
        ]
    ranks += [rank_by_time_on_site(leads), rank_fitted(leads, without=LEARNT_LATER), rank_fitted(leads)]
    won = sum(lead.converted for lead in leads)
    table = _table(
        f"X Education: {len(leads):,} leads, {won:,} converted", "by", "ROC-AUC", "lift of the top tenth"
    )
    for rank in ranks:
        table.add_row(rank.name, f"{rank.auc:.3f}", f"{rank.lift:.2f}")
    _show(table)


def report_olist(data: Path) -> None:
    """Print the scores before deals were won."""
    pairs = pairs_of(data)
    table = _table(
        f"Olist: {len(pairs.won)} deals the day before they were won, {OTHERS} other leads of the same age each; "
        f"{pairs.too_early} deals had no day before",
        "rulebook",
        "ROC-AUC",
        "mean score won",
        "others",
        "won at 0 points",
        "risk high won",
        "others",
    )
    for name, origin in (("classic", False), ("standard", False), ("standard", True)):
        said = compare(pairs, name, origin=origin)
        shares = [_percent(share) for share in (said.won_at_nought, said.won_risk_high, said.other_risk_high)]
        table.add_row(
            said.name, f"{said.auc:.3f}", f"{said.won_score:.1f}", f"{said.other_score:.1f}", *shares
        )
    _show(table)


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="left" if name == "detector" else "right")
    return table


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _show(table: Table) -> None:
    terminal = Console()
    console = terminal if terminal.is_terminal else Console(width=130)
    console.print(table)
