"""Every store that holds data about leads is registered, and an erasure leaves nothing of a person in the database.

A canary is written by every way on which personal data reaches a store. Then every document of every collection is
searched, with every encrypted text opened by the keys that lie in the same database: access to all of it finds no more.
"""

from __future__ import annotations

import json
import secrets

import pytest
from bson import encode, json_util

from domain.capture.mapping import NO_MAPPING
from domain.leads import fold
from domain.sequences.loader import parse_sequence
from engine.access.principal import Principal
from engine.operations.audit_log import ENGINE, Actor
from engine.outreach.message import Author
from engine.privacy.lead_key import LeadKey
from engine.privacy.sealed_properties import open_value
from engine.rulebooks.built_in import built_in
from engine.schema import COLLECTIONS
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import transact
from engine.webhooks.message import Message
from workflows.analytics.project import follow_results
from workflows.automations.create_task import NewTask, create_task
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest
from workflows.drafts.create import NewDraft, create_draft
from workflows.identity.find_named import find_named
from workflows.identity.index_names import index_names
from workflows.identity.merge import merge
from workflows.leads.process import process_leads
from workflows.operations.release_lead import release_lead
from workflows.outreach.plan import NewMessage, plan_message
from workflows.outreach.suppress import Wanted, suppress
from workflows.privacy.block import block_lead
from workflows.privacy.erase import erase_personal_data
from workflows.privacy.export import begin_export, write_export
from workflows.rule_lab import start as rule_lab
from workflows.rule_lab.run_preview import run_preview
from workflows.rule_lab.shadow import follow_shadow, start_shadow
from workflows.sequences.activate import activate_sequence
from workflows.sequences.enrol import enrol_lead
from workflows.sources.capture import capture
from workflows.sources.configure import create_source
from workflows.work.loops import drain

LEAD, OTHER = "lead-7f3a", "lead-9c1b"


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"webhook_allowed_hosts": "127.0.0.1"})


@pytest.fixture
def canary():
    """No other run and nothing else holds it."""
    return f"canary{secrets.token_hex(12)}"


@pytest.fixture
async def person(runtime, receiver, canary, monkeypatch):
    """A lead that is named in everything a sender or a receiver of webhooks can write, and has a document everywhere."""
    person = {"email": f"{canary}@example.com", "name": canary, "form": [{"note": {"deep": canary}}]}
    person |= {
        "path": f"/pricing?email={canary}%40example.com",
        "Work E-Mail": canary,
        "asset": f"{canary}@example.com",
    }
    person |= {"$referrer": {"utm.term": [f"to {canary}@example.com"]}}
    await runtime.webhooks.endpoints.add(receiver.url, "", [], runtime.now())
    await start_shadow(runtime, ENGINE, built_in("standard"), "", 1)
    monkeypatch.setattr("workflows.leads.fold_start.SHORT", 0)  # it has checkpoints, as long leads do
    monkeypatch.setattr("workflows.leads.fold_start.CHECKPOINT_EVENTS", 1)
    receiver.will(receiver.answer(500, f"no room for {canary}".encode()))
    await send(runtime, "signup", person)
    await send(runtime, "stage.set", {"stage": "hot", "by": canary, "why": f"{canary} called"})
    await identify(runtime, canary)
    await merge_other(runtime, person, canary)
    for kind in ("page_view", "download", "demo_request", "demo_request"):
        await send(runtime, kind, person)
    await process_leads(runtime, [LEAD])
    await drain(runtime)
    message = Message(key="m", event="lead.qualified", body=b"{}", lead_id=LEAD, execution_id="x")
    endpoints = await runtime.webhooks.endpoints.listening_to("lead.qualified")
    await runtime.webhooks.deliveries.add(message, endpoints, runtime.now())
    await drain(runtime)
    await process_leads(runtime, [LEAD])
    source = (await create_source(runtime, ENGINE, "website", (), NO_MAPPING)).source
    await capture(runtime, source, "segment", [{"type": "dance", "userId": canary, "traits": person}])
    await write_to(runtime, canary)
    await create_task_about(runtime, canary)
    await enrol_in_sequence(runtime, canary)
    await runtime.campaigns.members.enter("cmp_1", [LEAD], 1)
    tried = rule_lab.Wanted(sample=1)
    await run_preview(runtime, await rule_lab.start_preview(runtime, ENGINE, built_in("standard"), "", tried))
    await follow_shadow(runtime)
    await keep_lead(runtime)
    await index_names(runtime)
    await follow_results(runtime)
    await _fail_at(runtime, person, monkeypatch)
    monkeypatch.setattr("workflows.privacy.block.FRESH_SECONDS", 0)
    await block_lead(runtime, ENGINE, LEAD)
    return person


