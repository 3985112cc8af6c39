"""How busy a lead is right now: by a fixed window, the same for every lead."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import Literal

from msgspec import Struct
from pydantic import Field

from domain.events.event import Event
from domain.instant import HOUR, Millis
from domain.rule_language.section import Number, Section

__all__ = ["VelocityReading", "WindowState", "WindowVelocity"]

_MAX_REMEMBERED = 200
"""Moments kept a lead, so that its state stays small however busy it is."""


class VelocityReading(Struct, frozen=True, gc=False):
    """How busy a lead is. Momentum (doublings of its usual pace) and surge are told by models that know the usual."""

    velocity: float
    momentum: float | None = None
    surge: bool = False


class WindowState(Struct, frozen=True, gc=False, rename="camel", tag_field="model", tag="window"):
    """The moments of the newest activities, oldest first."""

    recent: tuple[Millis, ...] = ()


class WindowVelocity(Section):
    """Points for each activity in the last `hours`.

    Exact up to 200 activities in the window; a lead busier than that is shown with the velocity of 200.
    """

    model: Literal["window"]
    hours: Number = Field(24, gt=0, le=24 * 90)
    points: Number = Field(3, gt=0)

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
        reach = recent[-1] - self._window
        if recent[0] <= reach or len(recent) > _MAX_REMEMBERED:
            recent = recent[max(bisect_right(recent, reach), len(recent) - _MAX_REMEMBERED) :]
        return WindowState(recent)

    def read(self, state: WindowState, as_of: Millis) -> VelocityReading:
        """Points for the activities after `as_of` - window, up to and including `as_of`."""
        return VelocityReading(self._inside(state, as_of) * self.points)

    def explain(self, state: WindowState, as_of: Millis) -> str:
        """The velocity in words."""
        inside = self._inside(state, as_of)
        most = "at least " if inside >= _MAX_REMEMBERED else ""
        return f"{most}{inside} event{'' if inside == 1 else 's'} in the last {self.hours:g} hours"

    def _inside(self, state: WindowState, as_of: Millis) -> int:
        return bisect_right(state.recent, as_of) - bisect_right(state.recent, as_of - self._window)

    @cached_property
    def _window(self) -> Millis:
        return round(self.hours * HOUR)
