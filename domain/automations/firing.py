"""A firing: an automation that is to be executed, with the facts of the moment that its action needs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from domain.automations.automation import Automation, Fact
from domain.automations.trigger import LeadChange
from domain.instant import Millis

__all__ = ["Firing", "firings"]


class Firing(Struct, frozen=True, kw_only=True, rename="camel"):
    """An automation that is to run: unique by lead, rule and date bucket.

    With `rolling` it is not to run if the same one fired for the lead less than so many milliseconds before or after
    `occurred_at`; the bucket is then that moment.

    `facts` describe the lead at that moment, for messages to others.
    """

    lead_id: str
    rule_id: str
    date_bucket: str
    rolling: Millis = 0
    occurred_at: Millis = 0
    cause_position: int
    action: dict[str, Fact]
    facts: dict[str, Fact]


def firings(automations: Iterable[Automation], change: LeadChange) -> tuple[Firing, ...]:
    """The automations that this change fires. The bucket comes from the event, never from a clock."""
    fired = [automation for automation in automations if automation.fires(change)]
    if not fired:
        return ()
    event, facts = change.event, _facts(change)
    return tuple(
        Firing(
            lead_id=event.lead_id,
            rule_id=automation.id,
            date_bucket=automation.period.bucket(event.occurred_at),
            rolling=automation.period.rolling,
            occurred_at=event.occurred_at,
            cause_position=event.position,
            action=_filled_in(automation.action, facts),
            facts=facts,
        )
        for automation in fired
    )


def _facts(change: LeadChange) -> dict[str, Fact]:
    """The facts that texts may name in braces, and that webhook messages carry."""
    event, after = change.event, change.after
    facts: dict[str, Fact] = {
        "leadId": event.lead_id,
        "stage": after.stage,
        "stageBefore": change.before.stage,
        "score": after.score,
        "velocity": after.velocity,
        "risk": after.risk,
        "nextAction": after.next_action,
        "outcome": after.outcome,
        "eventType": event.type,
        "eventId": event.event_id,
    }
    return facts | ({"grade": after.grade} if after.grade else {})


def _filled_in(fields: dict[str, Fact], facts: dict[str, Fact]) -> dict[str, Fact]:
    """The action as data, with `{leadId}` and the like replaced in its texts, in one pass."""

    def fact(name: re.Match[str]) -> str:
        value = facts.get(name[1], name[0])
        return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)

    return {
        field: re.sub(r"\{(\w+)\}", fact, value) if isinstance(value, str) and "{" in value else value
        for field, value in fields.items()
    }
