"""Identifiers are resolved to leads before events are appended: one person is one lead, however many writers there are."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from pymongo.errors import OperationFailure

from domain.errors import Unavailable
from domain.identity.identifier import Identifier
from engine.operations.audit_log import ENGINE
from engine.runtime import open_runtime
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest
from workflows.identity.find import find
from workflows.identity.merge import unmerge
from workflows.leads.process import process_leads
from workflows.privacy.block import block_lead, unblock_lead
from workflows.privacy.erase import erase_personal_data


async def send(runtime, *events):
    """What became of the events."""
    return await ingest(runtime, [check_event({"type": "page_view", **event}) for event in events])


async def leads(runtime, *identifiers):
    """The leads of events with these identifiers, one after the other."""
    return [one.lead_id for said in identifiers for one in await send(runtime, {"identifiers": said})]


async def test_the_first_event_of_a_person_makes_a_lead_that_later_ones_find(runtime):
    first, second, third, other = await leads(
        runtime,
        {"anonymousId": "a", "email": "Lovelace@Example.com"},
        {"email": "lovelace@example.COM"},
        {"anonymousId": "a"},
        {"anonymousId": "b"},
    )
    assert first == second == third != other
    assert await process_leads(runtime, [first]) == 3
    assert "lovelace" not in first  # no digits of a random id, as in "ada"


async def test_identifiers_of_one_batch_are_resolved_one_after_the_other(runtime):
    said = [{"anonymousId": "a"}, {"anonymousId": "a", "userId": "u"}, {"userId": "u"}, {"userId": "v"}]
    results = await send(runtime, *({"identifiers": one} for one in said))
    assert len({one.lead_id for one in results[:3]}) == 1
    assert results[3].lead_id != results[0].lead_id


async def test_a_new_identifier_is_attached_to_the_lead_of_the_strongest_known_one(runtime):
    by_mail, by_user = await leads(runtime, {"email": "a@example.com"}, {"userId": "u"})
    (both,) = await leads(runtime, {"email": "a@example.com", "userId": "u", "phone": "+16502530000"})
    (phone,) = await leads(runtime, {"phone": "+1 650 253 0000"})
    assert (both, phone) == (by_user, by_user)
    assert await find(runtime, Identifier("email", "a@example.com")) == by_mail
    (pair,) = await runtime.identity.duplicates.page(None, 10)
    assert (pair.lead_ids, pair.kind) == ((by_user, by_mail), "email")


async def test_a_lead_that_the_sender_names_gets_the_identifiers_that_no_lead_has(runtime):
    (taken,) = await leads(runtime, {"email": "a@example.com"})
    said = {"email": "a@example.com", "userId": "7"}
    (named,) = await send(runtime, {"leadId": " crm-7 ", "identifiers": said})
    assert named.lead_id == "crm-7"
    assert await leads(runtime, {"userId": "7"}, {"email": "a@example.com"}) == ["crm-7", taken]


async def test_sixteen_writers_with_the_first_events_of_one_person_make_one_lead(runtime, settings):
    said = {"userId": "u", "email": "ada@example.com", "anonymousId": "a"}
    async with contextlib.AsyncExitStack() as opened:
        writers = [await opened.enter_async_context(open_runtime(settings)) for _ in range(4)]
        results = await asyncio.gather(*(send(writers[n % 4], {"identifiers": said}) for n in range(16)))
    assert len({one.lead_id for (one,) in results}) == 1
    assert await runtime.store.database["identities"].count_documents({}) == 3


async def test_the_control_without_the_unique_claim_there_would_be_several_leads(runtime, monkeypatch):
    async def granted(claims, at):
        return True

    monkeypatch.setattr(runtime.identity.identities, "claim", granted)
    results = await asyncio.gather(*(send(runtime, {"identifiers": {"userId": "u"}}) for _ in range(16)))
    assert len({one.lead_id for (one,) in results}) > 1


async def test_different_identifiers_of_one_person_from_many_writers_lead_to_the_strongest(runtime):
    """Writers know different parts; the shared strongest identifier decides for all that have it."""
    said = [{"userId": "u", "anonymousId": f"a{n}"} for n in range(16)]
    results = await asyncio.gather(*(send(runtime, {"identifiers": one}) for one in said))
    assert len({one.lead_id for (one,) in results}) == 1
    assert len(set(await leads(runtime, *({"anonymousId": f"a{n}"} for n in range(16))))) == 1


async def test_a_repeat_is_a_duplicate_also_when_more_is_known_by_then(runtime):
    one = {"eventId": "e1", "identifiers": {"anonymousId": "a", "email": "ada@example.com"}}
    (first,) = await send(runtime, one)
    await leads(runtime, {"anonymousId": "a", "userId": "u"}, {"userId": "u", "email": "other@example.com"})
    (again,) = await send(runtime, one)
    assert (again.status, again.lead_id, again.position) == ("duplicate", first.lead_id, first.position)
    (other,) = await send(runtime, {**one, "identifiers": {"userId": "someone else"}, "properties": {"x": 1}})
    assert other.status == "conflict"


async def test_the_store_holds_no_identifier_in_the_open(runtime):
    await leads(runtime, {"email": "canary@example.com", "userId": "canary-7", "phone": "+16502530000"})
    documents = [
        str(doc) async for doc in runtime.store.database["identities"].find()
    ]  # the log itself has none
    documents += [str(doc) async for doc in runtime.store.database["events"].find()]
    assert not [one for one in documents if "canary" in one or "6502530000" in one]


async def test_an_erasure_forgets_the_identifiers_and_a_repeat_from_before_stays_a_duplicate(runtime):
    one = {
        "eventId": "e1",
        "identifiers": {"email": "ada@example.com"},
        "properties": {"name": "Ada", "n": 1},
    }
    (first,) = await send(runtime, one)
    erasure = await erase_personal_data(runtime, ENGINE, first.lead_id)
    assert erasure.identifiers == 1
    assert await find(runtime, Identifier("email", "ada@example.com")) is None
    (again,) = await send(runtime, one)
    assert (again.status, again.lead_id) == ("duplicate", first.lead_id)
    (new,) = await send(runtime, {"identifiers": {"email": "ada@example.com"}})
    assert new.lead_id != first.lead_id


async def test_a_blocked_person_is_recognised_by_identifiers_that_were_erased(runtime, monkeypatch):
    monkeypatch.setattr("workflows.privacy.block.FRESH_SECONDS", 0)
    (first,) = await send(
        runtime, {"identifiers": {"email": "ada@example.com"}, "properties": {"name": "Ada"}}
    )
    await block_lead(runtime, ENGINE, first.lead_id)
    await erase_personal_data(runtime, ENGINE, first.lead_id)
    (refused,) = await send(runtime, {"identifiers": {"email": "ada@example.com", "userId": "u"}})
    assert refused.status == "blocked"
    documents = [doc async for doc in runtime.store.database["identities"].find({"leadId": first.lead_id})]
    assert [doc.keys() for doc in documents if doc["_id"].startswith("email")] == [
        {"_id", "leadId", "firstSeenAt"}
    ]
    await unblock_lead(runtime, ENGINE, first.lead_id)
    runtime.privacy.blocked.forget()
    (back,) = await send(runtime, {"identifiers": {"email": "ada@example.com"}})
    assert (back.status, back.lead_id) == ("accepted", first.lead_id)


async def test_an_unavailable_store_is_said_and_the_repeat_makes_one_lead(runtime, monkeypatch):
    claim = runtime.identity.identities.claim

    async def failing(claims, at):
        await claim(claims, at)
        raise OperationFailure("gone")

    monkeypatch.setattr(runtime.identity.identities, "claim", failing)
    with pytest.raises(Unavailable):
        await send(runtime, {"identifiers": {"userId": "u"}})
    monkeypatch.undo()
    first, second = await leads(runtime, {"userId": "u"}, {"userId": "u"})
    assert first == second


async def test_an_anonymous_history_joins_the_known_lead(runtime):
    known, anonymous = await leads(runtime, {"userId": "u"}, {"anonymousId": "a"})
    await leads(runtime, {"anonymousId": "a"}, {"anonymousId": "a", "userId": "u"})
    await process_leads(runtime, [known, anonymous])
    assert (await runtime.leads.states.get(known)).activities == 4
    assert await runtime.leads.states.get(anonymous) is None
    assert await find(runtime, Identifier("anonymousId", "a")) == known
    assert await leads(runtime, {"anonymousId": "a"}) == [
        anonymous
    ]  # its own stream, which is part of the lead
    await process_leads(runtime, [anonymous])
    assert (await runtime.leads.states.get(known)).activities == 5


async def test_a_named_lead_takes_in_the_anonymous_history_too(runtime):
    (anonymous,) = await leads(runtime, {"anonymousId": "a"})
    await send(runtime, {"leadId": "crm-7", "identifiers": {"anonymousId": "a"}})
    assert await runtime.identity.streams.lead_of(anonymous) == "crm-7"


async def test_two_known_people_are_never_made_one_and_somebody_else_at_a_device_is_somebody_else(runtime):
    (first,) = await leads(runtime, {"userId": "u1", "anonymousId": "a"})
    (second,) = await leads(runtime, {"userId": "u2", "anonymousId": "a"})
    assert second != first
    assert await leads(runtime, {"userId": "u2"}, {"userId": "u1"}) == [second, first]
    assert await runtime.identity.streams.of_lead(first) == (first,)
    (pair,) = await runtime.identity.duplicates.page(None, 10)
    assert (pair.lead_ids, pair.kind) == ((second, first), "anonymousId")


async def test_many_writers_that_identify_one_person_end_in_one_lead(runtime):
    said = [{"anonymousId": f"a{n % 4}"} for n in range(8)]
    said += [{"anonymousId": f"a{n % 4}", "userId": "u"} for n in range(8)]
    results = await asyncio.gather(*(send(runtime, {"identifiers": one}) for one in said))
    streams = {one.lead_id for (one,) in results}
    found = {await runtime.identity.streams.lead_of(stream) for stream in streams}
    assert len(found) == 1
    await process_leads(runtime, streams)
    assert (await runtime.leads.states.get(found.pop())).activities == 16


async def test_a_device_that_was_parted_from_a_person_stays_so_and_is_listed(runtime):
    known, anonymous = await leads(runtime, {"userId": "u"}, {"anonymousId": "a"})
    await leads(runtime, {"anonymousId": "a", "userId": "u"})
    await unmerge(runtime, ENGINE, anonymous, "father and son")
    assert await leads(runtime, {"anonymousId": "a", "userId": "u"}) == [known]
    assert await runtime.identity.streams.lead_of(anonymous) == anonymous
    (pair,) = await runtime.identity.duplicates.page(None, 10)
    assert (pair.lead_ids, pair.kind) == ((known, anonymous), "anonymousId")