async def keep_lead(runtime):
    """What the lead was is kept, as when it is switched to the states of other rules."""
    doc = await runtime.store.database["leads"].find_one({"_id": LEAD})
    await transact(
        runtime.store.client,
        lambda session: runtime.rule_lab.switch.swap({LEAD: (doc, doc)}, runtime.now(), session),
    )


async def send(runtime, kind, properties):
    await ingest(runtime, [check_event({"leadId": LEAD, "type": kind, "properties": properties})])


async def identify(runtime, canary):
    identifiers = {"userId": canary, "anonymousId": f"{canary}-a", "email": f"{canary}@example.com"}
    event = {"leadId": LEAD, "type": "page_view", "identifiers": identifiers}
    await ingest(runtime, [check_event(event)])


async def write_to(runtime, canary):
    """A message that is sent to the outbox, one that is withheld, a draft, and an entry of the suppression list."""
    draft = NewDraft(purpose="introduction", channel="email", to=f"{canary}@example.com")
    await create_draft(runtime, Author("key", "k"), LEAD, draft, None)
    content = {"channel": "email", "subject": canary, "text": f"Hello {canary}"}
    for to in (f"{canary}@example.com", f"{canary}@example.org"):
        await plan_message(runtime, Author("key", "k"), LEAD, NewMessage(to=to, **content), None)
    await suppress(runtime, ENGINE, [Wanted(f"{canary}@example.org")])
    await drain(runtime)
    assert [canary in file.read_text() for file in runtime.outreach.outbox.iterdir()] == [True]


async def enrol_in_sequence(runtime, canary):
    """An enrolment, with a reason that names the person."""
    text = "name: trial\nversion: 1\nsteps: [{wait: {days: 9}}]"
    await activate_sequence(runtime, ENGINE, parse_sequence(text), text)
    await enrol_lead(runtime, Author("key", "k"), LEAD, "trial", canary)
    await drain(runtime)


async def create_task_about(runtime, canary):
    """A task by hand, whose title names the person."""
    due = runtime.now() + 1000
    wanted = NewTask(lead_id=LEAD, title=canary, priority="normal", due_at=due, assignee_id=None)
    by = Principal(kind="key", id="k1", name="support", scopes=frozenset())
    await create_task(runtime, by, Actor("key", "support", "k1"), wanted, "once")


async def merge_other(runtime, person, canary):
    """Another lead of the same person is merged, and a third one may be the same."""
    known = {"userId": "somebody"}
    for event in (
        {"leadId": OTHER, "type": "signup", "properties": person, "identifiers": {"phone": "+16502530000"}},
        {"leadId": "third", "type": "page_view", "identifiers": known},
        {"leadId": LEAD, "type": "page_view", "identifiers": known},
    ):
        await ingest(runtime, [check_event(event)])
    actor = Actor("key", "support", "k1")
    await merge(runtime, actor, OTHER, LEAD, f"{canary} said so")


async def _fail_at(runtime, person, monkeypatch):
    """An event whose fold fails and quotes all that it holds; a person has tried to release the lead."""
    step = fold.step

    def failing(state, event, rulebook):
        if event.type == "poison":
            raise ValueError(f"cannot fold {event.properties}")
        return step(state, event, rulebook)

    monkeypatch.setattr(fold, "step", failing)
    await send(runtime, "poison", person)
    for _ in range(runtime.settings.fold_attempts):
        await process_leads(runtime, [LEAD])
    await release_lead(runtime, ENGINE, LEAD)


async def holding(runtime, canary):
    """The collections in which the canary can be read with access to the whole database, keys included."""
    database = runtime.store.database
    keys = [LeadKey(doc["_id"], doc["keyId"], doc["key"]) async for doc in database["leadKeys"].find()]
    found = set()
    for name in await database.list_collection_names():
        async for document in database[name].find():
            if canary.encode() in encode(document) or any(canary in opened(document, key) for key in keys):
                found.add(name)
    return found


def opened(document, key):
    """The document as text with everything decrypted that the key decrypts, also within the JSON of a state."""
    plain = json.loads(json_util.dumps(document))
    if isinstance(plain.get("state"), str) and plain["state"].startswith("{"):
        plain["state"] = json.loads(plain["state"])
    return json.dumps(_with_all_fields(plain, key))


