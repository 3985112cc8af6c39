"""`lead-engine predict`: models that say how likely a lead is to be won."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.table import Table

from domain.decisions.goal import WIN
from domain.instant import to_datetime
from domain.prediction.model import LevelTerm, Model, NumberTerm, Term
from engine.prediction.model_store import StoredModel
from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from workflows.prediction.backtest import Backtest, backtest
from workflows.prediction.models import activate_model, goal_of, roll_back
from workflows.prediction.training import train_model

__all__ = ["predict"]

_WIDE = 200
_MOST_TERMS = 12


@click.group()
def predict() -> None:
    """Train, test, show and activate the models that say how likely a lead is to be won."""


_goal = click.option(
    "--goal", default=WIN.name, show_default=True, help="The goal of the active rulebook that it is about."
)


@predict.command("train")
@_goal
@exits
def train_command(goal: str) -> int | None:
    """Learn a model from the log under the active rulebook, and test it on the last quarter of its time.

    It is stored, and not active: activate it once its figures convince. Exits with 1 if it fails a test.
    """
    return run(_train(settings_with_logs(), goal))


@predict.command("list")
@exits
def list_command() -> int | None:
    """List the models, the newest first, with their figures on leads that they had not seen."""
    return run(_list(settings_with_logs()))


@predict.command("show")
@click.argument("model")
@exits
def show_command(model: str) -> int | None:
    """Show MODEL (name@version): its figures, its reliability, and what counts most."""
    return run(_show(settings_with_logs(), model))


@predict.command("activate")
@click.argument("model")
@exits
def activate_command(model: str) -> int | None:
    """Show probabilities by MODEL (name@version) from now on, in every process within seconds."""
    return run(_activate(settings_with_logs(), model))


@predict.command("rollback")
@_goal
@exits
def rollback_command(goal: str) -> int | None:
    """Show probabilities by the model before, or none again."""
    return run(_roll_back(settings_with_logs(), goal))


@predict.command("backtest")
@click.option(
    "--months", type=click.IntRange(1, 24), default=12, show_default=True, help="Months to go back."
)
@_goal
@exits
def backtest_command(months: int, goal: str) -> int | None:
    """Train on what was known at the beginning of each month, and compare with what then became of the leads."""
    return run(_backtest(settings_with_logs(), months, goal))


async def _train(settings: Settings, goal: str) -> int | None:
    async with open_runtime(settings) as runtime:
        wanted = goal_of(runtime.rulebook, goal)
        stored = await train_model(runtime, current_actor(), wanted, on_progress=_say)
    _print_figures(stored.model)
    for failure in stored.failures:
        print(f"It fails a test: {failure}.")
    if stored.failures:
        print(f"Stored as {stored.model.label}; it cannot be activated.")
        return 1
    print(f"It passes every test. Activate it with `lead-engine predict activate {stored.model.label}`.")
    return None


def _say(leads: int, landmarks: int) -> None:
    print(f"{leads} leads read, {landmarks} landmarks", file=sys.stderr)


async def _list(settings: Settings) -> None:
    async with open_runtime(settings) as runtime:
        found = await runtime.prediction.models.all()
        active = await runtime.prediction.models.active_labels()
    if not found:
        print("No model was trained yet: `lead-engine predict train`.")
        return
    table = Table("model", "trained", "rulebook", "landmarks", "AUC", "score's AUC", "skill", "E/O", "state")
    for stored in found:
        table.add_row(*_row(stored, active.get(stored.model.goal.name)))
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)


def _row(stored: StoredModel, active: str | None) -> tuple[str, ...]:
    model, tested = stored.model, stored.model.held_out
    state = "active" if model.label == active else "failed" if stored.failures else "passed"
    return (
        model.label,
        f"{to_datetime(stored.created_at):%Y-%m-%d %H:%M}",
        model.rulebook,
        str(model.landmarks),
        f"{tested.auc:.3f}",
        f"{tested.score_auc:.3f}",
        f"{tested.brier_skill:.3f}",
        f"{tested.expected_over_observed:.2f}",
        state,
    )


async def _show(settings: Settings, label: str) -> None:
    async with open_runtime(settings) as runtime:
        stored = await runtime.prediction.models.get(label)
    _print_figures(stored.model)
    for failure in stored.failures:
        print(f"It fails a test: {failure}.")
    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    groups = Table("predicted up to", "predicted", "landmarks", "reached", "interval (95 %)")
    for one in stored.model.held_out.reliability:
        groups.add_row(
            f"{one.up_to:.1%}",
            f"{one.predicted:.1%}",
            str(one.landmarks),
            f"{one.wins / one.landmarks:.1%}",
            f"{one.low:.1%} to {one.high:.1%}",
        )
    console.print(groups)
    terms = Table("feature", "odds, least to most")
    for term in sorted(stored.model.terms, key=_reach, reverse=True)[:_MOST_TERMS]:
        low, high = _bounds(term)
        terms.add_row(term.feature, f"x {2.718281828**low:.2f} to x {2.718281828**high:.2f}")
    console.print(terms)


def _bounds(term: Term) -> tuple[float, float]:
    match term:
        case NumberTerm(weights=weights, unknown=unknown):
            values = [*weights, unknown]
        case LevelTerm(levels=levels, other=other, unknown=unknown):
            values = [*levels.values(), other, unknown]
    return min(values), max(values)


def _reach(term: Term) -> float:
    low, high = _bounds(term)
    return high - low


def _print_figures(model: Model) -> None:
    tested = model.held_out
    print(
        f"{model.label}: {model.landmarks} landmarks, {model.wins} {model.goal.outcome} within {model.goal.horizon_days} days, "
        f"under {model.rulebook}" + (", imported history among them." if model.backfilled else ".")
    )
    print(
        f"On {tested.landmarks} later landmarks ({tested.wins} won): AUC {tested.auc:.3f} "
        f"(score {tested.score_auc:.3f}), Brier skill {tested.brier_skill:.3f}, "
        f"expected over observed {tested.expected_over_observed:.2f}, slope {tested.slope:.2f}, "
        f"calibration error {tested.calibration_error:.3f}, the top tenth has {tested.top_tenth_lift:.1f} times the wins."
    )


async def _activate(settings: Settings, label: str) -> None:
    async with open_runtime(settings) as runtime:
        await activate_model(runtime, current_actor(), label)
    print(f"Probabilities are those of {label}, in every process within two seconds.")


async def _roll_back(settings: Settings, goal: str) -> None:
    async with open_runtime(settings) as runtime:
        label = await roll_back(runtime, current_actor(), goal)
    print("No probability is shown." if label is None else f"Probabilities are those of {label} again.")


async def _backtest(settings: Settings, months: int, goal: str) -> int | None:
    async with open_runtime(settings) as runtime:
        found = await backtest(runtime, goal_of(runtime.rulebook, goal), months, on_progress=_say)
    table = Table("month", "learnt from", "tested on", "won", "AUC", "skill", "E/O", "top tenth")
    for one in found:
        table.add_row(*_month(one))
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)
    return None


def _month(one: Backtest) -> tuple[str, ...]:
    month = f"{to_datetime(one.at):%Y-%m}"
    if one.found is None:
        return month, str(one.landmarks), "-", "-", one.reason, "", "", ""
    found = one.found
    return (
        month,
        str(one.landmarks),
        str(found.landmarks),
        str(found.wins),
        f"{found.auc:.3f}",
        f"{found.brier_skill:.3f}",
        f"{found.expected_over_observed:.2f}",
        f"{found.top_tenth_lift:.1f}",
    )
