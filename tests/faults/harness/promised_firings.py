"""The automations that must have fired for a lead, however its events arrived.

Executions are outside the promise that the order of arrival makes no difference: late events are compared once, as a
group, and nothing is un-fired. What remains promised of a lead with late events: each automation that waits for a type
of event, without conditions, has fired for each of them; and whatever fired names an event of the lead as its cause.
Of a lead without late events, exactly those fired that a fold of its events fires.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from msgspec.structs import replace

from domain.automations.event_trigger import EventHappens
from domain.automations.firing import Firing
from domain.events.event import Event
from domain.leads.fold import fold
from domain.leads.state import initial_state
from engine.automations.execution import execution_id

__all__ = ["Promised", "certain_rules", "promised_firings", "promised_of_merged"]


class Promised(NamedTuple):
    """Firings by the id of their execution; no others may be there if they are `all`."""

    firings: dict[str, Firing]
    are_all: bool


def promised_firings(events: list[Event], firings: tuple[Firing, ...], rules) -> Promised:
    """What must have fired for these events, in the order of arrival, of which a fold fires `firings`."""
    in_order = all(one.occurred_at <= next_.occurred_at for one, next_ in pairwise(events))
    certain = certain_rules(rules)
    found: dict[str, Firing] = {}
    for firing in firings:
        if in_order or firing.rule_id in certain:
            found.setdefault(execution_id(firing.lead_id, firing.rule_id, firing.date_bucket), firing)
    return Promised(found, in_order)


def promised_of_merged(arrived: list[tuple[Event, str]], rules) -> Promised:
    """What must have fired for events of merged leads, each with the lead that it was of when it was applied.

    Only what waits for a type of event without conditions, since a merge and its undoing fire nothing themselves.
    """
    certain = certain_rules(rules)
    found: dict[str, Firing] = {}
    for event, lead_id in arrived:
        for firing in fold(initial_state(lead_id, rules), [replace(event, lead_id=lead_id)], rules).firings:
            if firing.rule_id in certain:
                found.setdefault(execution_id(lead_id, firing.rule_id, firing.date_bucket), firing)
    return Promised(found, are_all=False)


def certain_rules(rules) -> set[str]:
    """The automations that fire for an event whatever the lead is like; nobody here may not be contacted."""
    return {
        section.id
        for section in rules.document.automations
        if isinstance(section.trigger, EventHappens)
        and section.when.model_dump(exclude_defaults=True).keys() <= {"contactable"}
        and section.min_score is None
    }
