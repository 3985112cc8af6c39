"""Changes of a lead by time alone: the moments at which its stage, its risk or its next action become others.

Between samples that lie further apart the longer ago the lead's last event is, a change is found to the millisecond. One
that is undone before the next sample is not seen; what is measured mostly falls for hours or days, so that it is rare.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.decisions.assessment import Assessment
from domain.decisions.outcome import OPEN
from domain.instant import DAY, HOUR, MINUTE, Millis
from domain.leads.assess import assess, assess_total, stage_at
from domain.leads.change import outlook_of
from domain.leads.state import LeadState
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["changes_by_time", "look_again_at", "next_change", "time_event_id"]

_HORIZON: Millis = 3 * 365 * DAY
_MAX_STEP: Millis = 16 * DAY
_SOON: Millis = HOUR
_OLD: Millis = 90 * DAY
"""Of the changes longer ago than this only the last is recorded: they are of imported history, and fire nothing."""

_Shown = tuple[str, str, str]


def time_event_id(lead_id: str, at: Millis) -> str:
    """Idempotency key: one event per lead and moment at which time changed it."""
    return f"time:{lead_id}:{at}"


def changes_by_time(state: LeadState, until: Millis, rulebook: CompiledRulebook) -> list[Millis]:
    """The moments after the lead's clock, up to `until`, at which time has changed it and that are to be recorded.

    Also those that an automation waits for: a silence that is long enough, a fall that is near enough.
    """
    if until <= state.clock or (
        _is_as_at_last(state, until, rulebook) and not _is_awaited(state, until, rulebook)
    ):
        return []
    moments = {*_changes(state, state.clock, until, rulebook)}
    moments |= {at for at in _awaited(state, moments, until, rulebook) if state.clock < at <= until}
    old = [at for at in moments if at < until - _OLD]
    return sorted(moments.difference(old) | {max(old, default=until + 1)} & moments)


def next_change(state: LeadState, after: Millis, rulebook: CompiledRulebook) -> Millis | None:
    """The first moment after `after` at which time changes the lead, None if there is none within three years."""
    first = next(_changes(state, after, after + _HORIZON, rulebook), None)
    awaited = [at for at in _awaited(state, set(), after + _HORIZON, rulebook) if at > after]
    return min([*awaited, *([] if first is None else [first])], default=None)


def look_again_at(state: LeadState, shown: Assessment, rulebook: CompiledRulebook) -> Millis | None:
    """When to look again at the lead, of which this is shown: never after its next change.

    Cheap for leads that nothing changes soon.
    """
    last, now = state.assessment, shown.at
    soon, at_last = now + _SOON, (last.stage, last.risk, last.next_action)
    if (shown.stage, shown.risk, shown.next_action) != at_last:
        return now
    if _is_as_at_last(state, soon, rulebook) and not _is_awaited(state, soon, rulebook):
        return soon
    return now if _is_awaited(state, now, rulebook) else next_change(state, now, rulebook)


def _is_as_at_last(state: LeadState, at: Millis, rulebook: CompiledRulebook) -> bool:
    """Whether the lead is shown at `at` as at its last event."""
    last = state.assessment
    return _is_shown_as(state, (last.stage, last.risk, last.next_action), at, rulebook)


def _is_shown_as(state: LeadState, known: _Shown, at: Millis, rulebook: CompiledRulebook) -> bool:
    """Whether this is what is shown of the lead at `at`; measures nothing that makes no difference to that."""
    stage, risk, action = known
    if rulebook.risk.estimate(state.risk, at).band != risk:
        return False
    total = rulebook.score.total(state.score, at)
    if stage_at(state, total.score, at, rulebook) != stage:
        return False
    if state.outcome.name == OPEN and not rulebook.decisions.depends_on_measures(stage):
        return True
    return assess_total(state, at, total, rulebook).next_action == action


def _shown(state: LeadState, at: Millis, rulebook: CompiledRulebook) -> _Shown:
    found = assess(state, at, rulebook)
    return found.stage, found.risk, found.next_action


def _changes(state: LeadState, after: Millis, until: Millis, rulebook: CompiledRulebook) -> Iterator[Millis]:
    at, known = after, _shown(state, after, rulebook)
    for sample in _samples(after, until):
        while not _is_shown_as(state, known, sample, rulebook):
            at = _first_other(state, known, at, sample, rulebook)
            known = _shown(state, at, rulebook)
            yield at
        at = sample


def _samples(after: Millis, until: Millis) -> Iterator[Millis]:
    step = MINUTE
    while after + step < until:
        after += step
        yield after
        step = min(2 * step, _MAX_STEP)
    if until > after:
        yield until


def _first_other(
    state: LeadState, known: _Shown, same: Millis, other: Millis, rulebook: CompiledRulebook
) -> Millis:
    """The moment in (same, other] from which the lead is not as it is at `same`."""
    while other - same > 1:
        middle = (same + other) // 2
        if _is_shown_as(state, known, middle, rulebook):
            same = middle
        else:
            other = middle
    return other


def _is_awaited(state: LeadState, at: Millis, rulebook: CompiledRulebook) -> bool:
    """Whether the moment that an automation waits for has come by `at`, and no event has recorded it."""
    triggers = rulebook.automations.time_triggers
    if not triggers:
        return False
    outlook = outlook_of(state, at, state.decay_written_at, rulebook)
    return any(trigger.is_unrecorded(outlook, at) for trigger in triggers)


def _awaited(
    state: LeadState, changes: set[Millis], until: Millis, rulebook: CompiledRulebook
) -> Iterator[Millis]:
    """The moments that automations wait for, and that no event has recorded: each is reached once after a change."""
    triggers = rulebook.automations.time_triggers
    for start in sorted({state.clock, *changes}) if triggers else ():
        outlook = outlook_of(state, start, state.decay_written_at, rulebook)
        for trigger in triggers:
            due = trigger.due_at(outlook)
            if due is not None and trigger.is_unrecorded(outlook, max(due, start + 1)):
                yield min(max(due, start + 1), until)
