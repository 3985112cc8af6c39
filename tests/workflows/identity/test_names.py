"""The index of names: what is found by it, and that it follows corrections, merges, retractions and erasures."""

from __future__ import annotations

import pytest

from domain.identity.person_name import name_words
from engine.operations.audit_log import ENGINE, Actor
from engine.store.concurrency import ConcurrencyConflict
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest
from workflows.capture.retract import retract_event
from workflows.identity.find_named import find_named
from workflows.identity.index_names import NAMES, index_names, index_stream_names
from workflows.identity.merge import merge, unmerge
from workflows.leads.process import process_leads
from workflows.privacy.erase import erase_personal_data

ACTOR = Actor("key", "support", "k1")


async def say(runtime, lead_id, kind="lead.updated", **properties):
    event = {"leadId": lead_id, "type": kind, "properties": properties}
    return (await ingest(runtime, [check_event(event)]))[0]


async def found(runtime, name):
    return list((await find_named(runtime, name_words(name), "", 50)).leads.values())


async def test_a_lead_is_found_by_all_words_in_any_order_without_case_and_accents(runtime):
    await say(runtime, "ada", name="Ada Lovelace")
    await say(runtime, "zoe", "signup", firstName="Zoë", lastName="Lovelace-Müller")
    await say(runtime, "page", "page_view", name="Ada Lovelace")
    await index_names(runtime)
    assert await found(runtime, "lovelace ADA") == ["ada"]
    assert await found(runtime, "Lovelace") == ["ada", "zoe"]
    assert await found(runtime, "muller zoe") == ["zoe"]
    assert await found(runtime, "Ada Miller") == await found(runtime, "Love") == []


async def test_a_corrected_name_replaces_the_former_one_and_a_null_takes_it_back(runtime):
    await say(runtime, "ada", name="Ada Byron")
    await index_names(runtime)
    await say(runtime, "ada", name="Ada Lovelace")
    await index_names(runtime)
    assert (await found(runtime, "Ada Lovelace"), await found(runtime, "Byron")) == (["ada"], [])
    await say(runtime, "ada", name=None)
    await index_names(runtime)
    assert await found(runtime, "Ada") == []


async def test_an_index_from_the_first_event_on_equals_one_that_has_followed(runtime):
    for name in ("Ada", "Ada B", "Ada Lovelace"):
        await say(runtime, "ada", name=name)
        await index_names(runtime)
    database = runtime.store.database
    followed = await database["leadNames"].find_one({"_id": "ada"}, {"version": 0})
    await runtime.store.checkpoints.clear(NAMES)
    await database["leadNames"].drop()
    assert await found(runtime, "Ada") == []
    assert await index_names(runtime) == 3
    assert await database["leadNames"].find_one({"_id": "ada"}, {"version": 0}) == followed


async def test_a_merged_lead_is_found_once_by_the_names_of_all_its_streams(runtime):
    await say(runtime, "ada", name="Ada Lovelace")
    await say(runtime, "old", name="Ada Byron")
    await process_leads(runtime, ["ada", "old"])
    await index_names(runtime)
    await merge(runtime, ACTOR, "old", "ada", "the same person")
    assert await found(runtime, "Ada") == await found(runtime, "Byron") == ["ada"]
    await unmerge(runtime, ACTOR, "old", "they are two")
    assert (await found(runtime, "Ada"), await found(runtime, "Byron")) == (["ada", "old"], ["old"])


@pytest.mark.parametrize("applied", [True, False])
async def test_the_name_in_a_retracted_event_finds_nobody_until_the_retraction_is_retracted(runtime, applied):
    await say(runtime, "ada", name="Ada")
    wrong = await say(runtime, "ada", name="Bob")
    await index_names(runtime)
    retraction = await retract_event(runtime, ACTOR, "ada", wrong.event_id, "of another person")
    if applied:
        await process_leads(runtime, ["ada"])
    await index_names(runtime)
    assert (await found(runtime, "Ada"), await found(runtime, "Bob")) == (["ada"], [])
    await process_leads(runtime, ["ada"])
    await retract_event(runtime, ACTOR, "ada", retraction.event_id, "it was right")
    await index_names(runtime)
    assert await found(runtime, "Bob") == ["ada"]


async def test_an_erasure_removes_the_names_and_a_loop_that_was_behind_does_not_bring_them_back(runtime):
    await say(runtime, "ada", name="Ada Lovelace")
    await index_names(runtime)
    await say(runtime, "ada", "signup", firstName="Augusta")
    await erase_personal_data(runtime, ENGINE, "ada")
    await index_names(runtime)
    assert await found(runtime, "Ada") == await found(runtime, "Augusta") == []
    assert await runtime.store.database["leadNames"].count_documents({}) == 0
    await say(runtime, "ada", name="Ada King")  # of a person who comes back
    await index_names(runtime)
    assert await found(runtime, "King Ada") == ["ada"]


@pytest.mark.parametrize("checked", [True, False], ids=["checked", "control"])
async def test_names_that_were_opened_before_an_erasure_and_written_behind_it_do_not_stay(
    runtime, monkeypatch, checked
):
    await say(runtime, "ada", name="Ada Lovelace")
    write, ids = runtime.identity.names.write, runtime.privacy.keys.ids

    async def erased_before(changes):
        monkeypatch.setattr(runtime.identity.names, "write", write)
        await erase_personal_data(runtime, ENGINE, "ada")
        await write(changes)

    async def as_ever(streams):
        return dict.fromkeys(streams, "k")

    monkeypatch.setattr(runtime.identity.names, "write", erased_before)
    if not checked:
        monkeypatch.setattr(runtime.privacy.keys, "ids", as_ever)
    await index_names(runtime)
    monkeypatch.setattr(runtime.privacy.keys, "ids", ids)
    assert (await found(runtime, "Ada") == []) is checked


async def test_names_that_another_process_has_written_meanwhile_are_a_conflict(runtime):
    await say(runtime, "ada", name="Ada")
    await index_names(runtime)
    read = await runtime.identity.names.read(["ada"])
    await say(runtime, "ada", name="Augusta")
    await index_stream_names(runtime, "ada")
    with pytest.raises(ConcurrencyConflict):
        await runtime.identity.names.write(read)
    await runtime.identity.names.remove("ada")
    with pytest.raises(ConcurrencyConflict):
        await runtime.identity.names.write(read)


async def test_a_long_log_is_indexed_in_slices(runtime, monkeypatch):
    monkeypatch.setattr("engine.capture.personal_events._SCANNED", 3)
    monkeypatch.setattr("engine.capture.personal_events._READ", 2)
    for number in range(7):
        await say(runtime, f"lead-{number}", name="Ada")
        await say(runtime, "viewer", "page_view")
    monkeypatch.setattr("workflows.identity.index_names._SLICES", 2)
    await index_names(runtime)
    assert 0 < len(await found(runtime, "Ada")) < 7, "one call is bounded"
    while (await runtime.store.checkpoints.cursor(NAMES, 1)).events < 14:
        await index_names(runtime)
    assert len(await found(runtime, "Ada")) == 7
    assert await index_names(runtime) == 0
