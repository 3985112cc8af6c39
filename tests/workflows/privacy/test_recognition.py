"""What is recognised as personal is sealed, rules see a stable text in its place, and an erasure names what it leaves."""

from __future__ import annotations

import pytest

from domain.rulebooks.loader import parse_rulebook
from engine.operations.audit_log import ENGINE
from engine.runtime import open_runtime
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest
from workflows.intelligence.intelligence import read_intelligence
from workflows.leads.process import process_leads
from workflows.privacy.encrypt import opened
from workflows.privacy.erase import erase_personal_data
from workflows.replay.replay import replay
from workflows.rulebooks.activate import activate_rulebook

URL = "/pricing?email=ada%40example.org"
RULES = """\
name: paths
version: 1
description: Rules that look into texts with addresses in them.
score:
  model: half-life
  groups: [{id: web, label: Website}]
  rules:
    - {id: price, group: web, label: Prices, event: page_view, where: {path: {prefix: /pricing}}, points: 5}
    - {id: page, group: web, label: Page, event: page_view, points: 10, repeat: {oncePer: path}}
stages:
  steps: [{name: cold}, {name: warm, from: 20}]
  hysteresis: 0.15
  overrideDays: 14
velocity: {model: rhythm, sessionMinutes: 45, surgeP: 0.03}
risk: {model: dropout, mediumFrom: 0.25, highFrom: 0.65}
contact: {opensConversation: [email.replied], suppresses: [do_not_contact]}
nextAction: [{action: wait}]
automations: []
"""


async def send(runtime, *properties, kind="page_view", lead_id="ada"):
    events = [{"leadId": lead_id, "type": kind, "properties": one} for one in properties]
    return await ingest(runtime, [check_event(event) for event in events])


async def shown(runtime, lead_id="ada"):
    return [one.properties for one in await opened(runtime, await runtime.capture.events.of_lead(lead_id))]


@pytest.mark.parametrize(
    "properties",
    [
        {"work_email": "x"},
        {"Mailing Street": "Main Street 1", "city": "Berlin"},
        {"contact": [{"Telefon": 491701234567}]},
        {"path": URL},
        {"remark": ["call +49 170 1234567"]},
        {"$set": {"utm.email": "ada@example.org"}},
    ],
    ids=str,
)
async def test_it_is_sealed_in_the_store_and_shown_as_it_was_sent_until_the_erasure(runtime, properties):
    await send(runtime, properties)
    (document,) = await runtime.store.database["events"].find().to_list()
    for secret in (
        "Main Street",
        "1701234567",
        "example",
        "'x'",
    ):  # none can be part of a random name of a key
        assert secret not in str(document["properties"])
    assert await shown(runtime) == [properties]
    erasure = await erase_personal_data(runtime, ENGINE, "ada")
    assert (erasure.events, erasure.still_open) == (1, ())
    assert "[erased]" in str(await shown(runtime))


async def test_rules_see_the_open_part_of_a_text_and_count_the_same_text_once(runtime):
    await activate_rulebook(runtime, ENGINE, parse_rulebook(RULES))
    await send(runtime, {"path": URL}, {"path": URL}, {"path": URL.replace("ada", "eve")})
    await process_leads(runtime, ["ada"])
    before = await read_intelligence(runtime, "ada")
    assert before.score == pytest.approx(3 * 5 + 2 * 10)
    await erase_personal_data(runtime, ENGINE, "ada")
    assert (await read_intelligence(runtime, "ada")).score == pytest.approx(before.score)
    assert (await replay(runtime, "verify")).drifted == []


async def test_the_same_event_again_is_a_duplicate_though_a_part_of_it_is_sealed(runtime):
    event = check_event({"leadId": "ada", "type": "t", "eventId": "e", "properties": {"path": URL}})
    assert [(await ingest(runtime, [event]))[0].status for _ in range(2)] == ["accepted", "duplicate"]


async def test_tags_and_stages_are_never_sealed(runtime):
    await send(runtime, {"tag": "ada@example.org"}, kind="tag.added")
    (document,) = await runtime.store.database["events"].find().to_list()
    assert document["properties"] == {"tag": "ada@example.org"}


async def test_the_erasure_names_what_looks_personal_and_was_stored_in_the_open(runtime, settings):
    narrow = settings.model_copy(update={"personal_fields": "phone", "recognise_personal_data": False})
    async with open_runtime(narrow, work_queue=runtime.work_queue, now=runtime.now) as other:
        await send(
            other,
            {
                "phone": "1",
                "email": "x",
                "form": {"login": "ada@example.org", "plan": "gold"},
                "hasPhone": True,
            },
            {
                "list": [{"Mailing Zip": 10115}],
                "tag": "+49 170 1234567",
                "email": None,
                "reach": "0170 1234567",
            },
            lead_id="ada@example.org",
        )
        erasure = await erase_personal_data(other, ENGINE, "ada@example.org")
    assert erasure.events == 1
    assert erasure.still_open == (
        "leadId",
        "properties.email",
        "properties.form.login",
        "properties.list.Mailing Zip",
        "properties.reach",
        "properties.tag",
    )


async def test_names_that_are_said_to_be_open_are_left_alone(runtime, settings):
    chosen = settings.model_copy(update={"open_fields": "campaign_mail, zip"})
    async with open_runtime(chosen, work_queue=runtime.work_queue, now=runtime.now) as other:
        await send(other, {"campaignMail": "a@example.org", "ZIP": 1})
    assert await runtime.store.database["leadKeys"].count_documents({}) == 0
