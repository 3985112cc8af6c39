"""`lead-engine rulebook preview | publish | rollback`: tried, published by its digest, and taken back."""

from __future__ import annotations

import json

import pytest

from domain.errors import Conflict, Invalid, NotFound
from domain.rule_lab.difference import digest_of
from engine.operations.audit_log import ENGINE
from engine.rulebooks.built_in import built_in
from scripts.cli.rulebooks.rule_lab import (
    run_preview_command,
    run_publish,
    run_rollback,
    run_shadow_report,
    run_shadow_start,
    run_shadow_stop,
)
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads
from workflows.rule_lab.publish import Limits
from workflows.rule_lab.shadow import follow_shadow
from workflows.rule_lab.start import Wanted
from workflows.rulebooks.activate import activate_rulebook

DIGEST = digest_of(built_in("standard"))


@pytest.fixture
async def scored(runtime):
    """Three leads that `classic` has scored."""
    await activate_rulebook(runtime, ENGINE, built_in("classic"))
    events = [EventInput(lead_id=lead, type="demo_request") for lead in ("ada", "bob", "cid")]
    await ingest(runtime, events)
    await process_leads(runtime, ["ada", "bob", "cid"])
    return runtime


async def test_a_preview_is_printed_and_its_digest_publishes(scored, settings, capsys):
    with pytest.raises(Conflict, match="No preview has this digest"):
        await run_publish(settings, "standard", DIGEST, Limits())
    await run_preview_command(settings, "standard", Wanted(), as_json=False)
    said = capsys.readouterr().out
    assert "standard@3 instead of classic@2 (refold), 3 of 3 leads" in said
    assert f"--expect {DIGEST}" in said
    await run_preview_command(settings, "standard", Wanted(), as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert (document["digest"], document["figures"]["leads"]) == (DIGEST, 3)
    with pytest.raises(Invalid, match="not 00"):
        await run_publish(settings, "standard", "00", Limits())
    with pytest.raises(Invalid, match="mostAlertsADay"):
        await run_publish(settings, "standard", DIGEST, Limits(most_alerts_a_day=0))
    await run_publish(settings, "standard", DIGEST, Limits(most_moved=1))
    assert "Rulebook standard@3 is active (before: classic@2)" in capsys.readouterr().out
    await run_rollback(settings)
    assert "Rulebook classic@2 is active again (before: standard@3)" in capsys.readouterr().out


async def test_a_challenger_follows_and_is_reported_and_stopped(scored, settings, capsys, monkeypatch):
    async def no_lead_waits(*_):
        return 0

    monkeypatch.setattr(scored.work_queue, "waiting_messages", no_lead_waits)
    with pytest.raises(NotFound, match="No rulebook is shadowed"):
        await run_shadow_report(settings, as_json=False)
    await run_shadow_start(settings, "standard", 7)
    await ingest(scored, [EventInput(lead_id="ada", type="demo_request")])
    await process_leads(scored, ["ada"])
    await follow_shadow(scored)
    capsys.readouterr()
    await run_shadow_report(settings, as_json=False)
    assert "standard@3 beside classic@2" in capsys.readouterr().out
    await run_shadow_report(settings, as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert (document["leads"], document["shadow"]["status"], document["behind"]) == (3, "running", 0)
    assert document["filled"]
    assert sum(one["leads"] for one in document["stages"]) == 3
    await run_shadow_stop(settings)
