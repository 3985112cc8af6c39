"""Routing as a kind of due work: decide in one transaction, then append `lead.assigned` with the request's id.

The decision is a pure function of the rules, the lead, the clocks of its pool and who is present. Decisions of a pool
are made one after another, whichever process makes them, and the reps who are chosen are locked too: so nobody who is
deactivated at the same moment gets a lead, and nobody gets more than the capacity.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from domain.decisions.outcome import OPEN
from domain.errors import Conflict
from domain.events.event import Json
from domain.events.vocabulary import LEAD_UPDATED
from domain.instant import DAY, HOUR, MINUTE, SECOND, Millis
from domain.teams.fairness import join
from domain.teams.roles import scopes_of
from domain.teams.routing import Candidate, Presence, decide, next_look
from domain.teams.routing_rules import Pool, RoutingRules
from engine.people.person import Person
from engine.runtime import Runtime
from engine.store.mongo import Session, transact
from engine.teams.decision_store import PoolState, RoutingDecision, applied
from engine.teams.first_touch import FIRST_TOUCH
from engine.teams.routing_request import ROUTING, RoutingRequest
from engine.work.backoff import exponential
from engine.work.kind import WorkKind
from engine.work.outcome import Outcome
from engine.work.policy import Policy
from workflows.privacy.encrypt import append_sealed
from workflows.teams.assign import assignment
from workflows.teams.first_touch import start_timer

__all__ = ["route_lead", "routing_kind"]

_POLICY = Policy(
    attempts=20, backoff=exponential(5 * SECOND, HOUR), lease=MINUTE, concurrency=2
)  # decisions of a pool wait for each other anyway
_AFTER_OLDER: Millis = SECOND
_WEEK: Millis = 7 * DAY
BY = "routing"


class _Waits(Struct, frozen=True):
    """The lead waits in a pool until then; `behind` is the request that comes first although somebody is present."""

    pool: str
    why: str
    until: Millis
    behind: str | None = None


def routing_kind(runtime: Runtime) -> WorkKind[RoutingRequest]:
    """The kind, with its policy."""
    return WorkKind(ROUTING, runtime.teams.requests, _POLICY, partial(route_lead, runtime))


async def route_lead(runtime: Runtime, request: RoutingRequest) -> Outcome:
    """Give the lead to a rep, or let it wait.

    The decision is stored before its event is appended, so a crash between the two repeats the same decision.
    """
    decision: RoutingDecision | _Waits | str | None
    decision = await runtime.teams.decisions.find(request.unit_id)
    if decision is None:
        decision = await _decided(runtime, request)
    if isinstance(decision, str):
        return Outcome(verdict="done", detail=decision)
    if isinstance(decision, _Waits):
        await runtime.teams.requests.wait_in(request.unit_id, decision.pool)
        if decision.behind is not None:
            await runtime.teams.requests.hasten(decision.behind, runtime.now())
        return Outcome(verdict="later", detail=decision.why, not_before=decision.until)
    await _carry_out(runtime, decision)
    return Outcome(verdict="done", detail=f"{decision.owner_id} by rule {decision.rule}")


async def _decided(runtime: Runtime, request: RoutingRequest) -> RoutingDecision | _Waits | str:
    """The decision, why the lead waits, or why it is not routed at all."""
    rules = await runtime.teams.rules.active()
    if rules is None:
        return "routing is switched off"
    state = await runtime.leads.states.get(request.lead_id)
    if state is not None and not await runtime.capture.events.all_applied(
        request.lead_id, state.applied, request.cause_position
    ):
        return _Waits(request.pool, "an event of the lead is not applied yet", runtime.now() + SECOND)
    if state is None or state.owner_id is not None or state.assessment.outcome != OPEN:
        return "the lead has an owner, or is not open any more"
    candidate = Candidate(
        lead_id=request.lead_id,
        attributes=await _attributes(runtime, request.lead_id),
        stage=state.assessment.stage,
        waiting_since=request.created_at,
    )
    rule = rules.match(candidate.attributes, candidate.stage)
    if rule is None:
        return "no routing rule matches the lead"
    await _settle(runtime, rules.by_pool[rule.pool])
    return await transact(
        runtime.store.client,
        lambda session: _decide(runtime, request, candidate, rules, rules.by_pool[rule.pool], session),
    )


async def _decide(  # noqa: PLR0917 - the parts of one decision
    runtime: Runtime,
    request: RoutingRequest,
    candidate: Candidate,
    rules: RoutingRules,
    pool: Pool,
    session: Session,
) -> RoutingDecision | _Waits:
    at = runtime.now()
    made = await runtime.teams.decisions.find(request.unit_id, session)
    if made is not None:
        return made
    before = await runtime.teams.decisions.lock_pool(pool.id, session)
    presence = await _presence(runtime, request, pool, at, session)
    state = _joined(pool, before, presence)
    found = decide(candidate, rules, {pool.id: state.clocks}, presence, at)
    if found.owner_id is None:
        await runtime.teams.decisions.write_pool(pool.id, state, session)
        until = _in_order(next_look(pool, presence, request.created_at, at), request.created_at)
        return _Waits(pool.id, "; ".join(found.why), until)
    older = await runtime.teams.requests.oldest_before(request, pool.id, session)
    if older is not None:
        return _Waits(pool.id, "another lead has waited longer in the pool", at + _AFTER_OLDER, older)
    await runtime.people.accounts.change(found.owner_id, {"lastRoutedTo": request.unit_id}, session)
    await runtime.teams.decisions.write_pool(pool.id, replace(state, clocks=found.clocks), session)
    decision = RoutingDecision(
        decision_id=request.unit_id,
        lead_id=request.lead_id,
        at=at,
        owner_id=found.owner_id,
        rule=found.rule,
        pool=found.pool,
        why=found.why,
        version=rules.version,
    )
    await runtime.teams.decisions.add(decision, session)
    return decision


async def _carry_out(runtime: Runtime, decision: RoutingDecision) -> None:
    """Append the event; a repeat of it is a duplicate with the position that it has already."""
    properties: dict[str, Json] = {
        "by": BY,
        "rule": decision.rule,
        "pool": decision.pool,
        "rulesVersion": decision.version,
        "why": "; ".join(decision.why),
    }
    event = assignment(
        decision.lead_id,
        decision.owner_id,
        event_id=decision.decision_id,
        at=decision.at,
        properties=properties,
    )
    (appended,) = await append_sealed(runtime, [event])
    if appended.status == "conflict":
        raise Conflict(f"Another event is stored under the id '{event.event_id}'.")
    await runtime.teams.decisions.record_position(decision.decision_id, appended.position)
    stored = await runtime.teams.rules.get(decision.version)
    await start_timer(runtime, decision, stored.rules.by_pool[decision.pool])
    await runtime.work.wake_ups.announce(FIRST_TOUCH)


async def _attributes(runtime: Runtime, lead_id: str) -> Mapping[str, Json]:
    """The latest value of each attribute of the lead; a null takes one back."""
    attributes: dict[str, Json] = {}
    events = await runtime.capture.events.of_lead(lead_id)
    for event in sorted(events, key=lambda one: (one.occurred_at, one.received_at, one.position)):
        if event.type == LEAD_UPDATED:
            attributes |= event.properties
    return {name: value for name, value in attributes.items() if value is not None}


async def _settle(runtime: Runtime, pool: Pool) -> None:
    """Count the leads that have applied their assignment among their owners' leads from here on."""
    reps = _people_of(pool)
    pending = await transact(
        runtime.store.client, lambda session: runtime.teams.decisions.unsettled(reps, session)
    )
    if pending:
        positions = await runtime.leads.states.positions(one.lead_id for one in pending)
        await runtime.teams.decisions.settle(applied(pending, positions))


