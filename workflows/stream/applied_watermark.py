"""The applied watermark of the log: the place up to which every event has been applied to its lead.

Workers apply the events of different leads in any order, so the newest applied position says little. The watermark
is, in each partition, before the oldest event that still waits, and is what a client of the stream resumes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.events.log_cursor import LogCursor
from engine.capture.log.event_log import Span

__all__ = ["AppliedWatermark"]


class AppliedWatermark:
    """The leads with events that were read from the log and are not applied yet. Positions are those of the log."""

    def __init__(self, place: LogCursor) -> None:
        self.read_place = place
        """Up to where the log was read."""
        self._waiting: dict[str, Span] = {}
        self._quarantined: dict[str, Span] = {}
        self._ahead: dict[str, int] = {}

    @property
    def place(self) -> LogCursor:
        """The watermark. Events of quarantined leads do not hold it back."""
        return self.read_place.held_back(span.first - 1 for span in self._waiting.values())

    @property
    def waiting(self) -> tuple[str, ...]:
        """Leads with events that are not applied, those that have waited longest first."""
        return tuple(self._waiting)

    @property
    def quarantined(self) -> tuple[str, ...]:
        """Leads whose events will be applied only when a person has released them."""
        return tuple(self._quarantined)

    def read(self, spans: Mapping[str, Span], up_to: LogCursor) -> dict[str, int]:
        """Add the events up to a place in the log. Returns the leads that had applied theirs before they were read."""
        self.expect(spans)
        self.read_place = self.read_place.moved_to(up_to.positions)
        early = {lead_id: at for lead_id, at in self._ahead.items() if lead_id in spans}
        self.applied(early)
        self._ahead = {lead_id: at for lead_id, at in self._ahead.items() if not self.read_place.includes(at)}
        return early

    def expect(self, spans: Mapping[str, Span]) -> None:
        """Wait for these events too, wherever in the log they lie."""
        for lead_id, span in spans.items():
            _expect(self._waiting, lead_id, span)

    def applied(self, positions: Mapping[str, int]) -> dict[str, int]:
        """These leads have applied their events up to these positions. Returns those for which that is news."""
        news = {}
        for lead_id, position in positions.items():
            waited = _advance(self._waiting, lead_id, position)
            blocked = _advance(self._quarantined, lead_id, position)
            if waited or blocked:
                news[lead_id] = position
            if not self.read_place.includes(position):
                self._ahead[lead_id] = max(position, self._ahead.get(lead_id, 0))
        return news

    def quarantine(self, lead_ids: Iterable[str]) -> None:
        """These leads are blocked at an event that cannot be folded."""
        for lead_id in lead_ids:
            if (span := self._waiting.pop(lead_id, None)) is not None:
                _expect(self._quarantined, lead_id, span)


def _expect(leads: dict[str, Span], lead_id: str, span: Span) -> None:
    known = leads.get(lead_id, span)
    leads[lead_id] = Span(min(known.first, span.first), max(known.last, span.last))


def _advance(leads: dict[str, Span], lead_id: str, position: int) -> bool:
    span = leads.get(lead_id)
    if span is None or position < span.first:
        return False
    if position >= span.last:
        del leads[lead_id]
    else:
        leads[lead_id] = Span(position + 1, span.last)
    return True
