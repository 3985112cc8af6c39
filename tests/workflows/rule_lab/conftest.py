"""Some leads with a history of half a year, and rulebooks that would have treated them otherwise."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from domain.instant import from_datetime
from domain.rulebooks.loader import parse_rulebook
from engine.operations.audit_log import ENGINE
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads
from workflows.rule_lab.start import Wanted, start_preview
from workflows.rulebooks.activate import activate_rulebook

NOW = datetime(2026, 11, 2, tzinfo=UTC)
LEADS = 60
RULES = """\
name: mine
version: {version}
score:
  model: half-life
  groups: [{{id: web, label: Website}}]
  rules:
    - {{id: visit, group: web, event: page_view, points: {visit}, halfLifeDays: 20, label: Viewed a page}}
    - {{id: demo, group: web, event: demo_request, points: {demo}, halfLifeDays: 20, label: Asked for a demo}}
stages: {{steps: [{{name: cold}}, {{name: warm, from: 6}}, {{name: hot, from: 20}}]}}
velocity: {{model: window, hours: 24, points: 3}}
risk: {{model: silence, mediumAfterDays: 3, highAfterDays: 7}}
outcome: {{won: [deal.won], lost: [deal.lost]}}
nextAction: [{{action: monitor}}]
automations:
  - {{id: call, trigger: {{stageEntered: hot}}, action: {{type: task, title: Call, dueInHours: 4}}}}
  - {{id: quiet, trigger: {{quietForDays: 5}}, when: {{stage: [warm, hot]}}, action: {{type: tag, tag: quiet}}}}
"""


def rules(version=1, visit=2, demo=30):
    return parse_rulebook(RULES.format(version=version, visit=visit, demo=demo))


@pytest.fixture
def runtime(runtime):
    """A runtime whose clock stands still."""
    return dataclasses.replace(runtime, now=lambda: from_datetime(NOW))


async def store_leads(runtime, until):
    """Under `mine@1`: of those who ask for a demo most are won, of the others few. Returns their ids."""
    await activate_rulebook(runtime, ENGINE, rules())
    random, events = Random(3), []
    for number in range(LEADS):
        lead, asks = f"lead-{number:03d}", number % 3 == 0
        began = until - timedelta(days=20 + random.random() * 160)
        for n in range(random.randint(1, 6)):
            at = min(began + timedelta(days=n * 3 + random.random()), until)
            events.append(EventInput(lead_id=lead, type="page_view", occurred_at=at))
        if asks:
            events.append(
                EventInput(lead_id=lead, type="demo_request", occurred_at=began + timedelta(days=2))
            )
        decided = began + timedelta(days=15 + 4 * random.random())
        if decided < until and number % 4:
            won = random.random() < (0.8 if asks else 0.15)
            kind = "deal.won" if won else "deal.lost"
            events.append(EventInput(lead_id=lead, type=kind, occurred_at=decided))
    await ingest(runtime, events)
    names = [f"lead-{number:03d}" for number in range(LEADS)]
    await process_leads(runtime, names)
    return names


@pytest.fixture
async def leads(runtime):
    """Leads with a history that ends when the clock stands still."""
    return await store_leads(runtime, NOW)


@pytest.fixture
def preview(runtime):
    """Start a preview of a rulebook."""

    async def preview(rulebook, **wanted):
        return await start_preview(
            runtime, ENGINE, rulebook, "", Wanted(**{"sample": 10, "days": 180, **wanted})
        )

    return preview
