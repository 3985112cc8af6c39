"""`lead-engine sequences activate`, `list`, `enrol` and `calendar --lead`."""

from __future__ import annotations

import pytest

from domain.errors import Invalid
from engine.leads.lead_pages import LeadFilter
from engine.outreach.message import Author
from engine.runtime import open_runtime
from engine.schema import create_schema
from scripts.cli.outreach.enrol_leads import run_enrol
from scripts.cli.outreach.sequences import print_calendar, print_list, run_activate
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads
from workflows.sequences.enrol import enrol_lead


async def set_account(runtime, lead_id, account):
    leads = runtime.store.database["leads"]
    await leads.update_one({"_id": lead_id}, {"$set": {"account": account}})


async def test_a_sequence_that_ships_is_activated_listed_and_its_calendar_shown(settings, capsys):
    async with open_runtime(settings) as runtime:
        await create_schema(runtime.store.database)
        try:
            await run_activate(settings, "revival")
            await run_activate(settings, "demo-request")
            await ingest(runtime, [EventInput(lead_id="ada", type="signup")])
            await print_calendar(settings, "ada")
            await enrol_lead(runtime, Author("key", "k"), "ada", "demo-request", "")
            await print_list(settings)
            await print_calendar(settings, "ada")
            await ingest(runtime, [EventInput(lead_id="bob", type="signup")])
            await process_leads(runtime, ["ada", "bob"])
            for dry_run in (True, False, False):
                await run_enrol(settings, "demo-request", LeadFilter(), 9, "", dry_run=dry_run)
            with pytest.raises(Invalid, match="--stage"):
                await run_enrol(settings, "demo-request", LeadFilter(stage="boiling"), 9, "", dry_run=True)
            said = capsys.readouterr().out.splitlines()
            wanted = {"dry_run": True, "account": "domain:acme.com"}
            await run_enrol(settings, "demo-request", LeadFilter(), 9, "", **wanted)
            await set_account(runtime, "bob", "domain:acme.com")
            await run_enrol(settings, "demo-request", LeadFilter(), 9, "", **wanted)
        finally:
            await runtime.store.client.drop_database(settings.mongodb_database)
    of_account = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in of_account if "demo-request@1" in line] == ["0", "1"]
    assert said[0] == "Sequence revival@1 is active (before: none)."
    assert said[2] == "The lead is in no sequence."
    assert [line.split()[:2] for line in said[3:5]] == [
        ["active", "demo-request@1"],
        ["active", "revival@1"],
    ]
    assert 'demo-request@1  answer: email "Your demo"' in said[5]
    assert said[-16].endswith("demo-request@1  end: handed-over")
    assert said[-15:-10] == [
        "demo-request@1: 2 leads, nothing is stored (dry run)",
        "        1 enrolled",
        "        0 held-out",
        "        1 refused",
        "        1   in-sequence",
    ]
    assert said[-10:-5] == ["demo-request@1: 2 leads", *said[-14:-10]]
    assert said[-4:] == [
        "        0 enrolled",
        "        0 held-out",
        "        2 refused",
        "        2   in-sequence",
    ]
