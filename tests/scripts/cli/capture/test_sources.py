"""`lead-engine sources` and `lead-engine tail` against a real store."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Conflict, Invalid, NotFound
from engine.access.keys.token import is_valid_token, parse_token
from engine.runtime import open_runtime
from scripts.cli.capture import sources
from scripts.cli.capture.tail import run_tail
from workflows.sources.capture import capture
from workflows.sources.follow import source_named

MESSAGE = {"type": "track", "event": "Contact", "messageId": "m-1", "properties": {"customer": "c-1"}}


@pytest.fixture
async def website(settings, runtime, capsys):
    """A source, and its write key."""
    await sources.create(settings, "website", {"events": {"Contact": "form_submitted"}})
    return await source_named(runtime, "website"), capsys.readouterr().out.strip()


async def test_a_new_write_key_alone_is_on_standard_output(runtime, website):
    source, printed = website
    token = parse_token(printed)
    key = await runtime.access.keys.get(source.key_id)
    assert is_valid_token(key, token, key.created_at)
    assert (key.scopes, key.source_id) == (("ingest",), source.source_id)
    assert source.mapping.events == {"Contact": "form_submitted"}


async def test_wrong_options_are_named_and_nothing_is_stored(settings, runtime):
    with pytest.raises(Invalid, match="origins/0"):
        await sources.create(settings, "website", {"origins": ["example.com"]})
    with pytest.raises(Invalid, match="write two words"):
        sources._fields({"origins": (), "events": ("Contact",), "properties": (), "identifiers": ()})
    assert await runtime.sources.configured.page(None, 10) == []


async def test_a_name_that_is_taken_or_not_there_is_said(settings, website):
    with pytest.raises(Conflict):
        await sources.create(settings, "website", {})
    with pytest.raises(NotFound):
        await sources.delete(settings, "nothing")


async def test_rejected_messages_are_listed_and_taken_once_the_mapping_is_corrected(
    settings, runtime, website, capsys
):
    source, _ = website
    await capture(runtime, source, "segment", [MESSAGE])
    await sources.rejected(settings, "website")
    assert "has neither a userId" in capsys.readouterr().out
    await sources.change(settings, "website", {"identifiers": {"userId": "properties.customer"}})
    await sources.replay(settings, "website")
    assert capsys.readouterr().out.endswith("1 taken, 0 known already, 0 still rejected.\n")
    await sources.list_all(settings)
    assert "website" in capsys.readouterr().out


async def test_a_deleted_source_leaves_no_key_that_works(settings, runtime, website):
    source, _ = website
    await sources.delete(settings, source.source_id)
    assert (await runtime.access.keys.get(source.key_id)).revoked_at is not None


async def followed(settings, capsys, do, **options):
    """What `tail` prints of what happens while it runs."""
    options = {"source": None, "lead_id": None, "count": None, **options}
    running = asyncio.create_task(run_tail(settings, **options))
    while not running.done():
        await do()
        await asyncio.wait([running], timeout=0.3)
    await running
    return capsys.readouterr().out.splitlines()


async def test_tail_shows_events_and_rejected_messages_as_they_arrive(settings, runtime, website, capsys):
    source, _ = website
    good = {**MESSAGE, "messageId": "m-2", "userId": "u-1"}
    good["properties"] = {"plan": "pro", "email": "ada@example.com", "text": "to ada@example.com"}
    sent = iter(range(1000))

    async with open_runtime(settings) as live:  # by the same clock as the command

        async def send():
            number = next(sent)
            bad = {**MESSAGE, "messageId": f"bad-{number}"}
            await capture(live, source, "segment", [{**good, "messageId": f"good-{number}"}, bad])

        lines = await followed(settings, capsys, send, source="website", count=6)
    event = next(line for line in lines if "form_submitted" in line)
    assert '"plan":"pro"' in event
    assert "ada@example.com" not in event
    assert "[sealed]" in event
    rejected = next(line for line in lines if "REJECTED" in line)
    assert source.source_id in rejected
    assert "has neither a userId" in rejected


async def test_tail_of_one_lead_shows_that_lead_alone(settings, runtime, website, capsys):
    source, _ = website
    await capture(runtime, source, "segment", [{**MESSAGE, "userId": "u-1"}])
    events = await runtime.capture.log.at_positions([1])
    lead, sent = events[1].lead_id, iter(range(1000))

    async def send():
        number = next(sent)
        both = [{**MESSAGE, "messageId": f"{who}-{number}", "userId": who} for who in ("u-1", "u-2")]
        await capture(runtime, source, "segment", both)

    lines = await followed(settings, capsys, send, lead_id=lead, count=3)
    assert [f"lead {lead}" in line for line in lines] == [True] * 3


async def test_tail_of_a_source_that_is_not_there_says_so(settings, runtime):
    with pytest.raises(NotFound):
        await run_tail(settings, "nothing", None, None)
