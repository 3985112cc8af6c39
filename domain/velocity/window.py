"""The velocity model `window`: activities in a fixed window, the same for every lead."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct
from pydantic import Field

from domain.events.event import Event
from domain.instant import HOUR, Millis
from domain.rule_language.description import Block
from domain.rule_language.section import Number, Section
from domain.rule_language.words import hours_in_words
from domain.velocity.reading import VelocityReading

__all__ = ["WindowState", "WindowVelocity", "WindowVelocitySection"]

_MAX_REMEMBERED = 200
"""Moments kept per lead, so that its state stays small however busy it is."""


class WindowState(Struct, frozen=True, gc=False, rename="camel", tag_field="model", tag="window"):
    """The moments of the newest activities, oldest first."""

    recent: tuple[Millis, ...] = ()


class WindowVelocity(Struct, frozen=True):
    """Points for each activity in the last `window` milliseconds, which are `hours`."""

    window: Millis
    hours: float
    points: float

    def initial(self) -> WindowState:
        return WindowState()

    def evolve(self, state: WindowState, event: Event) -> WindowState:
        """The newest moments with this one among them and those out of reach forgotten."""
        at, recent = event.occurred_at, state.recent
        if not recent or recent[-1] <= at:
            recent = (*recent, at)
        else:
            place = bisect_right(recent, at)
            recent = (*recent[:place], at, *recent[place:])
        reach = recent[-1] - self.window
        if recent[0] <= reach or len(recent) > _MAX_REMEMBERED:
            recent = recent[max(bisect_right(recent, reach), len(recent) - _MAX_REMEMBERED) :]
        return WindowState(recent)

    def measure(self, state: WindowState, as_of: Millis) -> VelocityReading:
        """Points for the activities after `as_of` - window, up to and including `as_of`."""
        return VelocityReading(self._inside(state, as_of) * self.points)

    def explain(self, state: WindowState, as_of: Millis) -> str:
        """The velocity in words."""
        inside = self._inside(state, as_of)
        most = "at least " if inside >= _MAX_REMEMBERED else ""
        return f"{most}{inside} event{'' if inside == 1 else 's'} in the last {self.hours:g} hours"

    def _inside(self, state: WindowState, as_of: Millis) -> int:
        return bisect_right(state.recent, as_of) - bisect_right(state.recent, as_of - self.window)


class WindowVelocitySection(Section):
    """Points for each activity in the last `hours`.

    Exact up to 200 activities in the window; a lead busier than that is shown with the velocity of 200.
    """

    model: Literal["window"]
    hours: Number = Field(24, gt=0, le=24 * 90)
    points: Number = Field(3, gt=0)

    def compile(self) -> WindowVelocity:
        """The model in executable form."""
        return WindowVelocity(round(self.hours * HOUR), self.hours, self.points)

    def describe(self) -> Iterator[Block]:
        """The meaning of the number."""
        yield f"{self.points:g} for each event in the last {hours_in_words(self.hours)}."
