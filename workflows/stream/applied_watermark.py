"""The applied watermark of the log: the position up to which every event has been applied to its lead.

Workers apply the events of different leads in any order, so the newest applied position says little. The watermark
is one less than the oldest event that still waits, and is what a client of the stream resumes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.capture.log.event_log import Span

__all__ = ["AppliedWatermark"]


class AppliedWatermark:
    """The leads with events that were read from the log and are not applied yet. Positions are those of the log."""

    def __init__(self, position: int) -> None:
        self.read_position = position
        """The last event that was read from the log."""
        self._waiting: dict[str, Span] = {}
        self._quarantined: dict[str, Span] = {}
        self._ahead: dict[str, int] = {}

    @property
    def position(self) -> int:
        """The watermark. Events of quarantined leads do not hold it back."""
        return min((span.first for span in self._waiting.values()), default=self.read_position + 1) - 1

    @property
    def waiting(self) -> tuple[str, ...]:
        """Leads with events that are not applied, those that have waited longest first."""
        return tuple(self._waiting)

    @property
    def quarantined(self) -> tuple[str, ...]:
        """Leads whose events will be applied only when a person has released them."""
        return tuple(self._quarantined)

    def read(self, spans: Mapping[str, Span], up_to: int) -> dict[str, int]:
        """Add the events up to a position of the log. Returns the leads that had applied theirs before they were read."""
        self.expect(spans)
        self.read_position = max(self.read_position, up_to)
        early = {lead_id: at for lead_id, at in self._ahead.items() if lead_id in spans}
        self.applied(early)
        self._ahead = {lead_id: at for lead_id, at in self._ahead.items() if at > self.read_position}
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
            if position > self.read_position:
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