async def _presence(
    runtime: Runtime, request: RoutingRequest, pool: Pool, at: Millis, session: Session
) -> dict[str, Presence]:
    reps = _people_of(pool)
    people = await runtime.people.accounts.get_many(reps, session)
    pending = await runtime.teams.decisions.unsettled(reps, session)
    presence: dict[str, Presence] = {}
    for rep, person in people.items():
        member = pool.by_rep.get(rep)
        given = len({one.lead_id for one in pending if one.owner_id == rep})
        open_leads = given
        if member is not None and member.capacity:
            open_leads += await runtime.leads.lists.count_open(rep, member.capacity, session)
        passed_over = "had the lead before" if rep in request.passed_over else ""
        presence[rep] = Presence(_may_work(person), _is_away(person, at), open_leads, passed_over)
    return presence


def _joined(pool: Pool, before: PoolState, presence: Mapping[str, Presence]) -> PoolState:
    """The clocks with those level who are new to the pool, or back from leave."""
    there = frozenset(
        rep for rep in pool.by_rep if (known := presence.get(rep)) and known.active and not known.away
    )
    clocks = before.clocks
    for rep in sorted(there - before.joined):
        clocks = join(clocks, rep, before.joined & there)
    return PoolState(clocks, there)


def _in_order(until: Millis, created_at: Millis) -> Millis:
    """Within the second after `until`, those who have waited longer a little earlier: units are claimed by due time."""
    waited_at_most_a_week = min(max(created_at - (until - _WEEK), 0), _WEEK)
    return until + waited_at_most_a_week * SECOND // _WEEK


def _people_of(pool: Pool) -> list[str]:
    return [*pool.by_rep, *([pool.fallback] if pool.fallback else [])]


def _may_work(person: Person) -> bool:
    return person.active and "work" in scopes_of(person.role)


def _is_away(person: Person, at: Millis) -> bool:
    return person.away_until is not None and at < person.away_until
