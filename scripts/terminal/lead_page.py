"""The page of a lead for a terminal of 80 columns, with or without colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from domain.instant import Millis, to_datetime
from domain.leads.history_row import HistoryRow
from domain.leads.intelligence import Intelligence
from domain.rule_language.words import days_in_words
from domain.rulebooks.compiled import CompiledRulebook
from engine.automations.task_store import TaskView
from engine.leads.incomplete_leads import Incomplete
from engine.process.printable import printable
from scripts.terminal.durations import age
from scripts.terminal.lead_facts import facts, moment

__all__ = ["LeadPage", "show_lead"]

_MAX_CHANGES = 3
_EPSILON = 0.005
"""Points. What would be shown as 0.00."""


@dataclass(frozen=True)
class LeadPage:
    """A lead at one moment, its score of the last days, its newest rows of history, its open tasks."""

    found: Intelligence
    rules: CompiledRulebook
    curve: Sequence[tuple[Millis, float]]
    rows: Sequence[HistoryRow]
    tasks: Sequence[TaskView]
    is_now: bool = True
    incomplete: Incomplete | None = None


def show_lead(console: Console, page: LeadPage) -> None:
    """Print the page."""
    found = page.found
    console.print(_heading(found))
    console.print(_score_line(found))
    console.print()
    console.print(Text(found.summary))
    console.print()
    for note in _incomplete(page.incomplete):
        console.print(Text(note, style="yellow"))
        console.print()
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    values = [value for _, value in page.curve]
    for name, value in facts(found, page.rules, values, ascii_only=console.options.ascii_only):
        table.add_row(Text(name), value)
    console.print(table)
    for part in (_reasons(found), _timeline(page), _tasks(page)):
        if part is not None:
            console.print()
            console.print(part)
    if any(reason.overflowed for reason in found.reasons):
        console.print(Text("* more repeats than are remembered: some may have counted twice"))


def _heading(found: Intelligence) -> Text:
    name, version = found.rulebook
    heading = Text(printable(found.lead_id), style="bold")
    return heading.append(
        f"  {moment(found.as_of)} UTC, rulebook {name} version {version}", style="not bold dim"
    )


def _score_line(found: Intelligence) -> Text:
    parts = [f"{found.score:.2f} points", found.stage, f"risk {found.risk}", f"velocity {found.velocity:.2f}"]
    if found.details.grade:
        parts.insert(2, f"grade {found.details.grade}")
    return Text("   ".join(parts), style="bold")


def _incomplete(incomplete: Incomplete | None) -> Iterator[str]:
    if incomplete and (letter := incomplete.held_up):
        where = f"event {printable(letter.event_id)}" if letter.event_id else "an unknown event"
        yield (
            f"Held up at {where} since {moment(letter.first_at)}: nothing from there on counts. "
            "`lead-engine dead-letters show` says why."
        )
    if incomplete and incomplete.discarded:
        yield f"Events that were discarded by a person and do not count: {incomplete.discarded}."


def _table(title: str, **columns: bool) -> Table:
    """A table whose columns are named here, with whether each holds numbers."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for name, numeric in columns.items():
        heading = name.replace("_", "-")
        table.add_column(heading, justify="right" if numeric else "left", no_wrap=numeric, header_style="dim")
    return table


def _reasons(found: Intelligence) -> Table | None:
    if not found.reasons:
        return None
    table = _table(
        "Why this score",
        Points=True,
        Reason=False,
        Raw=True,
        Count=True,
        Last=False,
        Half_life=False,
        Cap=True,
    )
    for part in found.reasons:
        table.add_row(
            f"{part.points:+.2f}",
            Text(f"{part.label}{' *' if part.overflowed else ''}"),
            f"{part.raw_points:+.2f}" if part.count else "",
            str(part.count) if part.count else "",
            "" if part.last_event_at is None else age(part.last_event_at, found.as_of),
            "" if part.half_life_days is None else days_in_words(part.half_life_days),
            f"{part.clamped:+.2f}" if abs(part.clamped) >= _EPSILON else "",
        )
    table.add_row(f"{found.score:+.2f}", "= the score", style="bold")
    return table


def _timeline(page: LeadPage) -> Table | None:
    if not page.rows:
        return None
    table = _table("Last events", When=False, Event=False, Changed=False, Score=True, Stage=False)
    for row in page.rows:
        moved = row.stage_after if row.stage_after != row.stage_before else ""
        changes = ", ".join(_changes(row, _labels(page)))
        table.add_row(
            Text(moment(row.occurred_at), no_wrap=True),
            row.type,
            Text(changes or "nothing"),
            f"{row.new_score:.2f}",
            f"to {moved}" if moved else "",
        )
    return table


def _labels(page: LeadPage) -> dict[str, str]:
    labels = {rule.id: rule.label or rule.id for rule in page.rules.document.score.rules}
    return labels | {part.rule_id: part.label for part in page.found.reasons}


def _changes(row: HistoryRow, labels: dict[str, str]) -> Iterator[str]:
    """The points of the event, largest first, and the decay since the row before."""
    given = sorted(row.contributions, key=lambda one: (-abs(one.points), one.rule_id))
    shown = [one for one in given if abs(one.points) >= _EPSILON]
    for one in shown[:_MAX_CHANGES]:
        yield f"{one.points:+.2f} {labels.get(one.rule_id, one.rule_id)}"
    if len(shown) > _MAX_CHANGES:
        rest = sum(one.points for one in shown[_MAX_CHANGES:])
        yield f"{rest:+.2f} by {len(shown) - _MAX_CHANGES} more"
    if abs(row.decay) >= _EPSILON:
        yield f"{row.decay:+.2f} {'decay' if row.decay < 0 else 'decay of losses'}"


def _tasks(page: LeadPage) -> Table | None:
    if not page.tasks:
        return None
    table = _table(
        "Open tasks" if page.is_now else "Open tasks, as of now", Due=False, Priority=False, Task=False
    )
    for task in page.tasks:
        table.add_row(
            Text(f"{to_datetime(task.due_at):%Y-%m-%d %H:%M}", no_wrap=True),
            task.priority,
            Text(printable(task.title)),
        )
    return table
