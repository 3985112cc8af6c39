"""A comparison with another commit measures both in turn, and only what both can measure."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import Invalid, Unavailable
from scripts.bench.against.checkout import Checkout, check_out
from scripts.bench.against.comparison import Pair, compare
from scripts.bench.against.measurement import BrokenBenchmark, RowKey, Sample, measure, verify_runs_itself
from scripts.bench.against.run import comparison_as_json, comparison_table, measure_in_turn

SPEED, TIME, MEMORY = RowKey(3, "end to end"), RowKey(5, "latency"), RowKey(13, "memory")

BENCH = """
import json, pathlib, sys
name, file = sys.argv[sys.argv.index("--only") + 1], sys.argv[sys.argv.index("--json") + 1]
here = pathlib.Path(__file__).parents[2]
with open(here.parent / "order", "a") as order:
    order.write(here.name + " ")
if name == "unknown":
    sys.exit("there is no such question")
row = {"question": 1, "name": "ingest, 1 event a request, 64 connections", "measured": {"unit": "events/s", "median": SPEED, "low": 1},
       "baseline": {"unit": "events/s", "median": 100.0}, "verdict": "reached"}
broken = {name: "it fell over"} if name == "wrong" else {}
pathlib.Path(file).write_text(json.dumps({"at": "now", "broken": broken, "rows": [] if broken else [row]}))
"""


def write_program(folder: Path, speed: float = 10.0) -> Path:
    """A checkout whose benchmark has one row."""
    for package in ("engine", "scripts", "scripts/bench"):
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").touch()
    (folder / "scripts" / "bench" / "__main__.py").write_text(BENCH.replace("SPEED", str(speed)))
    (folder / "requirements.lock").touch()
    return folder


@pytest.fixture
def program(tmp_path):
    return lambda name, speed=10.0: Checkout(
        name, write_program(tmp_path / name, speed), Path(sys.executable)
    )


def pair(before, now):
    return Pair(
        {row: Sample(unit, value, base) for row, unit, value, base in before},
        {row: Sample(unit, value, base) for row, unit, value, base in now},
    )


def test_more_events_a_second_and_less_time_are_both_better_now():
    (speed, time) = compare(
        [
            pair(
                [(SPEED, "events/s", 100.0, 50.0), (TIME, "ms", 40.0, None)],
                [(SPEED, "events/s", 120.0, 55.0), (TIME, "ms", 20.0, None)],
            )
        ]
    )
    assert (speed.gain.median, time.gain.median) == (1.2, 2.0)
    assert speed.control is not None
    assert speed.control.median == pytest.approx(1.1)
    assert time.control is None


def test_ratios_are_taken_pair_by_pair_so_that_a_machine_that_drifts_does_not_count():
    pairs = [
        pair([(SPEED, "events/s", x, None)], [(SPEED, "events/s", 0.9 * x, None)]) for x in (50, 100, 200)
    ]
    (row,) = compare(pairs)
    assert row.gain.samples == pytest.approx((0.9, 0.9, 0.9))


def test_rows_that_one_of_the_two_does_not_have_or_nobody_asked_for_are_left_out():
    both = [(SPEED, "events/s", 1.0, None), (TIME, "ms", 1.0, None)]
    pairs = [pair(both, [*both, (MEMORY, "MB", 1.0, None)])]
    assert [one.row for one in compare(pairs)] == [SPEED, TIME]
    assert [one.row for one in compare(pairs, {5})] == [TIME]
    assert compare([]) == []


def test_both_are_measured_in_each_pair_and_every_other_pair_begins_with_the_other_one(program, tmp_path):
    found = measure_in_turn(
        ["ingest"],
        program("before", 10.0),
        program("now", 20.0),
        pairs=3,
        quick=True,
        numbers=(),
        say=lambda _: None,
    )
    assert (tmp_path / "order").read_text().split() == ["before", "now", "now", "before", "before", "now"]
    (row,) = found.rows
    assert row.row == (1, "ingest, 1 event per request, 64 connections")  # as it is called now
    assert row.gain.samples == (2.0, 2.0, 2.0)
    assert row.control is not None
    assert row.control.samples == (1.0, 1.0, 1.0)
    report = json.loads(comparison_as_json(found, "1c38162", quick=True))
    assert report["rows"][0]["ratio"] == {"median": 2.0, "low": 2.0, "high": 2.0}
    assert comparison_table(found.rows, "1c38162").row_count == 1


@pytest.mark.parametrize(("question", "said"), [("wrong", "it fell over"), ("unknown", "no such question")])
def test_a_question_that_a_checkout_cannot_measure_is_reported_and_the_others_are_measured(
    program, question, said
):
    found = measure_in_turn(
        [question, "ingest"],
        program("before"),
        program("now"),
        pairs=1,
        quick=False,
        numbers=(),
        say=lambda _: None,
    )
    assert said in found.broken[question]
    assert len(found.rows) == 1


def test_a_folder_that_would_run_another_program_is_refused(tmp_path, program):
    verify_runs_itself(program("whole"))
    with pytest.raises(BrokenBenchmark, match="would not run from"):
        verify_runs_itself(Checkout("empty", tmp_path / "whole" / "engine", Path(sys.executable)))


def git(folder, *words):
    subprocess.run(
        ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.com", *words],
        check=True,
        capture_output=True,
    )


@pytest.fixture
def repository(tmp_path):
    """Two commits: at the first the benchmark says 10, at the second 20."""
    folder = write_program(tmp_path / "repository", 10.0)
    git(folder, "init", "--quiet")
    for speed in (10.0, 20.0):
        (folder / "scripts" / "bench" / "__main__.py").write_text(BENCH.replace("SPEED", str(speed)))
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", "x")
    return folder


def test_a_commit_is_measured_as_it_was_and_nothing_of_it_stays_behind(repository):
    with check_out("HEAD~1", lambda _: None, repository) as old:
        assert old.python == Path(sys.executable)
        (sample,) = measure(old, "ingest", quick=True).values()
        assert sample.measured == 10.0
        folder = old.folder
    assert not folder.exists()
    assert not (repository / ".git" / "worktrees").exists()


def test_a_commit_that_pins_what_is_not_here_gets_an_environment_of_its_own(repository):
    (repository / "requirements.lock").write_text("something==9.9 \\\n    --hash=sha256:00\n")
    (repository / "Makefile").write_text(
        ".venv/.installed:\n\tmkdir -p .venv/bin && ln -s $(PYTHON) .venv/bin/python && touch $@\n"
    )
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "x")
    with check_out("HEAD", lambda _: None, repository) as own:
        assert own.python == own.folder / ".venv" / "bin" / "python"
        assert own.python.exists()
    (repository / "Makefile").write_text(".venv/.installed:\n\t@echo no network; false\n")
    git(repository, "commit", "--quiet", "-a", "-m", "x")
    with (
        pytest.raises(Unavailable, match="no network"),
        check_out("HEAD", lambda _: None, repository),
    ):
        pass


def test_an_unknown_commit_is_one_plain_message(repository):
    with (
        pytest.raises(Invalid, match="There is no commit 'nope'"),
        check_out("nope", lambda _: None, repository),
    ):
        pass
