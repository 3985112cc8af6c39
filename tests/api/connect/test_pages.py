"""The pages of docs/connect: what each shows is run with the real client against the real API."""

from __future__ import annotations

import pytest

from tests.api.connect.conftest import PAGES, program_of

NAMES = sorted(page.stem for page in PAGES.glob("*.md") if page.stem != "README")
IN_BROWSER = "segment-browser"


def test_the_index_names_every_page():
    index = (PAGES / "README.md").read_text()
    assert [name for name in NAMES if f"({name}.md)" not in index] == []
    assert len(NAMES) == 9


@pytest.mark.parametrize("name", [name for name in NAMES if name != IN_BROWSER])
async def test_what_a_page_shows_brings_the_events_of_one_person(api, url, new_source, name):
    sender = await new_source(name, events={"Demo Requested": "demo.requested"})
    program = program_of(name)
    await program.run(url, sender.write_key)
    await requested_a_demo(api, sender, of_acme=name.startswith("segment"))


async def requested_a_demo(api, sender, *, of_acme=False):
    """The messages of each page are events of one lead, found by its address; the pages of Segment name its company."""
    events = {event.type: event for event in await sender.events()}
    assert set(events) == {"lead.updated", "demo.requested"} | ({"account.joined"} if of_acme else set())
    assert await api.stored() == len(events)
    assert await sender.rejected() == []
    assert events["lead.updated"].properties["seats"] == 4
    assert events["demo.requested"].properties["plan"] == "pro"
    assert events["lead.updated"].lead_id == events["demo.requested"].lead_id
    await api.work()
    (lead,) = (await api.get("/api/leads", email="ada@example.com"))["items"]
    assert lead["leadId"] == events["lead.updated"].lead_id
    assert lead["accountId"] == ("group:0e8823" if of_acme else None)
    if of_acme:
        account = await api.get("/api/accounts/group:0e8823")
        assert (account["name"], account["domain"], account["leads"]) == ("Acme", "acme.com", 1)
