"""The applied watermark of the log: the place up to which every event has been applied to its lead.

Workers apply the events of different leads in any order, so the newest applied position says little. The watermark
is, in each partition, before the oldest event that still waits, and is what a client of the stream resumes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from domain.events.applied_positions import NOTHING_APPLIED, AppliedPositions
from domain.events.log_cursor import LogCursor
from engine.capture.log.event_log import Span, joined

__all__ = ["AppliedWatermark"]


class AppliedWatermark:
    """The leads with events that were read from the log and are not applied yet. Positions are those of the log."""

    def __init__(self, place: LogCursor) -> None:
        self.read_place = place
        """Up to where the log was read."""
        self._waiting: dict[str, tuple[Span, ...]] = {}
        self._quarantined: dict[str, tuple[Span, ...]] = {}
        self._ahead: dict[str, AppliedPositions] = {}

    @property
    def place(self) -> LogCursor:
        """The watermark. Events of quarantined leads do not hold it back."""
        return self.read_place.held_back(span.first - 1 for spans in self._waiting.values() for span in spans)

    @property
    def waiting(self) -> tuple[str, ...]:
        """Leads with events that are not applied, those that have waited longest first."""
        return tuple(self._waiting)

    @property
    def quarantined(self) -> tuple[str, ...]:
        """Leads whose events will be applied only when a person has released them."""
        return tuple(self._quarantined)

    def spans_of(self, lead_id: str) -> tuple[Span, ...]:
        """The events of the lead that are not applied, whether they wait or it is quarantined."""
        return (*self._waiting.get(lead_id, ()), *self._quarantined.get(lead_id, ()))

    def read(self, spans: Mapping[str, Sequence[Span]], up_to: LogCursor) -> dict[str, AppliedPositions]:
        """Add the events up to a place in the log. Returns the leads that had applied theirs before they were read."""
        self.expect(spans)
        self.read_place = self.read_place.moved_to(up_to.positions)
        early = {lead_id: at for lead_id, at in self._ahead.items() if lead_id in spans}
        self.applied(early)
        self._ahead = {lead_id: at for lead_id, at in self._ahead.items() if self._is_ahead(at)}
        return early

    def expect(self, spans: Mapping[str, Sequence[Span]]) -> None:
        """Wait for these events too, wherever in the log they lie."""
        for lead_id, of_lead in spans.items():
            _expect(self._waiting, lead_id, of_lead)

    def applied(self, positions: Mapping[str, AppliedPositions]) -> dict[str, AppliedPositions]:
        """These leads have applied their events up to these positions. Returns those for which that is news."""
        news = {}
        for lead_id, applied in positions.items():
            waited = _advance(self._waiting, lead_id, applied)
            blocked = _advance(self._quarantined, lead_id, applied)
            if waited or blocked:
                news[lead_id] = applied
            if self._is_ahead(applied):
                known = self._ahead.get(lead_id, NOTHING_APPLIED)
                self._ahead[lead_id] = known.moved_to(applied.positions)
        return news

    def _is_ahead(self, applied: AppliedPositions) -> bool:
        return not all(map(self.read_place.includes, applied.positions))

    def quarantine(self, lead_ids: Iterable[str]) -> None:
        """These leads are blocked at an event that cannot be folded."""
        for lead_id in lead_ids:
            if (spans := self._waiting.pop(lead_id, None)) is not None:
                _expect(self._quarantined, lead_id, spans)


def _expect(leads: dict[str, tuple[Span, ...]], lead_id: str, spans: Sequence[Span]) -> None:
    leads[lead_id] = joined((*leads.get(lead_id, ()), *spans))


def _advance(leads: dict[str, tuple[Span, ...]], lead_id: str, applied: AppliedPositions) -> bool:
    """Whether any of the events that the lead has there is applied now."""
    if (before := leads.get(lead_id)) is None:
        return False
    left = tuple(
        Span(max(one.first, applied.in_partition_of(one.last) + 1), one.last)
        for one in before
        if not applied.includes(one.last)
    )
    if left:
        leads[lead_id] = left
    else:
        del leads[lead_id]
    return left != before
