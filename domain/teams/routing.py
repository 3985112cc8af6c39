"""The routing decision: which rep a lead goes to, by which rule, with the chain of reasons."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from domain.events.event import Json
from domain.instant import MINUTE, Millis
from domain.teams.fairness import Clocks, charge, choose
from domain.teams.routing_rules import Member, Pool, RoutingRule, RoutingRules

__all__ = ["Candidate", "Decision", "Presence", "decide", "next_look", "route_event_id", "wants_owner"]


_MAX_PAUSE: Millis = 15 * MINUTE


class Candidate(Struct, frozen=True):
    """The lead to be routed. `owner_id` is who has it already, `account_owner_id` who has its company."""

    lead_id: str
    attributes: Mapping[str, Json]
    stage: str
    waiting_since: Millis
    owner_id: str | None = None
    account_owner_id: str | None = None


class Presence(Struct, frozen=True):
    """What is known of one rep at the moment: whether the account is active, whether away, and open leads."""

    active: bool = True
    away: bool = False
    open_leads: int = 0
    passed_over: str = ""
    """Why this rep does not get the lead in question, if there is such a reason."""


class Decision(Struct, frozen=True):
    """The outcome: an owner, or None while the lead waits. `clocks` are those of `pool` afterwards."""

    owner_id: str | None
    rule: str
    pool: str
    why: tuple[str, ...]
    clocks: Clocks


def route_event_id(lead_id: str, number: int) -> str:
    """Idempotency key of the `number`th routing decision about a lead."""
    return f"route:{lead_id}:{number}"


def wants_owner(rules: RoutingRules, stage_before: str | None, stage_after: str) -> bool:
    """Whether a lead without an owner is to be routed after a change of stage; None before its first event."""
    if rules.stages is None:
        return stage_before is None
    return stage_after in rules.stages and stage_before not in rules.stages


def next_look(pool: Pool, presence: Mapping[str, Presence], waiting_since: Millis, at: Millis) -> Millis:
    """When to look again for a lead that waits in the pool: when somebody's hours begin or the fallback's time comes.

    Absences and capacity end unannounced, so it is a minute for members within their hours, and 15 minutes at most.
    """
    moments = [at + _MAX_PAUSE]
    for member in pool.members:
        if presence.get(member.rep, Presence(active=False)).active:
            opens = member.hours.next_open(at)
            moments += [] if opens is None else [at + MINUTE if opens <= at else opens]
    if pool.fallback:
        moments.append(waiting_since + round(pool.fallback_after_minutes * MINUTE))
    return min(one for one in moments if one > at)


def decide(
    lead: Candidate,
    rules: RoutingRules,
    clocks: Mapping[str, Clocks],
    presence: Mapping[str, Presence],
    at: Millis,
) -> Decision:
    """Route the lead at `at`. Pure: the same input gives the same owner in every process.

    The owner that it has comes first, then that of its account, then the pool of the first matching rule.
    """
    for owner, rule, why in (
        (lead.owner_id, "known-owner", "the lead already has this owner"),
        (lead.account_owner_id, "account-owner", "the lead's account has this owner"),
    ):
        if owner is not None and presence.get(owner, Presence(active=False)).active:
            return Decision(owner, rule, "", (why,), {})
    matched = rules.match(lead.attributes, lead.stage)
    if matched is None:
        return Decision(None, "", "", ("no routing rule matches the lead",), {})
    pool = rules.by_pool[matched.pool]
    return _from_pool(lead, matched, pool, clocks.get(pool.id, {}), presence, at)


def _from_pool(  # noqa: PLR0917 - the parts of one decision
    lead: Candidate,
    rule: RoutingRule,
    pool: Pool,
    clocks: Clocks,
    presence: Mapping[str, Presence],
    at: Millis,
) -> Decision:
    why = [f"rule '{rule.id}' sends it to the pool '{pool.id}'"]
    absent = {
        member.rep: reason
        for member in pool.members
        if (reason := _absence(member, presence.get(member.rep, Presence(active=False)), at))
    }
    why += [f"{rep} is passed over: {reason}" for rep, reason in absent.items()]
    rep = choose(lead.lead_id, [one for one in pool.by_rep if one not in absent], clocks)
    if rep is not None:
        why.append(f"{rep} has had the smallest share so far, by weight")
        after = charge(clocks, rep, pool.by_rep[rep].weight, at)
        return Decision(rep, rule.id, pool.id, tuple(why), after)
    waited = at - lead.waiting_since
    fallback = pool.fallback
    if fallback and waited >= pool.fallback_after_minutes * MINUTE and _may_take(fallback, presence):
        why.append(f"nobody was present for {pool.fallback_after_minutes:g} minutes: the fallback takes it")
        return Decision(fallback, rule.id, pool.id, tuple(why), clocks)
    why.append("it waits, oldest first, until somebody is present")
    return Decision(None, rule.id, pool.id, tuple(why), clocks)


def _absence(member: Member, presence: Presence, at: Millis) -> str:
    """Why the member cannot take a lead now; empty for a member who can."""
    if presence.passed_over:
        return presence.passed_over
    if not presence.active:
        return "not an active person"
    if presence.away:
        return "away"
    if member.capacity is not None and presence.open_leads >= member.capacity:
        return f"{presence.open_leads} open leads, {member.capacity} at most"
    return "" if member.hours.is_open(at) else "outside working hours"


def _may_take(rep: str, presence: Mapping[str, Presence]) -> bool:
    found = presence.get(rep, Presence(active=False))
    return found.active and not found.away and not found.passed_over
