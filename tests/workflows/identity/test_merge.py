"""A merge makes one lead of two, and its undoing gives both back, bit for bit."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta

import pytest
from msgspec.structs import asdict

from domain.errors import Conflict, NotFound
from domain.instant import to_datetime
from engine.operations.audit_log import ENGINE, Actor
from tests.workflows.partitioned import with_partitions
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.identity.merge import merge, unmerge
from workflows.intelligence.intelligence import read_intelligence
from workflows.leads.process import process_leads
from workflows.replay.replay import replay

BY = Actor("key", "tests", "k1")
ADA = (("signup", 9), ("page_view", 5), ("download", 4), ("demo_request", 1))
WEB = (("page_view", 12), ("page_view", 8), ("download", 6), ("email_open", 2))


@pytest.fixture(params=[1, 2], ids=["one-partition", "two-partitions"])
async def runtime(runtime, request):
    """A runtime whose clock stands still, so that what is asked twice is asked at one moment.

    In a log of two partitions `ada` is in the second one, and `web` in the first.
    """
    at = runtime.now()
    runtime = dataclasses.replace(runtime, now=lambda: at)
    if request.param == 1:
        yield runtime
    else:
        async with with_partitions(runtime, request.param) as partitioned:
            yield partitioned


@pytest.fixture
def tell(runtime):
    async def tell(lead_id, facts):
        for type_, days_ago in facts:
            at = to_datetime(runtime.now()) - timedelta(days=days_ago)
            await ingest(runtime, [EventInput(lead_id=lead_id, type=type_, occurred_at=at)])
        await process_leads(runtime, [lead_id])

    return tell


async def shown(runtime, lead_id, **options):
    """Everything that a read says but names and places in the log."""
    found = asdict(await read_intelligence(runtime, lead_id, **options))
    return {name: value for name, value in found.items() if name not in ("lead_id", "position", "details")}


async def verified(runtime):
    report = await replay(runtime, "verify")
    return report.drifted, report.failed, report.outdated


async def test_a_merged_lead_is_the_fold_of_the_events_of_both(runtime, tell, rows_of):
    await tell("both", sorted((*ADA, *WEB), key=lambda fact: -fact[1]))
    await tell("ada", ADA)
    await tell("web", WEB)
    merged = await merge(runtime, BY, "web", "ada", "same person")
    assert (merged.lead_id, merged.absorbed) == ("ada", "web")
    assert await shown(runtime, "ada") == await shown(runtime, "both")
    assert await runtime.leads.lists.summary("web") is None
    assert await rows_of("web") == []
    assert len(await rows_of("ada")) == len(ADA) + len(WEB) + 2
    assert {row.lead_id for row in await rows_of("ada")} == {"ada"}
    assert await verified(runtime) == ([], {}, 0)


async def test_an_unmerge_gives_both_leads_back_as_if_it_had_never_been(runtime, tell, rows_of):
    await tell("ada", ADA)
    await tell("web", WEB)
    before = {one: await shown(runtime, one) for one in ("ada", "web")}
    rows = {one: await rows_of(one) for one in ("ada", "web")}
    await merge(runtime, BY, "web", "ada", "same person")
    undone = await unmerge(runtime, BY, "web", "they are two")
    assert (undone.lead_id, undone.separated_from) == ("web", "ada")
    assert {one: await shown(runtime, one) for one in ("ada", "web")} == before
    for one in ("ada", "web"):
        assert (await rows_of(one))[: len(rows[one])] == rows[one]
        assert [row.type for row in (await rows_of(one))[len(rows[one]) :]] == (
            ["lead.merged", "lead.unmerged"] if one == "web" else ["lead.absorbed", "lead.separated"]
        )
    assert await verified(runtime) == ([], {}, 0)


async def test_events_go_to_their_own_stream_also_while_it_is_merged(runtime, tell):
    await tell("ada", ADA)
    await tell("web", WEB[:2])
    await tell("twin-ada", ADA)
    await tell("twin-web", WEB)
    await merge(runtime, BY, "web", "ada", "")
    await tell("web", WEB[2:])
    assert (await runtime.leads.states.get("ada")).activities == len(ADA) + len(WEB)
    assert await verified(runtime) == ([], {}, 0)
    await unmerge(runtime, BY, "web", "")
    for one in ("ada", "web"):
        assert await shown(runtime, one) == await shown(runtime, f"twin-{one}")
    assert await verified(runtime) == ([], {}, 0)


async def test_leads_that_are_merged_themselves_stay_together(runtime, tell):
    for number, one in enumerate("abcd"):
        await tell(one, [("page_view", number + 1), ("signup", number + 2)])
    await merge(runtime, BY, "a", "b", "")
    await merge(runtime, BY, "b", "c", "")
    await merge(runtime, BY, "d", "a", "by the id of a stream that is merged")
    assert await runtime.identity.streams.of_lead("a") == ("a", "b", "c", "d")
    assert (await runtime.leads.states.get("c")).activities == 8
    await unmerge(runtime, BY, "b", "")
    assert await runtime.identity.streams.of_lead("a") == ("a", "b")
    assert await runtime.identity.streams.of_lead("d") == ("c", "d")
    assert [(await runtime.leads.states.get(one)).activities for one in "bc"] == [4, 4]
    await unmerge(runtime, BY, "c", "the latest merge into the lead of this id")
    assert [(await runtime.leads.states.get(one)).activities for one in "bcd"] == [4, 2, 2]
    assert await verified(runtime) == ([], {}, 0)


async def test_known_at_takes_membership_as_it_was_known_then(runtime, tell):
    start = runtime.now()
    await tell("ada", ADA)
    await tell("web", WEB)
    alone = await shown(runtime, "ada")

    def at(seconds):
        return dataclasses.replace(runtime, now=lambda: start + seconds * 1000)

    await merge(at(10), BY, "web", "ada", "")
    together = await shown(runtime, "ada")
    await unmerge(at(20), BY, "web", "")
    read = {"as_of": start}
    assert await shown(runtime, "ada", known_at=start + 5_000, **read) == alone
    assert (await shown(runtime, "ada", known_at=start + 15_000, **read))["score"] == together["score"]
    assert await shown(runtime, "ada", known_at=start + 25_000, **read) == alone


async def test_a_merge_fires_nothing_and_what_comes_after_it_fires_once(runtime, tell):
    await tell("ada", [("demo_request", 2), ("demo_request", 1)])
    await tell("web", WEB)
    count = runtime.store.database["automationExecutions"].count_documents
    fired = await count({})
    await merge(runtime, BY, "web", "ada", "")
    await process_leads(runtime, ["web", "ada"])
    assert await count({}) == fired


async def test_merging_twice_or_with_itself_changes_nothing(runtime, tell):
    await tell("ada", ADA)
    await tell("web", WEB)
    assert (await merge(runtime, BY, "ada", "ada", "")).position == 0
    first = await merge(runtime, BY, "web", "ada", "")
    assert first.position > 0
    assert (await merge(runtime, BY, "web", "ada", "")).position == 0
    assert (await merge(runtime, BY, "ada", "web", "")).position == 0


async def test_what_there_is_not_cannot_be_merged_or_undone(runtime, tell):
    await tell("ada", ADA)
    for lead_id, into in (("ada", "nobody"), ("nobody", "ada")):
        with pytest.raises(NotFound):
            await merge(runtime, BY, lead_id, into, "")
    with pytest.raises(Conflict):
        await unmerge(runtime, BY, "ada", "")


async def test_merges_at_once_make_one_lead_without_a_circle(runtime, tell):
    names = [f"s{number}" for number in range(6)]
    for one in names:
        await tell(one, [("page_view", 1)])
    pairs = [(names[n], names[(n + 1) % len(names)]) for n in range(len(names))]
    await asyncio.gather(*(merge(runtime, ENGINE, part, whole, "") for part, whole in pairs))
    await process_leads(runtime, names)
    leads = {await runtime.identity.streams.lead_of(one) for one in names}
    assert len(leads) == 1
    assert (await runtime.leads.states.get(leads.pop())).activities == 6
    assert await verified(runtime) == ([], {}, 0)


async def test_a_merge_ends_while_other_leads_keep_appending(runtime, tell):
    await tell("ada", ADA)
    await tell("web", WEB)

    async def append():
        while True:
            await ingest(runtime, [EventInput(lead_id="other", type="page_view")])

    appending = [asyncio.create_task(append()) for _ in range(4)]
    try:
        assert (await merge(runtime, BY, "web", "ada", "")).position
    finally:
        for task in appending:
            task.cancel()
        await asyncio.gather(*appending, return_exceptions=True)
    await process_leads(runtime, ["ada", "other"])
    assert await verified(runtime) == ([], {}, 0)


async def test_the_engine_merges_nothing_that_somebody_has_parted(runtime, tell):
    await tell("ada", ADA)
    await tell("web", WEB)
    await merge(runtime, ENGINE, "web", "ada", "the same device")
    await unmerge(runtime, BY, "web", "father and son")
    with pytest.raises(Conflict):
        await merge(runtime, ENGINE, "web", "ada", "the same device again")
    await tell("carl", ADA)
    await merge(runtime, ENGINE, "ada", "carl", "another one")
    with pytest.raises(Conflict):
        await merge(runtime, ENGINE, "carl", "web", "of which one stream was parted")
    assert (await merge(runtime, BY, "web", "carl", "a person says so")).position
