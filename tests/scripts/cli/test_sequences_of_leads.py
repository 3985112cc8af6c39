"""`lead-engine sequences activate`, `list` and `calendar --lead`."""

from __future__ import annotations

from engine.outreach.message import Author
from engine.runtime import open_runtime
from engine.schema import create_schema
from scripts.cli.sequences import print_calendar, print_list, run_activate
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.sequences.enrol import enrol_lead


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
        finally:
            await runtime.store.client.drop_database(settings.mongodb_database)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Sequence revival@1 is active (before: none)."
    assert said[2] == "The lead is in no sequence."
    assert [line.split()[:2] for line in said[3:5]] == [
        ["active", "demo-request@1"],
        ["active", "revival@1"],
    ]
    assert 'demo-request@1  answer: email "Your demo"' in said[5]
    assert said[-1].endswith("demo-request@1  end: handed-over")
