"""The trial of a sequence: the calendar of a lead of which nothing is known but where it lives."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from domain.decisions.assessment import Measurements
from domain.instant import Millis
from domain.sequences.calendar import CalendarEntry, calendar_of
from domain.sequences.compiler import compile_sequence
from domain.sequences.decide import Facts, Progress
from domain.sequences.definition import SequenceDefinition

__all__ = ["trial_calendar"]


def trial_calendar(
    definition: SequenceDefinition, at: Millis, zone: str | None, country: str | None
) -> list[CalendarEntry]:
    """What such a lead would get if it were enrolled at the moment `at` and did nothing."""
    facts = Facts(
        lead_id="trial",
        measured=Measurements(at, 0.0, "", 0.0, ""),
        attributes={},
        events=(),
        zone=ZoneInfo(zone or definition.timezone),
        country=country,
    )
    return list(calendar_of(compile_sequence(definition), Progress(0, at), at, facts))
