"""The fold of the stored events that have arrived for one lead, in whatever order they occurred.

The first event that cannot be decoded or folded stops its lead there; what arrived before it is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec import Struct

from domain.automations.firing import Firing
from domain.events.event import Event
from domain.instant import Millis
from domain.leads.fold import fold, is_late
from domain.leads.history_row import HistoryRow
from domain.leads.late import FoldedAgain, Start, fold_again, has_late
from domain.leads.state import LeadState
from domain.rulebooks.compiled import CompiledRulebook
from engine.capture.stored_event import StoredEvent
from workflows.leads.fold_failure import FoldFailure

__all__ = ["Arrived", "FoldedArrived", "decode_arrived", "fold_arrived"]


class Arrived(Struct, frozen=True):
    """The events of a lead that have arrived, oldest position first, as far as they can be decoded.

    `replaced` are events of the lead's state that were retracted by one of them, or count again: as they are now.
    """

    events: list[Event]
    failure: FoldFailure | None
    replaced: tuple[Event, ...] = ()

    @property
    def replaced_positions(self) -> frozenset[int]:
        """The positions of the replaced events."""
        return frozenset(event.position for event in self.replaced)

    def is_late(self, state: LeadState) -> bool:
        """Whether the lead with this state has to be folded again."""
        return bool(self.replaced) or has_late(state, self.events)

    def since(self) -> Millis:
        """A moment up to which nothing of the lead changes; there is an event.

        Just before the first event, for others of its own moment may come after it.
        """
        return min(event.occurred_at for event in (*self.events, *self.replaced)) - 1


class FoldedArrived(Struct, frozen=True):
    """A lead after the events that have arrived, and the failure of the first one that could not be applied."""

    folded: FoldedAgain
    failure: FoldFailure | None


def decode_arrived(stored: Sequence[StoredEvent], replaced: Sequence[StoredEvent] = ()) -> Arrived:
    """The events in stored ones, up to the first that cannot be decoded. Raises what decoding the replaced ones does."""
    others = tuple(one.decode() for one in replaced)
    events: list[Event] = []
    for one in stored:
        try:
            events.append(one.decode())
        except Exception as error:  # noqa: BLE001 - whatever is wrong with an event, other leads go on
            return Arrived(events, _failure(one.lead_id, one.position, one.event_id, error), others)
    return Arrived(events, None, others)


def fold_arrived(
    state: LeadState, arrived: Arrived, start: Start | None, rulebook: CompiledRulebook
) -> FoldedArrived:
    """The lead after the events that have arrived; `start` is needed if any of them is late."""
    try:
        folded = _fold(state, arrived.events, start, rulebook, arrived.replaced_positions)
        return FoldedArrived(folded, arrived.failure)
    except Exception:  # noqa: BLE001 - whatever an event does to the rules, other leads go on
        return _fold_one_by_one(state, arrived, start, rulebook)


def _fold(
    state: LeadState,
    events: Sequence[Event],
    start: Start | None,
    rulebook: CompiledRulebook,
    replaced: Collection[int] = (),
) -> FoldedAgain:
    if start is not None and (start.has_late or replaced or has_late(state, events)):
        return fold_again(state, events, start, rulebook, replaced)
    folded = fold(state, events, rulebook)
    return FoldedAgain(folded.state, folded.rows, (), folded.firings)


def _fold_one_by_one(
    state: LeadState, arrived: Arrived, start: Start | None, rulebook: CompiledRulebook
) -> FoldedArrived:
    """Apply the events in the order of their arrival, so that the one whose arrival raises is the one to blame."""
    start = start or Start(
        state, ()
    )  # none is late for the lead as it is, but one may be for what came before it
    new: dict[int, HistoryRow] = {}
    changed: dict[int, HistoryRow] = {}
    firings: tuple[Firing, ...] = ()
    failure = arrived.failure
    if arrived.replaced or start.has_late:
        late = [event for event in arrived.events if start.has_late and is_late(event, state)]
        first = fold_again(state, late, start, rulebook, arrived.replaced_positions)
        state, firings = first.state, first.firings
        changed |= {row.position: row for row in first.changed_rows}
        new |= {row.position: row for row in first.new_rows}
        start = Start(start.state, start.events)
        arrived = Arrived([event for event in arrived.events if event not in late], arrived.failure)
    for event in arrived.events:
        try:
            one = _fold(state, [event], start, rulebook)
        except Exception as error:  # noqa: BLE001 - as above; the reason goes into the dead letter
            failure = _failure(state.lead_id, event.position, event.event_id, error)
            break
        state, firings = one.state, firings + one.firings
        start = Start(start.state, [*start.events, event])
        for row in one.changed_rows:
            (new if row.position in new else changed)[row.position] = row
        new |= {row.position: row for row in one.new_rows}
    folded = FoldedAgain(state, tuple(new.values()), tuple(changed.values()), firings)
    return FoldedArrived(folded, failure)


def _failure(lead_id: str, position: int, event_id: str, error: Exception) -> FoldFailure:
    return FoldFailure(lead_id, position, event_id, f"{type(error).__name__}: {error}")
