"""The alerts of a preview are those that fire when the same events come while its rules are live."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import timedelta
from random import Random

from domain.instant import from_datetime
from engine.operations.audit_log import ENGINE
from tests.workflows.rule_lab.conftest import NOW, rules
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.decay.record_due import record_due
from workflows.leads.process import process_leads
from workflows.rule_lab.run_preview import run_preview
from workflows.rule_lab.start import Wanted, start_preview
from workflows.rulebooks.activate import activate_rulebook

DAYS, LEADS = 30, tuple(f"lead-{number:03d}" for number in range(10))


async def month(runtime):
    """What happens in a month while `mine@2` is live, each event when it occurs, and what it fires."""
    random, now = Random(11), NOW - timedelta(days=DAYS)
    live = dataclasses.replace(runtime, now=lambda: from_datetime(now))
    await activate_rulebook(live, ENGINE, rules(2, visit=9))
    at = [NOW - timedelta(days=DAYS * random.random()) for _ in range(5 * len(LEADS))]
    happens = [(one, LEADS[number % len(LEADS)], random.random() < 0.2) for number, one in enumerate(at)]
    looks = [(NOW - timedelta(days=day), "", False) for day in range(DAYS)]
    for now, lead, asks in sorted(happens + looks):
        await record_due(live)
        await process_leads(live, LEADS)
        if lead:
            kind = "demo_request" if asks else "page_view"
            await ingest(live, [EventInput(lead_id=lead, type=kind, occurred_at=now)])
            await process_leads(live, [lead])
    executions = live.store.database["automationExecutions"].find()
    return Counter([(doc["leadId"], doc["ruleId"]) async for doc in executions])


async def test_the_same_alerts_fire_and_those_of_the_rules_before_are_others(runtime):
    fired = await month(runtime)
    await activate_rulebook(runtime, ENGINE, rules(1))
    wanted = Wanted(sample=len(LEADS), days=DAYS)
    done = await run_preview(runtime, await start_preview(runtime, ENGINE, rules(2, visit=9), "", wanted))
    compared = await runtime.rule_lab.leads.page(done.preview_id, (), None, 100)
    then = Counter((one.lead_id, rule) for one in compared for rule in one.then.alerts)
    now = Counter((one.lead_id, rule) for one in compared for rule in one.now.alerts)
    assert then == fired
    assert {rule for _, rule in fired} == {"call", "quiet"}
    assert now != fired  # the control: other rules would not have fired the same
