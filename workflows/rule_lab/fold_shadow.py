"""The fold of leads under a challenger, from their states on or from their first events, with would-be firings."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from domain.events.applied_positions import AppliedPositions
from domain.events.log_cursor import LogCursor
from domain.events.partition import partition_at
from domain.events.vocabulary import EVENT_DISCARDED, EVENT_RETRACTED, MEMBERSHIP
from domain.instant import MINUTE, SECOND, Millis
from domain.leads.assess import assess
from domain.leads.fold import is_late
from domain.leads.state import FOLD_VERSION, LeadState
from domain.leads.time_changes import look_again_at, next_change
from domain.rule_lab.simulation import (
    Alert,
    Simulation,
    Window,
    continue_simulation,
    counts_action,
    simulate,
)
from domain.rulebooks.compiled import CompiledRulebook
from engine.capture.stored_event import StoredEvent
from engine.rule_lab.shadow_store import ShadowLead
from engine.runtime import Runtime

__all__ = ["ShadowFold", "begin_again", "continue_leads", "fold_leads"]

_MANY = 100_000
_FOLDED_ANEW = {*MEMBERSHIP, EVENT_RETRACTED, EVENT_DISCARDED}
"""Events that change which others count."""
_LATELY: Millis = 30 * MINUTE


class ShadowFold(NamedTuple):
    """Leads with their alerts, and those that cannot be folded, which are left out."""

    leads: list[ShadowLead]
    alerts: dict[str, Sequence[Alert]]
    failed: list[str]


async def fold_leads(
    runtime: Runtime, rulebook: CompiledRulebook, lead_ids: Sequence[str], window: Window, read: LogCursor
) -> ShadowFold:
    """Fold what the leads have had up to the place `read`; time passes up to the end of the window."""
    known = {
        lead_id: one
        for lead_id, one in (await runtime.rule_lab.shadow.leads(lead_ids)).items()
        if one.state.fold_version == FOLD_VERSION
    }
    new: dict[str, list[StoredEvent]] = {lead_id: [] for lead_id in known}
    positions = {lead_id: one.read for lead_id, one in known.items()}
    for stored in await runtime.capture.events.after(positions, _MANY):
        if read.includes(stored.position):
            new[stored.lead_id].append(stored)
    further = {one: (known[one], new[one]) for one in known}
    found = await runtime.rule_lab.thread.run(continue_leads, further, rulebook, window, read)
    done = {one.lead_id for one in found.leads}
    unfolded = [one for one in lead_ids if one not in done]
    again = await begin_again(runtime, rulebook, unfolded, window, read)
    return ShadowFold(found.leads + again.leads, found.alerts | again.alerts, again.failed)


def continue_leads(
    further: Mapping[str, tuple[ShadowLead, Sequence[StoredEvent]]],
    rulebook: CompiledRulebook,
    window: Window,
    read: LogCursor,
) -> ShadowFold:
    """Those of the leads that nothing late and no retraction has come of, with their new events."""
    found = ShadowFold([], {}, [])
    for lead_id, (lead, stored) in further.items():
        with _noting_failures(found.failed, lead_id):
            events = [one.decode() for one in stored]
            if not any(event.type in _FOLDED_ANEW or is_late(event, lead.state) for event in events):
                _add(found, continue_simulation(lead.state, events, rulebook, window), rulebook, window, read)
    return found


async def begin_again(
    runtime: Runtime, rulebook: CompiledRulebook, lead_ids: Sequence[str], window: Window, read: LogCursor
) -> ShadowFold:
    """Fold the leads from their first events up to the place `read`."""
    whole = await runtime.capture.events.of_leads(lead_ids) if lead_ids else {}
    upto = {
        one: [event for event in events if read.includes(event.position)] for one, events in whole.items()
    }
    return await runtime.rule_lab.thread.run(_begin_again, upto, rulebook, window, read)


def _begin_again(
    whole: Mapping[str, Sequence[StoredEvent]], rulebook: CompiledRulebook, window: Window, read: LogCursor
) -> ShadowFold:
    """The leads from their first events on."""
    found = ShadowFold([], {}, [])
    for lead_id, stored in whole.items():
        with _noting_failures(found.failed, lead_id):
            if events := [one.decode() for one in stored]:
                _add(found, simulate(lead_id, events, rulebook, window), rulebook, window, read)
    return found


@contextlib.contextmanager
def _noting_failures(failed: list[str], lead_id: str) -> Iterator[None]:
    try:
        yield
    except Exception:  # noqa: BLE001 - one lead that cannot be folded must not stop the others
        failed.append(lead_id)


def _add(
    found: ShadowFold, simulated: Simulation, rulebook: CompiledRulebook, window: Window, read: LogCursor
) -> None:
    state = simulated.state
    at, of_action = max(window.at, state.clock), counts_action(rulebook)
    if at - state.clock < _LATELY:
        due_at = look_again_at(state, assess(state, at, rulebook), rulebook, of_action=of_action)
    else:  # it costs more to find the next change than to look again soon, unless that is in vain
        due_at = next_change(state, at, rulebook, of_action=of_action)
    due_at = None if due_at is None else max(due_at, at + SECOND)
    found.leads.append(ShadowLead(state.lead_id, state, _read_of(state, read), due_at))
    found.alerts[state.lead_id] = simulated.alerts


def _read_of(state: LeadState, read: LogCursor) -> AppliedPositions:
    """How far the partitions that the lead's events lie in are read."""
    return AppliedPositions.of(read.positions[partition_at(one)] for one in state.applied.positions)
