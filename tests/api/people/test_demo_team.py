"""The demo on the real API: two reps join once, own the contacts, and an answer comes in."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime

import pytest

from domain.rulebooks.compiled import compile_rulebook
from engine.rulebooks.built_in import built_in
from scripts.demo.client import DemoClient
from scripts.demo.contacts import ANSWER, CONTACTS
from scripts.demo.show_contacts import show_contacts


@pytest.fixture(autouse=True)
def standard(api, monkeypatch):
    """Leads are scored by `standard`, and the clock shows the real time, in which the contacts live."""
    monkeypatch.setattr(api.runtime.rulebooks.active, "_current", compile_rulebook(built_in("standard")))
    api.clock.at = int(datetime.now(UTC).timestamp() * 1000)


async def run(api):
    shown = asyncio.create_task(show_contacts(DemoClient(api.http), "http://127.0.0.1:1/", 0))
    while not shown.done():
        await api.work()
        await asyncio.sleep(0)
    await shown
    await api.work()


async def test_two_reps_own_the_contacts_and_one_of_them_answers(api, capsys):
    await run(api)
    said = capsys.readouterr().out
    people = (await api.get("/api/people"))["items"]
    reps = {one["id"]: one["name"] for one in people if one["role"] == "rep"}
    assert sorted(reps.values()) == ["Mia Brandt", "Tom Okafor"]
    leads = (await api.get("/api/leads"))["items"]
    assert {one["leadId"] for one in leads} == {contact.lead_id for contact in CONTACTS}
    assert {one["ownerId"] for one in leads} == set(reps)
    waiting = (await api.get("/api/conversations"))["items"]
    assert ANSWER in {one["last"]["text"] for one in waiting}
    assert "http://localhost:1/console/queue?owner=me" in said
    passwords = re.findall(r"@demo.example  (\S+)", said)
    assert len(set(passwords)) == len(reps)
    await run(api)
    again = capsys.readouterr().out
    assert "was shown by an earlier run" in again
    assert not any(one in again for one in passwords)
    assert len((await api.get("/api/people"))["items"]) == len(people)
