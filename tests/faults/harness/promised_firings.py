"""The automations that must have fired for a lead, however its events arrived.

Executions are outside the promise that the order of arrival makes no difference: late events are compared once, as a
group, and nothing is un-fired. What remains promised of a lead with late events: each automation that waits for a type
of event, without conditions, has fired for each of them; and whatever fired names an event of the lead as its cause.
Of a lead without late events, exactly those fired that a fold of its events fires.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from domain.automations.event_trigger import EventHappens
from domain.automations.firing import Firing
from domain.events.event import Event
from engine.automations.execution import execution_id

__all__ = ["Promised", "promised_firings"]


class Promised(NamedTuple):
    """Firings by the id of their execution; no others may be there if they are `all`."""

    firings: dict[str, Firing]
    are_all: bool


def promised_firings(events: list[Event], firings: tuple[Firing, ...], rules) -> Promised:
    """What must have fired for these events, in the order of arrival, of which a fold fires `firings`."""
    in_order = all(one.occurred_at <= next_.occurred_at for one, next_ in pairwise(events))
    certain = {
        section.id
        for section in rules.document.automations
        if isinstance(section.trigger, EventHappens) and section.when.is_empty and section.min_score is None
    }
    found: dict[str, Firing] = {}
    for firing in firings:
        if in_order or firing.rule_id in certain:
            found.setdefault(execution_id(firing.lead_id, firing.rule_id, firing.date_bucket), firing)
    return Promised(found, in_order)
