"""The promises, checked on what a simulated world has stored."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from domain.automations.firing import Firing
from domain.events.vocabulary import SCORE_DECAYED
from domain.leads.fold import fold
from domain.leads.state import initial_state
from engine.automations.execution import execution_id
from engine.capture.codec import decode

__all__ = ["faults_of"]


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
    if [doc["_id"] for doc in documents] != list(range(1, len(documents) + 1)):
        faults.append("positions have a hole")
    stored = Counter(doc["eventId"] for doc in documents)
    faults += [f"{name} is stored twice" for name, times in stored.items() if times > 1]
    positions = {doc["eventId"]: doc["_id"] for doc in documents}
    faults += [
        f"{name} is lost or moved" for name, at in world.acknowledged.items() if positions.get(name) != at
    ]
    decays = Counter(doc["leadId"] for doc in documents if doc["type"] == SCORE_DECAYED)
    faults += [f"{lead_id} decayed {times} times in a day" for lead_id, times in decays.items() if times > 1]
    return faults


def _faults_of_leads(world: Any, documents: list[dict[str, Any]]) -> list[str]:
    faults, firings = [], dict[str, Firing]()
    by_lead, rows_by_lead = defaultdict(list), defaultdict(list)
    for document in documents:
        by_lead[document["leadId"]].append(decode(document))
    for _, row in sorted(world.memory.all("history").items()):
        rows_by_lead[row.lead_id].append(row)
    for lead_id, events in by_lead.items():
        right = fold(initial_state(lead_id, world.rulebook), events, world.rulebook)
        if world.memory.get("leads", lead_id) != right.state:
            faults.append(f"{lead_id} is not what its events give")
        if tuple(rows_by_lead[lead_id]) != right.rows:
            faults.append(f"the history of {lead_id} is not what its events give")
        for firing in right.firings:
            firings.setdefault(execution_id(lead_id, firing.rule_id, firing.date_bucket), firing)
    executions = world.memory.all("executions")
    if executions.keys() != firings.keys():
        faults.append("the automations that ran are not those that fired")
    tasks = {one for one, execution in executions.items() if execution.action["type"] == "task"}
    if world.memory.all("tasks").keys() != tasks:
        faults.append("the tasks are not those of the automations that ran")
    left = {document["eventId"] for document in documents}
    faults += [f"execution {one} left no event" for one in executions if f"execution:{one}" not in left]
    if letters := world.memory.all("deadLetters"):
        faults.append(f"leads have dead letters: {letters}")
    return faults
