"""`lead-engine dead-letters` against a real store."""

from __future__ import annotations

import re

import pytest
from rich.console import Console

from domain.errors import Conflict, Invalid, NotFound
from scripts.cli.leads import dead_letters
from scripts.cli.leads.lead import read_page
from scripts.cli.passes.replay import run_replay
from scripts.cli.passes.replay_processes import ReplayTask
from scripts.terminal.lead_page import show_lead
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads


@pytest.fixture
async def sick(runtime):
    """Two leads that are held up at their second event."""
    for lead in ("sick", "ill"):
        await ingest(
            runtime,
            [
                EventInput(lead_id=lead, type=name, event_id=f"{lead}-{name}", properties={"\x1b[2J": "x"})
                for name in ("signup", "page_view", "download")
            ],
        )
    await runtime.store.database["events"].update_many({"type": "page_view"}, {"$unset": {"receivedAt": 1}})
    for _ in range(runtime.settings.fold_attempts):
        await process_leads(runtime, ["sick", "ill"])
    return "sick"


async def test_without_dead_letters_the_list_says_so(settings, runtime, capsys):
    await dead_letters.list_letters(settings, None)
    assert capsys.readouterr().out == "There are no dead letters: every lead can be folded.\n"


async def test_the_list_shows_the_lead_the_event_and_the_reason(settings, sick, capsys):
    await dead_letters.list_letters(settings, "quarantined")
    said = capsys.readouterr().out
    row = next(line for line in said.splitlines() if line.startswith("sick"))
    assert row.split()[:4] == ["sick", "quarantined", "3", "sick-page_view"]
    assert "'receivedAt' is missing" in row
    await dead_letters.list_letters(settings, "retrying")
    assert capsys.readouterr().out == "There are no dead letters: every lead can be folded.\n"


async def test_a_dead_letter_is_shown_with_its_event_and_what_to_type(settings, sick, capsys):
    await dead_letters.show(settings, sick)
    said = capsys.readouterr().out
    assert "Lead sick is quarantined, after 3 failed attempts" in said
    assert "2 wait; applied up to position 1" in said
    assert '"eventId": "sick-page_view"' in said
    assert "lead-engine dead-letters discard" in said
    assert "\x1b" not in said
    with pytest.raises(NotFound):
        await dead_letters.show(settings, "ada")


async def test_named_leads_or_all_of_them_are_folded_again(settings, runtime, sick, capsys):
    await dead_letters.retry(settings, ["sick"], every_lead=False)
    assert capsys.readouterr().out == "Lead sick will be folded again.\n"
    states = {one.lead_id: one.state for one in await runtime.operations.dead_letters.page(None, None, 100)}
    assert states == {"sick": "retrying", "ill": "quarantined"}
    await dead_letters.retry(settings, [], every_lead=True)
    assert capsys.readouterr().out == "Lead ill will be folded again.\n1 in all.\n"
    for lead_ids, every_lead in (([], False), (["ill"], True)):
        with pytest.raises(Invalid, match="Name the leads"):
            await dead_letters.retry(settings, lead_ids, every_lead=every_lead)


async def test_a_discarded_event_is_mentioned_by_every_command_that_shows_its_lead(
    settings, runtime, sick, capsys
):
    await dead_letters.discard(settings, sick, "sick-page_view", "sent by a broken form")
    assert "no longer counts" in capsys.readouterr().out
    await process_leads(runtime, [sick])
    assert (await runtime.leads.states.get(sick)).assessment.score == 30
    assert await lead_page(runtime, sick) == ["Events that were discarded by a person and do not count: 1."]
    await run_replay(ReplayTask(settings, "verify"), sick)
    assert "1 were discarded by an operator and do not count" in capsys.readouterr().out
    entry = (await runtime.operations.audit.page(sick, None, 1))[0]
    assert re.fullmatch(r"command line \(.+@.+\)", str(entry.actor))


async def test_the_page_of_a_lead_that_is_held_up_says_so(runtime, sick):
    (line,) = await lead_page(runtime, sick)
    assert line.startswith("Held up at event sick-page_view since 2026-11-22 12:00")
    await ingest(runtime, [EventInput(lead_id="well", type="signup")])
    await process_leads(runtime, ["well"])
    assert await lead_page(runtime, "well") == []


async def lead_page(runtime, lead_id):
    """The lines of a lead's page that say what does not count."""
    console = Console(width=300)
    with console.capture() as captured:
        show_lead(console, await read_page(runtime, lead_id, runtime.now()))
    return [
        line.strip() for line in captured.get().splitlines() if re.match(r"Held up|Events that were", line)
    ]


async def test_an_event_is_not_discarded_without_a_reason_or_in_place_of_another(settings, runtime, sick):
    with pytest.raises(Invalid, match="Give the reason"):
        await dead_letters.discard(settings, sick, "sick-page_view", " ")
    with pytest.raises(Conflict, match="held up by event 'sick-page_view'"):
        await dead_letters.discard(settings, sick, "sick-signup", "why")
    assert await runtime.capture.discards.count() == 0
