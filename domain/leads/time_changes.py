"""Changes of a lead by time alone: the moments at which its stage, its risk or its next action become others.

Between samples that lie further apart the longer ago the lead's last event is, a change is found to the millisecond. One
that is undone before the next sample is not seen; what is measured mostly falls for hours or days, so that it is rare.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.decisions.assessment import Assessment, Mark
from domain.decisions.outcome import OPEN
from domain.instant import DAY, HOUR, MINUTE, Millis
from domain.leads.assess import assess, assess_at_mark, assess_total, stage_at
from domain.leads.change import outlook_of
from domain.leads.passage import has_simple_passage
from domain.leads.state import Lead
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["changes_by_time", "look_again_at", "next_change", "time_event_id"]

_HORIZON: Millis = 3 * 365 * DAY
_MAX_STEP: Millis = 16 * DAY
_SOON: Millis = HOUR
_OLD: Millis = 90 * DAY
"""Of the changes longer ago than this only the last is recorded: they are of imported history, and fire nothing."""

_Shown = tuple[str, str, str | None]
"""Stage, risk and next action; None for the action where a change of it alone does not count."""


def time_event_id(lead_id: str, at: Millis) -> str:
    """Idempotency key: one event per lead and moment at which time changed it."""
    return f"time:{lead_id}:{at}"


def changes_by_time(
    state: Lead[Mark],
    until: Millis,
    rulebook: CompiledRulebook,
    *,
    each_since: Millis | None = None,
    of_action: bool = True,
) -> list[Millis]:
    """The moments after the lead's clock, up to `until`, at which time has changed it and that are to be recorded.

    Also those that an automation waits for: a silence that is long enough, a fall that is near enough. Of the changes
    before `each_since`, 90 days before `until` if left out, only the last. Without `of_action` changes of the next action
    alone are none.
    """
    if until <= state.clock or (
        _is_as_at_last(state, until, rulebook, of_action=of_action)
        and not _is_awaited(state, until, rulebook)
    ):
        return []
    moments = {*_changes(state, state.clock, until, rulebook, of_action=of_action)}
    moments |= {at for at in _awaited(state, moments, until, rulebook) if state.clock < at <= until}
    old = [at for at in moments if at < (until - _OLD if each_since is None else each_since)]
    return sorted(moments.difference(old) | {max(old, default=until + 1)} & moments)


def next_change(
    state: Lead[Mark], after: Millis, rulebook: CompiledRulebook, *, of_action: bool = True
) -> Millis | None:
    """The first moment after `after` at which time changes the lead, None if there is none within three years."""
    first = next(_changes(state, after, after + _HORIZON, rulebook, of_action=of_action), None)
    awaited = [at for at in _awaited(state, set(), after + _HORIZON, rulebook) if at > after]
    return min([*awaited, *([] if first is None else [first])], default=None)


def look_again_at(
    state: Lead[Mark], shown: Assessment, rulebook: CompiledRulebook, *, of_action: bool = True
) -> Millis | None:
    """When to look again at the lead, of which this is shown: never after its next change.

    Cheap for leads that nothing changes soon.
    """
    now = shown.at
    soon = now + _SOON
    if _as_known(shown, of_action=of_action) != _at_last(state, rulebook, of_action=of_action):
        return now
    if _is_as_at_last(state, soon, rulebook, of_action=of_action) and not _is_awaited(state, soon, rulebook):
        return soon
    if _is_awaited(state, now, rulebook):
        return now
    return next_change(state, now, rulebook, of_action=of_action)


def _as_known(found: Assessment, *, of_action: bool) -> _Shown:
    return found.stage, found.risk, found.next_action if of_action else None


def _is_as_at_last(state: Lead[Mark], at: Millis, rulebook: CompiledRulebook, *, of_action: bool) -> bool:
    """Whether the lead is shown at `at` as at its last event."""
    return _is_shown_as(state, _at_last(state, rulebook, of_action=of_action), at, rulebook)


def _at_last(state: Lead[Mark], rulebook: CompiledRulebook, *, of_action: bool) -> _Shown:
    """What is shown of the lead at its last event."""
    last = state.assessment
    if not of_action:
        return last.stage, rulebook.risk.estimate(state.risk, last.at).band, None
    return _as_known(
        last if isinstance(last, Assessment) else assess_at_mark(state, rulebook), of_action=True
    )


def _is_shown_as(state: Lead[Mark], known: _Shown, at: Millis, rulebook: CompiledRulebook) -> bool:
    """Whether this is what is shown of the lead at `at`; measures nothing that makes no difference to that."""
    stage, risk, action = known
    if rulebook.risk.estimate(state.risk, at).band != risk:
        return False
    total = rulebook.score.total(state.score, at)
    if stage_at(state, total.score, at, rulebook) != stage:
        return False
    if action is None or (state.outcome.name == OPEN and not rulebook.decisions.depends_on_measures(stage)):
        return True
    return assess_total(state, at, total, rulebook).next_action == action


def _shown(state: Lead[Mark], at: Millis, rulebook: CompiledRulebook, *, of_action: bool) -> _Shown:
    if of_action:
        return _as_known(assess(state, at, rulebook), of_action=True)
    score = rulebook.score.total(state.score, at).score
    return stage_at(state, score, at, rulebook), rulebook.risk.estimate(state.risk, at).band, None


def _changes(
    state: Lead[Mark], after: Millis, until: Millis, rulebook: CompiledRulebook, *, of_action: bool
) -> Iterator[Millis]:
    at, known = after, _shown(state, after, rulebook, of_action=of_action)
    falls = not of_action and has_simple_passage(state, rulebook)
    for sample in (until,) if falls else _samples(after, until):
        while not _is_shown_as(state, known, sample, rulebook):
            at = (_first_fall if falls else _first_other)(state, known, at, sample, rulebook)
            known = _shown(state, at, rulebook, of_action=of_action)
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
    state: Lead[Mark], known: _Shown, same: Millis, other: Millis, rulebook: CompiledRulebook
) -> Millis:
    """The moment in (same, other] from which the lead is not as it is at `same`."""
    while other - same > 1:
        middle = (same + other) // 2
        if _is_shown_as(state, known, middle, rulebook):
            same = middle
        else:
            other = middle
    return other


def _first_fall(
    state: Lead[Mark], known: _Shown, same: Millis, other: Millis, rulebook: CompiledRulebook
) -> Millis:
    """The same for stage and risk of a lead whose score only falls: neither comes back, so each is searched by itself."""
    stage, risk, _ = known
    settle, total, estimate = rulebook.stages.settle, rulebook.score.total, rulebook.risk.estimate
    natural, score, rhythm = state.natural_stage, state.score, state.risk
    if settle(natural, total(score, other).score) != stage:
        low = same
        while other - low > 1:
            middle = (low + other) // 2
            if settle(natural, total(score, middle).score) == stage:
                low = middle
            else:
                other = middle
        if estimate(rhythm, other).band == risk:
            return other
    while other - same > 1:
        middle = (same + other) // 2
        if estimate(rhythm, middle).band == risk:
            same = middle
        else:
            other = middle
    return other


def _is_awaited(state: Lead[Mark], at: Millis, rulebook: CompiledRulebook) -> bool:
    """Whether the moment that an automation waits for has come by `at`, and no event has recorded it."""
    triggers = rulebook.automations.time_triggers
    if not triggers:
        return False
    outlook = outlook_of(state, at, state.decay_written_at, rulebook)
    return any(trigger.is_unrecorded(outlook, at) for trigger in triggers)


def _awaited(
    state: Lead[Mark], changes: set[Millis], until: Millis, rulebook: CompiledRulebook
) -> Iterator[Millis]:
    """The moments that automations wait for, and that no event has recorded: each is reached once after a change."""
    triggers = rulebook.automations.time_triggers
    for start in sorted({state.clock, *changes}) if triggers else ():
        outlook = outlook_of(state, start, state.decay_written_at, rulebook)
        for trigger in triggers:
            due = trigger.due_at(outlook)
            if due is not None and trigger.is_unrecorded(outlook, max(due, start + 1)):
                yield min(max(due, start + 1), until)
