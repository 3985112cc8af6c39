"""`lead-engine rulebook activate` switches the rules of a running engine and says what happens."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Invalid
from engine.runtime import open_runtime
from engine.schema import create_schema
from scripts.cli.rulebooks.rulebook import run_activate
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads
from workflows.leads.rebuild_outdated import rebuild_outdated


@pytest.fixture
async def scored(settings):
    """A runtime with three leads that `classic` has scored."""
    async with open_runtime(settings) as runtime:
        await create_schema(runtime.store.database)
        await ingest(runtime, [EventInput(lead_id=lead, type="signup") for lead in ("ada", "bob", "cid")])
        await process_leads(runtime, ["ada", "bob", "cid"])
        yield runtime
        await runtime.store.client.drop_database(settings.mongodb_database)


async def test_it_says_what_is_active_and_how_many_leads_are_to_be_rebuilt(scored, settings, capsys):
    await run_activate(settings, "standard", wait=False)
    said = capsys.readouterr().out
    assert "Rulebook standard@3 is active (before: classic@2); 3 leads are to be rebuilt." in said
    await scored.rulebooks.active.refresh()
    assert scored.rulebook.label == "standard@3"


async def test_it_can_wait_until_every_lead_has_been_rebuilt(scored, settings, capsys):
    waiting = asyncio.create_task(run_activate(settings, "standard", wait=True))
    async with asyncio.timeout(10):
        while scored.rulebook.label != "standard@3":
            await asyncio.sleep(0.05)
            await scored.rulebooks.active.refresh()
    assert not waiting.done()
    await rebuild_outdated(scored)
    await asyncio.wait_for(waiting, 10)
    assert "All leads are up to date." in capsys.readouterr().out


async def test_an_unknown_rulebook_changes_nothing(scored, settings):
    with pytest.raises(Invalid, match="There is no rulebook 'nope'"):
        await run_activate(settings, "nope", wait=False)
    await scored.rulebooks.active.refresh()
    assert scored.rulebook.label == "classic@2"
