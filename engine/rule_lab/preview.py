"""A preview of a rulebook: what is tried, against what, on which events, and how far it has come."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from domain.decisions.goal import Goal
from domain.instant import Millis
from domain.rule_lab.change_class import ChangeClass
from domain.rule_lab.figures import Figures
from domain.rule_lab.ranking import Ranking
from domain.rule_lab.simulation import Window

__all__ = ["Preview", "PreviewState", "Progress"]

PreviewState = Literal["running", "done", "failed"]


class Progress(Struct, frozen=True, kw_only=True, rename="camel"):
    """How far a preview has come. Samples are nested: a round doubles all rounds before it.

    `figures` are those of the rounds that are complete, `current` those of the round under way, up to the lead `after`.
    """

    state: PreviewState = "running"
    failure: str = ""
    of: int | None = None
    """How many leads there are; None until they were counted."""
    first: int = 0
    """Where round 0 ends, among the places of leads."""
    round: int = 0
    after: str = ""
    figures: Figures = field(default_factory=Figures)
    current: Figures = field(default_factory=Figures)
    ranking: Ranking | None = None


class Preview(Struct, frozen=True, kw_only=True):
    """A preview. Everything but `step` and `progress` never changes; `step` counts the changes."""

    preview_id: str
    digest: str
    label: str
    text: str
    before: str
    """The label of the rulebook that was active when it began."""
    change_class: ChangeClass
    sample: int
    all_leads: bool
    window: Window
    goal: Goal
    """Of the ranking."""
    position: int | str
    """Events up to this place in the log are looked at, as `LogCursor.token` has it."""
    created_at: Millis
    created_by: str
    step: int = 0
    progress: Progress = Progress()

    def moved_on(self, progress: Progress) -> Preview:
        """The preview one step further."""
        return replace(self, step=self.step + 1, progress=progress)

    @property
    def has_sample(self) -> bool:
        """Whether at least its first round is complete."""
        return self.progress.round > 0 or self.progress.state == "done"

    @property
    def shown(self) -> Figures:
        """The figures to show: of the complete rounds, which are a fair sample; of the first one, as far as it has come."""
        return self.progress.figures if self.has_sample else self.progress.current
