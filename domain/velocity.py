"""How busy a lead is right now."""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import Literal

from msgspec import Struct
from pydantic import Field

from domain.event import Event
from domain.instant import HOUR, Millis
from domain.reading import Section

__all__ = ["WindowState", "WindowVelocity"]

_MOST_REMEMBERED = 200
"""Moments kept a lead, so that its state stays small however busy it is."""


class WindowState(Struct, frozen=True, rename="camel", tag_field="model", tag="window"):
    """The moments of the newest activities, oldest first."""

    recent: tuple[Millis, ...] = ()


class WindowVelocity(Section):
    """Points for each activity in the last `hours`.

    Exact up to 200 activities in the window; a lead busier than that is shown with the velocity of 200.
    """

    model: Literal["window"]
    hours: float = Field(24, gt=0, le=24 * 90)
    points: float = Field(3, gt=0)

    def initial(self) -> WindowState:
        return WindowState()

    def evolve(self, state: WindowState, event: Event) -> WindowState:
        """The newest moments with this one among them and those out of reach forgotten."""
        recent = list(state.recent)
        insort(recent, event.occurred_at)
        horizon = recent[-1] - self._window
        return WindowState(
            tuple(recent[max(bisect_right(recent, horizon), len(recent) - _MOST_REMEMBERED) :])
        )

    def read(self, state: WindowState, as_of: Millis) -> float:
        """Points for the activities after `as_of` - window, up to and including `as_of`."""
        inside = bisect_right(state.recent, as_of) - bisect_right(state.recent, as_of - self._window)
        return inside * self.points

    def explain(self, state: WindowState, as_of: Millis) -> str:
        """The velocity in words."""
        inside = round(self.read(state, as_of) / self.points)
        most = "at least " if inside >= _MOST_REMEMBERED else ""
        return f"{most}{inside} event{'' if inside == 1 else 's'} in the last {self.hours:g} hours"

    @property
    def _window(self) -> Millis:
        return round(self.hours * HOUR)
