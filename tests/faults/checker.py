"""What must hold whatever was killed, checked against the store by pure Python."""

from __future__ import annotations

import asyncio

from domain.lead import fold, initial_state

__all__ = ["everything_applied", "faults_of"]


async def everything_applied(runtime, seconds: float) -> float:
    """Wait until every lead has applied its last event and no automation is open; how long it took."""
    clock = asyncio.get_running_loop()
    start = clock.time()
    async with asyncio.timeout(seconds):
        while await _behind(runtime) or await _open_executions(runtime):
            await asyncio.sleep(0.1)
    return clock.time() - start


async def faults_of(runtime, acknowledged: dict[str, int]) -> list[str]:
    """Every broken promise: lost or doubled events, holes, and leads that differ from a pure replay.

    `acknowledged` holds the event ids that were answered with 2xx, and the positions given.
    """
    faults = []
    documents = await runtime.database["events"].find({}, {"eventId": 1}).sort("_id", 1).to_list()
    if [doc["_id"] for doc in documents] != list(range(1, len(documents) + 1)):
        faults.append("positions have a hole")
    stored = {doc["eventId"]: doc["_id"] for doc in documents}
    if len(stored) != len(documents):
        faults.append("an event is stored twice")
    faults += [f"event {one} is lost or moved" for one, at in acknowledged.items() if stored.get(one) != at]
    async for lead_id in _lead_ids(runtime):
        faults += await _faults_of_lead(runtime, lead_id)
    return faults


async def _faults_of_lead(runtime, lead_id: str) -> list[str]:
    events = await runtime.events.of_lead(lead_id)
    right = fold(initial_state(lead_id, runtime.rulebook), events, runtime.rulebook)
    rows = (await runtime.history.of_leads([lead_id])).get(lead_id, [])
    faults = []
    if await runtime.leads.get(lead_id) != right.state:
        faults.append(f"lead {lead_id} is not what its events give")
    if tuple(rows) != right.rows:
        faults.append(f"the history of lead {lead_id} is not what its events give")
    return faults


async def _lead_ids(runtime):
    for lead_id in await runtime.database["events"].distinct("leadId"):
        yield lead_id


async def _behind(runtime) -> bool:
    last = {
        doc["_id"]: doc["last"]
        async for doc in await runtime.database["events"].aggregate(
            [{"$group": {"_id": "$leadId", "last": {"$max": "$_id"}}}]
        )
    }
    positions = await runtime.leads.positions(last)
    return positions != last


async def _open_executions(runtime) -> bool:
    query = {"state": {"$in": ["pending", "running"]}}
    return await runtime.database["automationExecutions"].count_documents(query, limit=1) > 0
