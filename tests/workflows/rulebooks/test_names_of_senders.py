"""Rules look at types and properties by whatever names senders give them, from activation to replay."""

from __future__ import annotations

import pytest

from domain.rulebooks.loader import parse_rulebook
from engine.operations.audit_log import ENGINE
from engine.runtime import open_runtime
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest
from workflows.intelligence.intelligence import read_intelligence
from workflows.leads.process import process_leads
from workflows.replay.replay import replay
from workflows.rulebooks.activate import activate_rulebook

RULES = """\
name: senders
version: 1
description: Rules with names that MongoDB could take for something else.
score:
  model: half-life
  groups: [{id: web, label: Website}]
  rules:
    - {id: ad, group: web, label: Ad, event: ["Product Viewed", "$pageview"], where: {utm.source: ads, "$host": {prefix: shop}}, points: 5}
    - {id: url, group: web, label: Page, event: "Product Viewed", points: 10, repeat: {oncePer: $current_url}}
  fit:
    weight: 0.4
    attributes:
      - {id: plan, attribute: $plan, label: Plan, cases: [{when: gold, points: 30}]}
      - {id: size, attribute: company.size, label: Size, cases: [{when: {range: [50, null]}, points: 20}]}
stages:
  steps: [{name: cold}, {name: warm, from: 20}]
  hysteresis: 0.15
  overrideDays: 14
velocity: {model: rhythm, sessionMinutes: 45, surgeP: 0.03}
risk: {model: dropout, mediumFrom: 0.25, highFrom: 0.65}
contact: {opensConversation: [email.replied], suppresses: [do_not_contact]}
nextAction: [{action: wait}]
automations:
  - {id: viewed, trigger: {event: "Product Viewed"}, action: {type: tag, tag: viewed}}
"""


async def send(runtime, kind, **properties):
    await ingest(runtime, [check_event({"leadId": "ada", "type": kind, "properties": properties})])


@pytest.fixture
async def scored(runtime):
    await activate_rulebook(runtime, ENGINE, parse_rulebook(RULES))
    seen = {"utm.source": "ads", "$host": "shop.example", "$current_url": "/a.b"}
    await send(runtime, "Product Viewed", **seen)
    await send(runtime, "Product Viewed", **seen)
    await send(runtime, "$pageview", **seen)
    await send(runtime, "$pageview", **{**seen, "utm.source": "mail"})
    await send(runtime, "lead.updated", **{"$plan": "Gold", "company.size": 250})
    await process_leads(runtime, ["ada"])


async def test_they_are_scored_remembered_and_replayed(runtime, scored):
    found = await read_intelligence(runtime, "ada")
    points = {reason.rule_id: reason.count for reason in found.reasons if reason.count}
    assert points == {"ad": 3, "url": 1}
    assert {"fit-plan", "fit-size"} <= {reason.rule_id for reason in found.reasons}
    assert (await replay(runtime, "verify")).drifted == []


async def test_another_process_reads_the_published_rulebook(runtime, scored, settings):
    async with open_runtime(settings, work_queue=runtime.work_queue, now=runtime.now) as other:
        assert other.rulebook.label == "senders@1"
        before, after = await read_intelligence(runtime, "ada"), await read_intelligence(other, "ada")
        assert before.score == after.score > 0
