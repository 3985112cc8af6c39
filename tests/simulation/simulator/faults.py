"""The promises, checked on what a simulated world has stored."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from domain.automations.firing import Firing
from domain.events.event import Event
from domain.events.vocabulary import SCORE_DECAYED
from domain.leads.fold import fold
from domain.leads.state import initial_state
from engine.capture.codec import decode
from tests.faults.harness.memberships import CHANGES, Memberships
from tests.faults.harness.promised_firings import promised_firings, promised_of_merged

__all__ = ["faults_of"]

_PARTITION = 2**44


def faults_of(world: Any) -> list[str]:
    """Every broken promise: what is lost, doubled, out of order, or not what a replay gives."""
    documents = [document for _, document in sorted(world.memory.all("events").items())]
    return [
        *world.memory.steps_back,
        *_faults_of_positions(world, documents),
        *_faults_of_leads(world, documents),
    ]


def _faults_of_positions(world: Any, documents: list[dict[str, Any]]) -> list[str]:
    faults = []
    numbers = defaultdict(list)
    for doc in documents:
        numbers[doc["_id"] // _PARTITION].append(doc["_id"] % _PARTITION)
    if any(found != list(range(1, len(found) + 1)) for found in numbers.values()):
        faults.append("positions have a hole")
    stored = Counter(doc["eventId"] for doc in documents)
    faults += [f"{name} is stored twice" for name, times in stored.items() if times > 1]
    positions = {doc["eventId"]: doc["_id"] for doc in documents}
    faults += [
        f"{name} is lost or moved" for name, at in world.acknowledged.items() if positions.get(name) != at
    ]
    decays = Counter((doc["leadId"], doc["occurredAt"]) for doc in documents if doc["type"] == SCORE_DECAYED)
    faults += [f"{lead} decayed {times} times at {at}" for (lead, at), times in decays.items() if times > 1]
    return faults


def _faults_of_leads(world: Any, documents: list[dict[str, Any]]) -> list[str]:
    faults, firings, unpromised = [], dict[str, Firing](), set[str]()
    by_lead, rows_by_lead = defaultdict(list), defaultdict(list)
    memberships, then = Memberships(documents, _order_of(world)), dict[int, str]()
    for document in documents:
        lead_id, position = memberships.lead_of(document["leadId"]), document["_id"]
        by_lead[lead_id].append(decode(document, None, lead_id))
        then[position] = memberships.lead_of(document["leadId"], position)
    touched = {memberships.lead_of(stream) for stream in memberships.touched}
    faults += _faults_of_merges(world, memberships)
    for row in sorted(world.memory.all("history").values(), key=lambda row: (row.at, row.position)):
        rows_by_lead[row.lead_id].append(row)
    for lead_id, events in by_lead.items():
        right = fold(initial_state(lead_id, world.rulebook), events, world.rulebook)
        if world.memory.get("leads", lead_id) != right.state:
            faults.append(f"{lead_id} is not what its events give")
        if tuple(rows_by_lead[lead_id]) != right.rows:
            faults.append(f"the history of {lead_id} is not what its events give")
        if lead_id in touched:
            promised = promised_of_merged([(one, then[one.position]) for one in events], world.rulebook)
            unpromised |= {then[one.position] for one in events}
        else:
            promised = promised_firings(events, right.firings, world.rulebook)
        firings |= promised.firings
        if not promised.are_all:
            unpromised.add(lead_id)
    faults += _faults_of_executions(world, firings, unpromised, by_lead)
    left = {document["eventId"] for document in documents}
    executions = world.memory.all("executions")
    faults += [f"execution {one} left no event" for one in executions if f"execution:{one}" not in left]
    if letters := world.memory.all("deadLetters"):
        faults.append(f"leads have dead letters: {letters}")
    return faults


def _order_of(world: Any) -> Callable[[int], float]:
    """The order in which events count for memberships, over all partitions.

    A change of membership has applied what was committed before its transaction began, and is applied before all else.
    """
    events, stored_at = world.memory.all("events"), world.memory.stored_at

    def order(position: int) -> float:
        began, committed = stored_at[position]
        return began + 0.5 if events[position]["type"] in CHANGES else committed

    return order


def _faults_of_merges(world: Any, memberships: Memberships) -> list[str]:
    """The projection says what the log says, and nothing is stored of a lead that is part of another."""
    projected = world.memory.all("leadStreams")
    faults = []
    for stream in sorted(memberships.touched | projected.keys()):
        lead_id, *_ = projected.get(stream, (stream,))
        if lead_id != memberships.lead_of(stream):
            faults.append(f"{stream} is part of {memberships.lead_of(stream)} by the log, and of {lead_id}")
    leads = world.memory.all("leads")
    return faults + [f"{one} is part of another lead" for one in leads if memberships.lead_of(one) != one]


def _faults_of_executions(
    world: Any, firings: dict[str, Firing], unpromised: set[str], by_lead: dict[str, list[Event]]
) -> list[str]:
    """What had to fire and did not run, or ran and was not fired; leads in `unpromised` may have further ones."""
    executions, faults = world.memory.all("executions"), []
    if firings.keys() - executions.keys():
        faults.append("an automation did not run that had to fire")
    for one in executions.keys() - firings.keys():
        execution = executions[one]
        causes = {one.position for events in by_lead.values() for one in events}
        if execution.lead_id not in unpromised or execution.cause_position not in causes:
            faults.append(f"an automation of {execution.lead_id} ran that nothing fired")
    tasks = {one for one, execution in executions.items() if execution.action["type"] == "task"}
    if world.memory.all("tasks").keys() != tasks:
        faults.append("the tasks are not those of the automations that ran")
    return faults
