"""The calendar of an enrolment: what the lead will get and when, if nothing happens meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from domain.instant import Millis
from domain.sequences.absence import Absence
from domain.sequences.decide import Decision, Effect, Facts, Progress, SendMessage, decide
from domain.sequences.program import Program

__all__ = ["CalendarEntry", "calendar_of"]


class CalendarEntry(Struct, frozen=True, kw_only=True):
    """What happens at a moment: something the lead gets, a wait for events until then, the end of a pause, or the end."""

    at: Millis
    effect: Effect | None = None
    waits_for: frozenset[str] = frozenset()
    paused: Absence | None = None
    ended: str | None = None


def calendar_of(program: Program, progress: Progress, now: Millis, facts: Facts) -> Iterator[CalendarEntry]:
    """Everything from `now` on, by the decider itself: its clock is set to the end of each wait.

    Events that are waited for do not come, and branches are taken by what is known now.
    """
    for _ in range(
        2 * len(program.nodes) + 3
    ):  # each node waits twice at most: for its time, and for the window; and there may be one absence
        decision = decide(program, progress, now, facts)
        yield from _entries(decision, now)
        if decision.wait_until is None:
            return
        if any(isinstance(effect, SendMessage) for effect in decision.effects):
            facts = replace(facts, last_touch=now)
        progress, now = decision.progress, decision.wait_until


def _entries(decision: Decision, at: Millis) -> Iterator[CalendarEntry]:
    for effect in decision.effects:
        yield CalendarEntry(at=at, effect=effect)
    if decision.waits_for and decision.wait_until is not None:
        yield CalendarEntry(at=decision.wait_until, waits_for=decision.waits_for)
    if decision.paused is not None and decision.wait_until is not None:
        yield CalendarEntry(at=decision.wait_until, paused=decision.paused)
    if decision.ended is not None:
        yield CalendarEntry(at=at, ended=decision.ended)
