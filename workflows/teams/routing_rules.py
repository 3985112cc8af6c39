"""Versions of the routing rules: stored after a check against the members of the workspace, activated, switched off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from domain.errors import Fault, Invalid
from domain.events.event import Json
from domain.teams.roles import scopes_of
from domain.teams.routing_rules import RoutingRules
from engine.operations.audit_log import Actor, AuditAction
from engine.people.person import Person
from engine.runtime import Runtime
from engine.store.mongo import Session
from engine.teams.routing_rules_store import StoredRules
from workflows.audited import audited

__all__ = ["activate_rules", "add_rules", "check_rules", "deactivate_rules"]

_TARGET = "routing"


async def check_rules(runtime: Runtime, rules: RoutingRules) -> None:
    """Raise `Invalid` for what the rulebook does not have, and for members who may not work on leads."""
    people = await runtime.people.accounts.get_many(
        {rep for pool in rules.pools for rep in (*pool.by_rep, pool.fallback) if rep}
    )
    stages = runtime.rulebook.stages.names
    contact = runtime.rulebook.contact
    faults = (
        *_unknown_stages(rules, stages),
        *_unfit_members(rules, people),
        *_unknown_contacts(rules, contact.our_actions | contact.closes),
    )
    if faults:
        raise Invalid("These routing rules cannot work.", faults)


async def add_rules(runtime: Runtime, by: Actor, rules: RoutingRules) -> StoredRules:
    """Store a version. Raises `Invalid` as `check_rules`, and `Conflict` for another content of a stored version."""
    await check_rules(runtime, rules)

    async def add(session: Session) -> tuple[StoredRules, AuditAction]:
        stored = await runtime.teams.rules.add(rules, runtime.now(), session)
        after: dict[str, Json] = {"version": rules.version}
        return stored, AuditAction("routing.rules_stored", _TARGET, after=after)

    return await audited(runtime, by, add)


async def activate_rules(runtime: Runtime, by: Actor, version: int) -> StoredRules:
    """Route by this version from now on, in every process within two seconds. Raises `NotFound` and `Invalid`."""
    await check_rules(runtime, (await runtime.teams.rules.get(version)).rules)

    async def activate(session: Session) -> tuple[StoredRules, AuditAction]:
        stored = await runtime.teams.rules.get(version, session)
        action = await _switch(runtime, version, session)
        return stored, action

    stored = await audited(runtime, by, activate)
    await runtime.teams.routing.refresh()
    return stored


async def deactivate_rules(runtime: Runtime, by: Actor) -> None:
    """Route no further leads. Those that wait stay unassigned."""

    async def switch_off(session: Session) -> tuple[None, AuditAction]:
        return None, await _switch(runtime, None, session)

    await audited(runtime, by, switch_off)
    await runtime.teams.routing.refresh()


async def _switch(runtime: Runtime, version: int | None, session: Session) -> AuditAction:
    before = await runtime.teams.rules.active_version(session)
    await runtime.teams.rules.activate(version, session)
    return AuditAction("routing.activated", _TARGET, {"version": before}, {"version": version})


def _unknown_stages(rules: RoutingRules, known: tuple[str, ...]) -> Iterator[Fault]:
    named = [("/stages", rules.stages or ())]
    named += [(f"/rules/{number}/stage", rule.stage or ()) for number, rule in enumerate(rules.rules)]
    for pointer, stages in named:
        for stage in stages:
            if stage not in known:
                detail = f"there is no stage '{stage}'; the rulebook has {', '.join(known)}"
                yield Fault(pointer, detail)


def _unknown_contacts(rules: RoutingRules, contacts: frozenset[str]) -> Iterator[Fault]:
    """Without types of events that are contacts, every lead would count as missed."""
    for number, pool in enumerate(rules.pools):
        if pool.first_touch_minutes is not None and not contacts:
            detail = "the rulebook has no contact.ourActions, so nothing says when a lead was contacted"
            yield Fault(f"/pools/{number}/firstTouchMinutes", detail)


def _unfit_members(rules: RoutingRules, people: Mapping[str, Person]) -> Iterator[Fault]:
    for at, pool in enumerate(rules.pools):
        reps = [
            (f"/pools/{at}/members/{number}/rep", member.rep) for number, member in enumerate(pool.members)
        ]
        if pool.fallback:
            reps.append((f"/pools/{at}/fallback", pool.fallback))
        for pointer, rep in reps:
            person = people.get(rep)
            if person is None or not person.active or "work" not in scopes_of(person.role):
                yield Fault(pointer, f"'{rep}' is not the id of an active person who may work on leads")