def _with_all_fields(value, key, field=""):
    """A value opens for the field that it was encrypted for, and the state keeps it under other names."""
    if isinstance(value, dict):
        return {name: _with_all_fields(inner, key, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_all_fields(inner, key, field) for inner in value]
    return open_value(field, value, key)


def unaccounted(specs, registered, present):
    """Collections that are neither registered for export and erasure nor declared free of personal data, or both."""
    free = {spec.name for spec in specs if spec.free_of_personal_data}
    return {*present, *(spec.name for spec in specs)} - (free ^ registered)


def registered(runtime):
    return {spec.name for store in runtime.personal_data for spec in store.collections}


async def test_every_collection_is_registered_or_declared_free_of_personal_data(runtime):
    present = await runtime.store.database.list_collection_names()
    assert unaccounted(COLLECTIONS, registered(runtime), present) == set()


async def test_the_control_a_collection_that_nobody_accounts_for_is_noticed(runtime):
    present = await runtime.store.database.list_collection_names()
    new = CollectionSpec("notes", Distribution.BY_LEAD)
    assert unaccounted((*COLLECTIONS, new), registered(runtime), present) == {"notes"}
    assert unaccounted(COLLECTIONS, registered(runtime), [*present, "madeByHand"]) == {"madeByHand"}
    both = CollectionSpec("tasks", Distribution.BY_LEAD, free_of_personal_data="so it says")
    assert unaccounted((*COLLECTIONS, both), registered(runtime), present) == {"tasks"}


async def test_an_erasure_leaves_the_person_in_no_collection(runtime, person, canary):
    quoting = {
        "deadLetters",
        "auditLog",
    }  # what a fold said when it failed, with the parts that are sealed in texts
    assert (
        await holding(runtime, canary)
        == {
            "events",
            "leads",
            "leadCheckpoints",
            "webhookDeliveries",
            "rejectedItems",
            "messages",
            "drafts",
            "tasks",
            "enrolments",
            "shadowLeads",
            "keptLeads",
        }
        | quoting
    )
    assert await find_named(runtime, [canary], "", 10) != ({}, None)
    await erase_personal_data(runtime, ENGINE, LEAD)
    assert await holding(runtime, canary) == set()
    assert await find_named(runtime, [canary], "", 10) == ({}, None)
    assert canary not in await exported(runtime)
    assert list(runtime.outreach.outbox.iterdir()) == []


async def test_the_person_has_a_document_in_every_registered_collection(runtime, person):
    empty = set()
    for name in registered(runtime):
        named = [{field: LEAD} for field in ("_id", "leadId", "target")]
        about = {
            "$or": [*named, {"blockedAt": {"$exists": True}}, {"about": {"$exists": True}}, {"leadIds": LEAD}]
        }
        if await runtime.store.database[name].find_one(about) is None:
            empty.add(name)
    assert empty == set()


async def test_the_export_has_every_part_and_names_the_person_until_the_erasure(runtime, person, canary):
    export = json.loads(await exported(runtime))
    parts = (
        "personalDataKey",
        "blockedSince",
        "lead",
        "state",
        "events",
        "history",
        "tasks",
        "executions",
        "deliveries",
        "identifiers",
        "indexedNames",
        "merges",
        "possibleDuplicates",
        "rejectedItems",
        "messages",
        "messageResults",
        "drafts",
        "enrolments",
        "campaigns",
        "suppressions",
        "rulebookPreviews",
    )
    assert [name for name in (*parts, "deadLetters", "auditLog") if not export[name]] == []
    naming = {name for name, part in export.items() if canary in json.dumps(part)}
    assert naming == {
        *(
            "events",
            "state",
            "deliveries",
            "identifiers",
            "rejectedItems",
            "messages",
            "drafts",
            "enrolments",
            "suppressions",
            "tasks",
        )
    }


async def test_the_control_a_store_that_is_not_asked_keeps_the_canary(runtime, person, canary):
    """Without the registration of deliveries the same search finds what is left."""
    others = [store for store in runtime.personal_data if "webhookDeliveries" not in str(store.collections)]
    async with runtime.store.client.start_session() as session:
        for stream in (LEAD, OTHER):
            await runtime.privacy.keys.destroy(stream, session)
    for store in others:
        for stream in (LEAD, OTHER):
            await store.erase(stream)
    assert await holding(runtime, canary) == {"webhookDeliveries"}


async def exported(runtime):
    pieces = [piece async for piece in write_export(await begin_export(runtime, ENGINE, LEAD))]
    return b"".join(pieces).decode()
