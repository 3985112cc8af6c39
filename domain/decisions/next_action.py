"""What to do with a lead next: the first row of the rulebook's decision table that fits."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct
from pydantic import Field, field_validator

from domain.decisions.assessment import Measurements
from domain.decisions.condition import Condition
from domain.rule_language.section import Section, Slug

__all__ = ["Advice", "DecisionRow", "DecisionTable"]


class Advice(Struct, frozen=True):
    """The chosen action and why."""

    action: str
    because: str


DO_NOT_CONTACT = Advice("do_not_contact", "The lead does not want to be contacted.")


class DecisionRow(Section):
    """An action, when it fits, and why in words."""

    when: Condition = Condition()
    action: Slug
    because: str = ""


class DecisionTable(Section):
    """Rows from the most urgent to the fallback, which has no condition."""

    rows: tuple[DecisionRow, ...] = Field(min_length=1)

    @field_validator("rows")
    @classmethod
    def _ends_with_fallback(cls, rows: tuple[DecisionRow, ...]) -> tuple[DecisionRow, ...]:
        if not rows[-1].when.is_empty:
            raise ValueError("the last row must fit every lead: leave out its 'when'")
        for row in rows[:-1]:
            if row.when.is_empty:
                raise ValueError(f"the row '{row.action}' fits every lead, so no row after it is ever used")
        return rows

    def decide(self, measured: Measurements) -> Advice:
        """The first row that fits; the last one always does. A lead that must not be contacted fits none."""
        if measured.suppressed:
            return DO_NOT_CONTACT
        for when, advice in self._by_stage.get(measured.stage, self._of_any_stage):
            if when.holds(measured):
                return advice
        raise AssertionError("the last row fits every lead")

    def depends_on_measures(self, stage: str) -> bool:
        """Whether in this stage the action may change while risk and contact stay, with score, grade or pace."""
        return stage in self._measured_stages if stage in self._by_stage else None in self._measured_stages

    @cached_property
    def _measured_stages(self) -> frozenset[str | None]:
        """The stages in which a row asks for score, grade or pace; None stands for those that no row names."""
        rows: dict[str | None, tuple[tuple[Condition, Advice], ...]] = {None: self._of_any_stage}
        rows.update(self._by_stage.items())
        return frozenset(
            stage for stage, able in rows.items() if any(when.is_of_measures for when, _ in able)
        )

    @cached_property
    def _by_stage(self) -> dict[str, tuple[tuple[Condition, Advice], ...]]:
        """The rows that can fit in each stage that any row names."""
        return {name: self._of_stage(name) for row in self.rows for name in row.when.stage or ()}

    @cached_property
    def _of_any_stage(self) -> tuple[tuple[Condition, Advice], ...]:
        return self._of_stage(None)

    def _of_stage(self, stage: str | None) -> tuple[tuple[Condition, Advice], ...]:
        return tuple(
            (row.when, Advice(row.action, row.because))
            for row in self.rows
            if row.when.stage is None or stage in row.when.stage
        )
