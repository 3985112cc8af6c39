"""Medians, ratios, targets and verdicts of the benchmark, and how they are shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console

from scripts.bench.checks import WrongResult, verify
from scripts.bench.report.background_load import Moment
from scripts.bench.report.figures import Figure, Row, at_least, below, percentile
from scripts.bench.report.json_report import as_json
from scripts.bench.report.machine import Machine
from scripts.bench.report.markdown import as_markdown
from scripts.bench.report.table import in_short, number, table_of
from scripts.bench.rounds import interleave
from scripts.bench.runner import Answers

SETTINGS = {
    "rulebook": "standard",
    "worker_processes": "1",
    "worker_threads": "4",
    "append_batch_events": "1000",
    "append_linger_ms": "2.0",
    "fold_batch_leads": "50",
}
MACHINE = Machine("a processor", 2, 8.0, 1.5, 0.1, "Linux", {"python": "3.11"}, SETTINGS)


def row(measured, baseline=None, **others):
    figure = None if baseline is None else Figure("events/s", baseline)
    return Row(question=1, name="ingest", measured=Figure("events/s", measured), baseline=figure, **others)


def shown(*rows):
    console = Console(width=150, record=True, file=StringIO())
    console.print(table_of(rows))
    return console.export_text()


def test_a_figure_is_the_median_of_its_rounds_between_the_lowest_and_the_highest():
    figure = Figure("ms", (5.0, 1.0, 3.0, 2.0))
    assert (figure.median, figure.low, figure.high) == (2.5, 1.0, 5.0)


def test_a_ratio_is_taken_round_by_round_so_that_a_slow_round_hits_both():
    # The machine was half as fast in the second round: the ratio has not changed.
    ratio = Figure("x", (100.0, 50.0)).over(Figure("x", (200.0, 100.0)))
    assert ratio.samples == (0.5, 0.5)


def test_figures_of_different_numbers_of_rounds_are_not_compared():
    with pytest.raises(ValueError, match="shorter"):
        Figure("x", (1.0, 2.0)).over(Figure("x", (1.0,)))


@pytest.mark.parametrize(("percent", "expected"), [(50, 2), (75, 3), (95, 4), (99, 4), (1, 1), (100, 4)])
def test_a_percentile_is_a_sample_that_enough_others_do_not_exceed(percent, expected):
    assert percentile([4, 1, 3, 2], percent) == expected


def test_there_is_no_percentile_of_nothing():
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)


def test_a_lower_bound_is_met_by_itself_and_an_upper_one_is_not():
    assert at_least(0.5).met_by(0.5)
    assert not at_least(0.5).met_by(0.499)
    assert below(250).met_by(249.9)
    assert not below(250).met_by(250)


@pytest.mark.parametrize(
    ("measured", "verdict"), [((70.0,), "aim met"), ((50.0,), "reached"), ((49.0,), "missed")]
)
def test_the_ratio_to_the_baseline_is_judged(measured, verdict):
    assert row(measured, (100.0,), reach=at_least(0.5), aim=at_least(0.7)).verdict == verdict


@pytest.mark.parametrize(
    ("measured", "verdict"), [((90.0,), "aim met"), ((200.0,), "reached"), ((300.0,), "missed")]
)
def test_upper_bounds_are_judged_the_other_way(measured, verdict):
    assert row(measured, reach=below(250), aim=below(120)).verdict == verdict


def test_a_row_can_be_judged_by_what_was_measured_although_it_has_a_baseline():
    judged = row((300.0,), (100.0,), judged="measured", reach=at_least(200), aim=at_least(400))
    assert judged.verdict == "reached"


def test_a_row_without_targets_has_no_verdict_and_one_with_an_aim_alone_can_miss_it():
    assert row((1.0,)).verdict == ""
    assert row((1.0,), aim=at_least(2)).verdict == "missed"


def test_the_median_is_judged_and_not_the_best_round():
    assert row((1.0, 1.0, 900.0), reach=at_least(10)).verdict == "missed"


@pytest.mark.parametrize(
    ("value", "text"), [(23286.4, "23,286"), (100, "100"), (8.0249, "8.02"), (0.0683, "0.0683"), (0, "0")]
)
def test_numbers_are_shown_with_the_digits_that_matter(value, text):
    assert number(value) == text


def test_the_table_shows_everything_that_a_reader_needs():
    text = shown(
        row(
            (900.0, 1000.0, 1200.0),
            (2000.0, 2000.0, 2000.0),
            baseline_name="raw inserts",
            note="how it was done",
            reach=at_least(0.5),
            aim=at_least(0.7),
        )
    )
    for part in (
        "1,000 events/s",
        "900 to 1,200",
        "raw inserts",
        "0.5 x",
        ">= 0.7",
        "reached",
        "how it was done",
    ):
        assert part in text


def test_a_name_in_brackets_is_shown_as_it_is():
    assert "[bold]" in shown(row((1.0,), note="[bold]"))


def test_a_row_in_short_says_figure_ratio_and_verdict():
    short = in_short(row((50.0,), (100.0,), baseline_name="raw inserts", reach=at_least(0.7)))
    assert short == "ingest: 50 events/s, 0.5 x raw inserts: missed"


def test_the_table_for_documents_has_a_line_a_row_and_no_bar_breaks_it():
    text = as_markdown(
        [row((1.0, 3.0), (2.0, 2.0), baseline_name="raw", note="a|b", reach=at_least(1))], MACHINE
    )
    machine, _, head, rule, line = text.splitlines()
    assert "a processor, 2 cores" in machine
    assert line.startswith(
        r"| 1 | ingest<br>a\|b | 2 events/s (1 to 3) | raw: 2 events/s (2 to 2) | 1 x (0.5 to 1.5) |"
    )
    assert head.count("|") == rule.count("|") == line.replace(r"\|", "").count("|") == 9


def test_the_json_holds_every_sample_the_machine_and_what_broke():
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    answers = Answers([row((1.0, 3.0), (2.0, 2.0), reach=at_least(1))], {"growth": "Traceback"})
    report = json.loads(as_json(answers, MACHINE, at, quick=True))
    assert report["at"] == "2026-11-22T12:00:00+00:00"
    assert (report["quick"], report["broken"]) == (True, {"growth": "Traceback"})
    assert report["machine"]["versions"] == {"python": "3.11"}
    (one,) = report["rows"]
    assert one["measured"]["samples"] == [1.0, 3.0]
    assert one["ratio"]["samples"] == [0.5, 1.5]
    assert one["reach"] == {"bound": 1, "is": "at least"}
    assert (one["aim"], one["verdict"], one["judged"]) == (None, "reached", "ratio")


async def test_rounds_alternate_and_the_warm_up_is_not_counted():
    order = []

    def measure(name):
        async def sample(number):
            order.append(f"{name}{number}")
            return float(number)

        return sample

    samples = await interleave(2, {"a": measure("a"), "b": measure("b")}, lambda _: None)
    assert samples == {"a": (1.0, 2.0), "b": (1.0, 2.0)}
    assert order == ["b0", "a0", "a1", "b1", "b2", "a2"]


def test_what_others_use_is_what_all_use_without_us():
    before, after = Moment(at=10.0, busy=100.0, ours=50.0), Moment(at=20.0, busy=115.0, ours=60.0)
    assert after.share_of_others_since(before, cores=2) == 0.25
    assert Moment(20.0, 105.0, 60.0).share_of_others_since(before, cores=2) == 0  # clocks of ticks are coarse


def test_a_moment_moves_on_with_our_own_work():
    before = Moment.now()
    sum(range(2_000_000))
    after = Moment.now()
    assert after.ours > before.ours
    assert after.at > before.at
    assert after.busy >= before.busy


def test_a_wrong_result_is_an_error():
    verify(True, "never said")
    with pytest.raises(WrongResult, match="3 events are missing"):
        verify(False, "3 events are missing")
