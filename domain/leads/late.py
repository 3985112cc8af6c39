"""Late events, which occurred before others that a lead has: the lead is folded again, with them in their places.

The same is done for events that the lead has and that were retracted meanwhile, or count again: others stand for them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec import Struct

from domain.automations.automation import Automation
from domain.automations.firing import Firing, firings
from domain.automations.trigger import LeadChange
from domain.events.event import Event
from domain.events.vocabulary import EVENT_RETRACTED
from domain.leads.fold import Folded, fold, in_time_order, is_late
from domain.leads.history_row import HistoryRow
from domain.leads.state import LeadState
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["FoldedAgain", "Start", "fold_again", "has_late"]


class Start(Struct, frozen=True, gc=False):
    """Where a fold begins again: an earlier state of the lead, and the events applied since, in any order.

    `has_late` says that it is the end of a fold in slices: the late events are part of it, and the rows before it are stored.
    """

    state: LeadState
    events: Sequence[Event]
    has_late: bool = False


class FoldedAgain(Struct, frozen=True, gc=False):
    """A lead after events of which some were late, and what of its history is new and what has changed.

    `firings` are those of the change that the late events made together, and of each event that followed.
    """

    state: LeadState
    new_rows: tuple[HistoryRow, ...]
    changed_rows: tuple[HistoryRow, ...]
    firings: tuple[Firing, ...]
    checkpoint: Start | None = None
    """Of a long fold: the lead before its last events, from which the next one may begin, and these events."""


TAIL = 250
"""Events after the checkpoint that a long fold leaves behind."""


def has_late(state: LeadState, events: Sequence[Event]) -> bool:
    """Whether any of the events is late for a lead with this state."""
    return any(is_late(event, state) for event in events)


def fold_again(
    state: LeadState,
    arrived: Sequence[Event],
    start: Start,
    rulebook: CompiledRulebook,
    replaced: Collection[int] = (),
) -> FoldedAgain:
    """The lead `state` after the events that have arrived, some of them late.

    `replaced` are positions of events of the start that were others when the state was folded. The `start` must be before
    all of these, and not after the first late event. The late events are put in their places once, all together; what
    has been shown or done because of the state before stays: nothing is un-fired.
    """
    late = in_time_order(event for event in arrived if is_late(event, state))
    following = [event for event in arrived if not is_late(event, state)]
    ordered = in_time_order(start.events if start.has_late else [*start.events, *late])
    tail = ordered[-TAIL:] if len(ordered) > 2 * TAIL or start.has_late else []
    first = fold(start.state, ordered[: len(ordered) - len(tail)], rulebook)
    last = fold(first.state, tail, rulebook)
    again = Folded(last.state, first.rows + last.rows, ())
    after = fold(again.state, following, rulebook)
    checkpoint = Start(first.state, [*tail, *following]) if tail else None
    retractions = [event for event in following if replaced and event.type == EVENT_RETRACTED]
    fired = _fired_by([*late, *retractions], state, again.state, rulebook)
    moved = again.rows if start.has_late else _moved(again.rows, late, replaced)
    return _in_parts(moved, late, after, fired, checkpoint)


def _moved(
    rows: Sequence[HistoryRow], late: Sequence[Event], replaced: Collection[int]
) -> Sequence[HistoryRow]:
    """The rows from the first on that is of a late or replaced event."""
    positions = {event.position for event in late}.union(replaced)
    first = next(number for number, row in enumerate(rows) if row.position in positions)
    return rows[first:]


def _in_parts(
    moved: Sequence[HistoryRow],
    late: Sequence[Event],
    after: Folded,
    fired: tuple[Firing, ...],
    checkpoint: Start | None,
) -> FoldedAgain:
    positions = {event.position for event in late}
    return FoldedAgain(
        state=after.state,
        new_rows=(*(row for row in moved if row.position in positions), *after.rows),
        changed_rows=tuple(row for row in moved if row.position not in positions),
        firings=fired + after.firings,
        checkpoint=checkpoint,
    )


def _fired_by(
    late: Sequence[Event], before: LeadState, after: LeadState, rulebook: CompiledRulebook
) -> tuple[Firing, ...]:
    """The automations fired by late events: the lead before and after all of them is compared once, at its clock.

    The last of them stands for all, in age and date bucket. Automations that wait for a type of event see each of that
    type.
    """
    fired: dict[tuple[str, str], Firing] = {}
    for event in late:
        is_last = event is late[-1]
        rules = [rule for rule in rulebook.automations.rules if is_last or _waits_for(rule, event)]
        if rules:
            change = LeadChange(event, before.assessment, after.assessment)
            fired |= {(one.rule_id, one.date_bucket): one for one in firings(rules, change)}
    return tuple(fired.values())


def _waits_for(rule: Automation, event: Event) -> bool:
    return event.type in rule.trigger.event_types
