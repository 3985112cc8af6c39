"""Simulation of routing rules on past events, before they are activated: who would have got what, beside what happened."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from itertools import islice

from msgspec import Struct

from domain.events.event import Event, Json
from domain.events.vocabulary import LEAD_UPDATED
from domain.instant import DAY, HOUR, Millis
from domain.leads.fold import fold
from domain.leads.state import initial_state
from domain.rulebooks.compiled import CompiledRulebook
from domain.teams.fairness import Clocks
from domain.teams.roles import scopes_of
from domain.teams.routing import Candidate, Presence, decide, wants_owner
from domain.teams.routing_rules import RoutingRules
from engine.runtime import Runtime

__all__ = ["ASSUMPTIONS", "MAX_LEADS", "SimulatedRouting", "Simulation", "simulate"]

MAX_LEADS = 2_000
"""Leads of one simulation, the newest of the period."""
_LEADS_AT_A_TIME = 200

ASSUMPTIONS = (
    "people who are active now were there all the time; absences of the past are not known",
    "working hours and weights are those of the rules; all shares begin level",
    "capacity is not applied, because it is not known when leads were closed",
    "a lead without anybody present counts as waiting, or goes to the fallback",
)


class Arrival(Struct, frozen=True):
    """A lead at the moment at which the rules would have routed it."""

    lead_id: str
    at: Millis
    stage: str
    attributes: Mapping[str, Json]


class SimulatedRouting(Struct, frozen=True):
    """One lead: who would have got it, by which rule and why, and whose it is today."""

    lead_id: str
    at: Millis
    owner_id: str | None
    rule: str
    pool: str
    why: tuple[str, ...]
    actual_owner_id: str | None


class Simulation(Struct, frozen=True):
    """The outcome of a simulation. `would_get` and `have_got` count leads per person; None stands for nobody.

    `truncated`: the period has more leads than one simulation takes; the newest were taken. `skipped` leads have an
    event that cannot be read or folded.
    """

    days: int
    leads: int
    truncated: bool
    skipped: int
    would_get: dict[str | None, int]
    have_got: dict[str | None, int]
    routed: tuple[SimulatedRouting, ...]


async def simulate(runtime: Runtime, rules: RoutingRules, days: int) -> Simulation:
    """Route the leads of the last `days` days by these rules. Writes nothing. At most `MAX_LEADS` leads."""
    since = runtime.now() - days * DAY
    lead_ids, is_all = await runtime.capture.log.leads_since(since, MAX_LEADS)
    arrivals, skipped = await _arrivals(runtime, rules, lead_ids, since)
    owners = await runtime.leads.states.owners(one.lead_id for one in arrivals)
    people = await runtime.people.accounts.get_many(
        {rep for pool in rules.pools for rep in (*pool.by_rep, pool.fallback) if rep}
    )
    presence = {
        rep: Presence(active=person.active and "work" in scopes_of(person.role))
        for rep, person in people.items()
    }
    routed = tuple(_route(arrivals, rules, presence, owners))
    return Simulation(
        days=days,
        leads=len(routed),
        truncated=not is_all,
        skipped=skipped,
        would_get=dict(Counter(one.owner_id for one in routed)),
        have_got=dict(Counter(one.actual_owner_id for one in routed)),
        routed=routed,
    )


def _route(
    arrivals: list[Arrival],
    rules: RoutingRules,
    presence: Mapping[str, Presence],
    owners: Mapping[str, str | None],
) -> list[SimulatedRouting]:
    clocks: dict[str, Clocks] = {}
    routed = []
    for one in sorted(arrivals, key=lambda one: (one.at, one.lead_id)):
        candidate = Candidate(one.lead_id, one.attributes, one.stage, one.at)
        found = decide(candidate, rules, clocks, presence, one.at)
        if found.owner_id is not None and found.pool:
            clocks[found.pool] = found.clocks
        routed.append(
            SimulatedRouting(
                one.lead_id,
                one.at,
                found.owner_id,
                found.rule,
                found.pool,
                found.why,
                owners.get(one.lead_id),
            )
        )
    return routed


async def _arrivals(
    runtime: Runtime, rules: RoutingRules, lead_ids: list[str], since: Millis
) -> tuple[list[Arrival], int]:
    """The leads at the moments at which they would have been routed, and how many could not be read."""
    arrivals, skipped = [], 0
    remaining = iter(lead_ids)
    while some := list(islice(remaining, _LEADS_AT_A_TIME)):
        for lead_id, stored in (await runtime.capture.events.of_leads(some)).items():
            await asyncio.sleep(0)  # other requests have their turn between two leads
            try:
                arrival = _arrival(runtime.rulebook, rules, lead_id, [event.decode() for event in stored])
            except Exception:  # noqa: BLE001 - whatever an event does to the rules, the other leads count
                skipped += 1
                continue
            if arrival is not None and arrival.at >= since:
                arrivals.append(arrival)
    return arrivals, skipped


def _arrival(
    rulebook: CompiledRulebook, rules: RoutingRules, lead_id: str, events: list[Event]
) -> Arrival | None:
    """The first moment at which the rules route the lead, by the active rulebook; None if they never do."""
    attributes: dict[str, Json] = {}
    before: str | None = None
    in_time = sorted(events, key=lambda one: (one.occurred_at, one.received_at, one.position))
    counting = in_time if rules.stages else in_time[:1]
    for event, row in zip(
        counting, fold(initial_state(lead_id, rulebook), counting, rulebook).rows, strict=True
    ):
        if event.type == LEAD_UPDATED:
            attributes |= event.properties
        stage = row.stage_after
        fresh = event.received_at - event.occurred_at <= rules.max_age_hours * HOUR
        if fresh and wants_owner(rules, before, stage):
            known = {name: value for name, value in attributes.items() if value is not None}
            return Arrival(lead_id, event.received_at, stage, known)
        before = stage
    return None
