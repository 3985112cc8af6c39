"""The next action for a lead: the first row of the rulebook's decision table that fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from domain.decisions.assessment import Measurements
from domain.decisions.condition import Condition, ConditionSection
from domain.decisions.outcome import OPEN, OutcomeName
from domain.rule_language.description import Block, Table
from domain.rule_language.section import Section, Slug

__all__ = [
    "CLOSED",
    "DO_NOT_CONTACT",
    "Advice",
    "DecisionRow",
    "DecisionTable",
    "check_rows",
    "compile_rows",
    "describe_rows",
]


class Advice(Struct, frozen=True):
    """The chosen action and why."""

    action: str
    because: str


DO_NOT_CONTACT = Advice("do_not_contact", "The lead does not want to be contacted.")

CLOSED: Mapping[OutcomeName, Advice] = {
    "won": Advice("none", "The lead is won: there is nothing left to sell."),
    "lost": Advice("none", "The lead is lost, until it is reopened."),
    "disqualified": Advice("none", "The lead is disqualified, until it is reopened."),
}
"""The advice for a lead that is no longer open, unless a row asks for its outcome."""

Rows = tuple[tuple[Condition, Advice], ...]


class DecisionTable(Struct, frozen=True):
    """Rows from the most urgent to the fallback, which always fits.

    `by_stage` has the rows that can fit in each stage that any row names, `of_other_stages` those of all others.
    """

    by_stage: dict[str, Rows]
    of_other_stages: Rows
    of_outcomes: Rows
    """Those that ask for the outcome, the only ones for a lead that is closed."""

    def decide(self, measured: Measurements) -> Advice:
        """The first row that fits. A lead that must not be contacted fits none; one that is closed, only rows that ask."""
        if measured.suppressed:
            return DO_NOT_CONTACT
        if measured.outcome != OPEN:
            return next(
                (advice for when, advice in self.of_outcomes if when.holds(measured)),
                CLOSED[measured.outcome],
            )
        for when, advice in self.by_stage.get(measured.stage, self.of_other_stages):
            if when.holds(measured):
                return advice
        raise AssertionError("the last row fits every open lead")

    def depends_on_measures(self, stage: str) -> bool:
        """Whether in this stage the action may change while risk and contact stay, with score, grade or pace."""
        return any(when.of_measures for when, _ in self.by_stage.get(stage, self.of_other_stages))


class DecisionRow(Section):
    """An action, when it fits, and why in words."""

    when: ConditionSection = ConditionSection()
    action: Slug
    because: str = ""


def check_rows(rows: Sequence[DecisionRow]) -> None:
    """Raises `ValueError` unless the last row, and no other, fits every lead."""
    if not rows[-1].when.is_empty:
        raise ValueError("the last row must fit every lead: leave out its 'when'")
    for row in rows[:-1]:
        if row.when.is_empty:
            raise ValueError(f"the row '{row.action}' fits every lead, so no row after it is ever used")


def describe_rows(rows: Sequence[DecisionRow]) -> Iterator[Block]:
    """The rows in the order in which they are tried."""
    yield "The first line that fits the lead decides:"
    yield Table(
        ("If the lead is", "then", "because"),
        tuple((row.when.describe() or "anything else", row.action, row.because) for row in rows),
        unbroken=("then",),
    )


def compile_rows(rows: Sequence[DecisionRow]) -> DecisionTable:
    """The rows in executable form."""
    compiled = [(row.when.compile_as_written(), Advice(row.action, row.because)) for row in rows]
    asking = tuple(row for row, written in zip(compiled, rows, strict=True) if written.when.asks_for_outcome)

    def of_stage(stage: str | None) -> Rows:
        return tuple(row for row in compiled if row[0].stages is None or stage in row[0].stages)

    named = [stage for when, _ in compiled for stage in when.stages or ()]
    return DecisionTable({stage: of_stage(stage) for stage in named}, of_stage(None), asking)
