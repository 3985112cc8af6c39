"""What must hold whatever was killed, checked against the store by pure Python."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection

import pytest

from domain.automations.firing import Firing
from domain.events.applied_positions import NOTHING_APPLIED
from domain.leads.fold import fold
from domain.leads.state import initial_state
from engine.capture.codec import decode
from engine.process.tasks import raise_if_cancelled
from engine.work.unit import CLAIMABLE
from tests.faults.harness.ledger import Ledger
from tests.faults.harness.load import POINTS
from tests.faults.harness.memberships import CHANGES, Memberships
from tests.faults.harness.promised_firings import promised_firings, promised_of_merged

__all__ = ["everything_applied", "faults_of"]

_MAX_FAULTS = 20
_PARTITION = 2**44
"""Positions of a partition."""


async def everything_applied(
    runtime, seconds: float, *, but: Collection[str] = (), executions: bool = True
) -> float:
    """Wait until every lead has applied its last event and no automation is open; how many seconds it took."""
    clock = asyncio.get_running_loop()
    start = clock.time()
    open_still: object = None
    try:
        async with asyncio.timeout(seconds):
            while open_still := await _open_still(runtime, but, executions=executions):
                raise_if_cancelled()  # PyMongo may have dropped the end of the time
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"after {seconds:.0f} s still open: {open_still}") from None
    return clock.time() - start


async def faults_of(runtime, ledger: Ledger, *, but: Collection[str] = ()) -> list[str]:
    """Every broken promise, twenty of a kind at most: what is lost, doubled, out of order, or not what a replay gives.

    Leads in `but` may stay behind their events, but no further than they say.
    """
    documents = await runtime.store.database["events"].find().sort("_id", 1).to_list()
    stored = {doc["eventId"]: doc["_id"] for doc in documents}
    lost = [
        f"event {one} is lost or moved" for one, at in ledger.acknowledged.items() if stored.get(one) != at
    ]
    memberships = Memberships(documents)
    of_leads: list[str] = []
    by_lead = defaultdict(list)
    for doc in documents:
        by_lead[memberships.lead_of(doc["leadId"])].append(doc)
    firings: dict[str, Firing] = {}
    unpromised: set[str] = set()
    named = [*by_lead, *(memberships.touched - by_lead.keys())]
    history = await runtime.leads.history.of_leads(named)
    states = await runtime.leads.states.get_many(named)
    for lead_id, theirs in by_lead.items():
        state = states.get(lead_id)
        reached = 0 if state is None else state.position
        own = [doc for doc in theirs if lead_id not in but or doc["_id"] <= reached]
        events = [decode(doc, None, lead_id) for doc in own]
        right = fold(initial_state(lead_id, runtime.rulebook), events, runtime.rulebook)
        if memberships.touched.isdisjoint(doc["leadId"] for doc in own):
            promised = promised_firings(events, right.firings, runtime.rulebook)
        else:
            arrived = [(event, _then(memberships, doc)) for event, doc in zip(events, own, strict=True)]
            promised = promised_of_merged(arrived, runtime.rulebook)
            unpromised |= {lead for _, lead in arrived}
        firings |= promised.firings
        if not promised.are_all:
            unpromised.add(lead_id)
        if own or state is not None:
            of_leads += _faults_of_lead(lead_id, own, state, history.get(lead_id, []), right)
    of_merges = await _faults_of_merges(runtime, memberships, states, history)
    of_executions = await _faults_of_executions(runtime, firings, unpromised, stored)
    kinds = (ledger.broken, _faults_of_positions(documents), lost, of_merges, of_leads, of_executions)
    return [fault for kind in kinds for fault in kind[:_MAX_FAULTS]]


def _faults_of_positions(documents) -> list[str]:
    """Each partition has positions of its own."""
    numbers = defaultdict(list)
    for doc in documents:
        numbers[doc["_id"] // _PARTITION].append(doc["_id"] % _PARTITION)
    are_whole = all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    faults = [] if are_whole else ["positions have a hole"]
    twice = [name for name, times in Counter(doc["eventId"] for doc in documents).items() if times > 1]
    return faults + [f"event {name} is stored twice" for name in twice]


def _then(memberships: Memberships, doc) -> str:
    """The lead under which an event was applied: no merge comes before the events of both leads are applied."""
    return memberships.lead_of(doc["leadId"], doc["_id"])


async def _faults_of_merges(runtime, memberships: Memberships, states, history) -> list[str]:
    """The projection says what the log says, and nothing is stored of a lead that is part of another."""
    documents = await runtime.store.database["leadStreams"].find().to_list()
    projected = {doc["_id"]: doc["leadId"] for doc in documents}
    faults = []
    for stream in sorted(memberships.touched | projected.keys()):
        lead_id = memberships.lead_of(stream)
        if (found := projected.get(stream, stream)) != lead_id:
            faults.append(f"stream {stream} is part of lead {lead_id} by the log, and of {found} as stored")
        if lead_id != stream and (stream in states or history.get(stream)):
            faults.append(f"stream {stream} is part of lead {lead_id}, and stored as a lead")
    return faults


def _faults_of_lead(lead_id, documents, state, rows, right) -> list[str]:
    faults = []
    if state != right.state:
        faults.append(f"lead {lead_id} is not what its events give")
    if tuple(rows) != right.rows:
        faults.append(f"the history of lead {lead_id} is not what its events give")
    if state is None:
        return faults
    score = state.assessment.score
    total = sum(row.decay + sum(given.points for given in row.contributions) for row in rows)
    if total != pytest.approx(score, abs=1e-6):
        faults.append(f"the history of lead {lead_id} does not add up to its score")
    # Without the engine's own code, as far as a sum goes: nothing decays within a week.
    if state.rulebook.startswith(("classic@", "webhooks@")) and _within_a_week(documents):
        points = sum(POINTS.get(doc["type"], 0) for doc in documents)
        if points != pytest.approx(score, abs=1e-6):
            faults.append(f"lead {lead_id} has {score} points, and its events give {points}")
    return faults


def _within_a_week(documents) -> bool:
    times = [doc["occurredAt"] for doc in documents]
    return (max(times) - min(times)).days < 7 if times else True


async def _faults_of_executions(
    runtime, firings: dict[str, Firing], unpromised: set[str], stored: dict[str, int]
) -> list[str]:
    """Each automation ran once for each lead, rule and period, and its effect is there once.

    Leads in `unpromised` may have further ones.
    """
    documents = await runtime.store.database["automationExecutions"].find().to_list()
    found = {doc["_id"]: doc for doc in documents}
    faults = [
        f"automation {firings[one].rule_id} of lead {firings[one].lead_id} never fired"
        for one in firings.keys() - found.keys()
    ]
    faults += [
        f"automation {found[one]['ruleId']} of lead {found[one]['leadId']} fired for nothing"
        for one in found.keys() - firings.keys()
        if found[one]["leadId"] not in unpromised or found[one]["causePosition"] not in stored.values()
    ]
    keys = Counter((doc["leadId"], doc["ruleId"], doc["dateBucket"]) for doc in documents)
    faults += [f"automation {key} has two executions" for key, times in keys.items() if times > 1]
    tasks = Counter(
        doc["_id"] for doc in await runtime.store.database["tasks"].find({}, {"_id": 1}).to_list()
    )
    for one, doc in found.items():
        done = doc["state"] == "done"
        if done and f"execution:{one}" not in stored:
            faults.append(f"execution {one} is done and left no event")
        if done and doc["action"]["type"] == "task" and tasks[one] != 1:
            faults.append(f"execution {one} is done and made {tasks[one]} tasks")
    return faults + [f"task {one} comes from no execution" for one in tasks.keys() - found.keys()]


async def _open_still(runtime, but: Collection[str], *, executions: bool) -> object:
    """What is left to do; nothing only if no event came while we looked.

    Between a look at the leads and one at the executions, one of these may leave an event behind and be done.
    """
    before = await runtime.capture.log.end()
    found = await _behind(runtime, but) or (executions and await _open_executions(runtime))
    return found or (await runtime.capture.log.end() != before and "an event has just come")


async def _behind(runtime, but: Collection[str]) -> list[str]:
    events = runtime.store.database["events"]
    changes = await events.find({"type": {"$in": list(CHANGES)}}).sort("_id", 1).to_list()
    memberships = Memberships(changes)
    last: dict[str, int] = defaultdict(int)
    of_streams = {
        doc["_id"]: doc["last"]
        async for doc in await events.aggregate([{"$group": {"_id": "$leadId", "last": {"$max": "$_id"}}}])
    }
    for stream, position in of_streams.items():
        lead_id = memberships.lead_of(stream)
        last[lead_id] = max(last[lead_id], position)
    positions = await runtime.leads.states.positions(last)
    return [
        lead
        for lead, at in last.items()
        if positions.get(lead, NOTHING_APPLIED).last != at and lead not in but
    ]


async def _open_executions(runtime) -> list[str]:
    query = {"state": {"$in": list(CLAIMABLE)}}
    cursor = runtime.store.database["automationExecutions"].find(query).limit(_MAX_FAULTS)
    return [
        f"execution {doc['_id']}, {doc['state']}, due {doc['dueAt']:%T}, "
        f"attempts {[(format(one['at'], '%T'), one.get('outcome'), one.get('detail', '')[:200]) for one in doc['attempts']]}"
        async for doc in cursor
    ]
