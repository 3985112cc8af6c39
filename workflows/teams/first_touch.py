"""Speed to lead: a reminder at half of the time for the first contact, and at its end an escalation or another owner.

Both are events in the lead's stream, `first_touch.due` and `first_touch.missed`, so automations can react to them.
A contact is an event of a type that the rulebook counts among `ourActions` or `closesConversation`.
"""

from __future__ import annotations

from functools import partial

from domain.decisions.outcome import OPEN
from domain.events.event import ENGINE_SOURCE, Json, NewEvent
from domain.events.vocabulary import FIRST_TOUCH_DUE, FIRST_TOUCH_MISSED
from domain.instant import HOUR, MINUTE, SECOND, Millis
from domain.teams.fairness import credit
from domain.teams.routing_rules import Pool
from engine.runtime import Runtime
from engine.store.mongo import Session, transact
from engine.teams.decision_store import PoolState, RoutingDecision
from engine.teams.first_touch import FIRST_TOUCH, FirstTouch
from engine.teams.routing_request import ROUTING
from engine.work.backoff import exponential
from engine.work.kind import WorkKind
from engine.work.outcome import Outcome
from engine.work.policy import Policy
from workflows.privacy.encrypt import append_sealed
from workflows.teams.assign import assignment

__all__ = ["check_first_touch", "first_touch_kind", "start_timer"]

_POLICY = Policy(attempts=20, backoff=exponential(5 * SECOND, HOUR), lease=MINUTE, concurrency=4)
_SOON: Millis = 10 * SECOND


def first_touch_kind(runtime: Runtime) -> WorkKind[FirstTouch]:
    """The kind, with its policy."""
    return WorkKind(FIRST_TOUCH, runtime.teams.touches, _POLICY, partial(check_first_touch, runtime))


async def start_timer(runtime: Runtime, decision: RoutingDecision, pool: Pool) -> None:
    """Start the timer of a lead that was routed, in the working hours of its owner. Repeating it changes nothing."""
    minutes, member = pool.first_touch_minutes, pool.by_rep.get(decision.owner_id)
    if minutes is None or member is None:
        return
    whole = round(minutes * MINUTE)
    remind_at, deadline = (member.hours.after(decision.at, part) for part in (whole // 2, whole))
    if remind_at is None or deadline is None:
        return  # the owner does not work within a year
    await runtime.teams.touches.add(
        decision.decision_id, decision.lead_id, decision.owner_id, decision.at, remind_at, deadline
    )


async def check_first_touch(runtime: Runtime, timer: FirstTouch) -> Outcome:
    """Remind of the lead, or end the timer: its owner has made contact, has lost the lead, or was too slow."""
    decision, at = await runtime.teams.decisions.find(timer.decision_id), runtime.now()
    state = await runtime.leads.states.get(timer.lead_id)
    if decision is None or state is None:
        return Outcome(verdict="dead", detail="the decision or the lead is not stored any more")
    touched_at = await _touched_at(runtime, decision)
    if touched_at is not None:
        await runtime.teams.decisions.record_touch(decision.decision_id, touched_at)
        return Outcome(verdict="done", detail="the owner has made contact")
    if decision.position is None or not state.applied.includes(decision.position):
        return Outcome(verdict="later", detail="the assignment is not applied yet", not_before=at + _SOON)
    was_cut_off = decision.missed and state.owner_id is None  # the lead was taken back, and nothing more
    if not was_cut_off and (state.owner_id != timer.owner_id or state.assessment.outcome != OPEN):
        return Outcome(verdict="done", detail="the lead has another owner, or is not open any more")
    if at < timer.deadline:
        await _append(runtime, timer, FIRST_TOUCH_DUE, at)
        return Outcome(verdict="later", detail="the owner was reminded", not_before=timer.deadline)
    return await _miss(runtime, timer, decision, at)


async def _miss(runtime: Runtime, timer: FirstTouch, decision: RoutingDecision, at: Millis) -> Outcome:
    """The time has passed without a contact."""
    await _append(runtime, timer, FIRST_TOUCH_MISSED, at)
    await runtime.teams.decisions.record_miss(decision.decision_id)
    stored = await runtime.teams.rules.get(decision.version)
    is_routing = await runtime.teams.rules.active_version() is not None  # else nobody would get the lead
    if is_routing and stored.rules.by_pool[decision.pool].when_missed == "reassign":
        await _take_back(runtime, timer, decision, at)
        return Outcome(verdict="done", detail="missed; the lead goes to somebody else")
    return Outcome(verdict="done", detail="missed")


async def _touched_at(runtime: Runtime, decision: RoutingDecision) -> Millis | None:
    """When the lead was first contacted since it was assigned."""
    contact = runtime.rulebook.contact
    types = contact.our_actions | contact.closes
    moments = [
        event.occurred_at
        for event in await runtime.capture.events.of_lead(decision.lead_id)
        if event.type in types and event.occurred_at >= decision.at
    ]
    return min(moments, default=None)


async def _append(runtime: Runtime, timer: FirstTouch, kind: str, at: Millis) -> None:
    event_id = f"{timer.unit_id}:{kind.partition('.')[2]}"
    properties: dict[str, Json] = {"ownerId": timer.owner_id, "deadline": timer.deadline}
    event = NewEvent(
        event_id=event_id,
        lead_id=timer.lead_id,
        type=kind,
        occurred_at=at,
        received_at=at,
        body_hash=event_id,
        source=ENGINE_SOURCE,
        properties=properties,
    )
    await append_sealed(runtime, [event])


async def _take_back(runtime: Runtime, timer: FirstTouch, decision: RoutingDecision, at: Millis) -> None:
    """Take the lead from its owner, whose share does not count it, and request another one who has not had it."""
    properties: dict[str, Json] = {
        "by": "routing",
        "rule": decision.rule,
        "pool": decision.pool,
        "why": "its owner made no contact in time",
    }
    event = assignment(timer.lead_id, None, event_id=f"{timer.unit_id}:taken", at=at, properties=properties)
    (appended,) = await append_sealed(runtime, [event])
    stored = await runtime.teams.rules.get(decision.version)
    weight = stored.rules.by_pool[decision.pool].by_rep[timer.owner_id].weight
    request = await runtime.teams.requests.get(decision.decision_id)
    have_had_it = dict.fromkeys((*request.passed_over, timer.owner_id))

    async def again(session: Session) -> None:
        if not await runtime.teams.decisions.take_back(decision.decision_id, session):
            return
        pool = await runtime.teams.decisions.lock_pool(decision.pool, session)
        clocks = credit(pool.clocks, timer.owner_id, weight)
        await runtime.teams.decisions.write_pool(decision.pool, PoolState(clocks, pool.joined), session)
        await runtime.teams.requests.add(
            {timer.lead_id: appended.position}, at, session, passed_over=list(have_had_it)
        )

    await transact(runtime.store.client, again)
    await runtime.work.wake_ups.announce(ROUTING)
