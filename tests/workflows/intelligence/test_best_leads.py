"""The best leads are the best at this moment, not when they were last written down."""

from __future__ import annotations

import pytest

from domain.errors import Invalid
from domain.instant import DAY
from workflows.intelligence import best_leads as module
from workflows.intelligence.best_leads import best_leads


def ids(leads):
    return [lead.lead_id for lead in leads]


async def test_a_stale_lead_comes_after_a_fresh_one_with_fewer_points(runtime, send, apply):
    await send("stale", "demo_request", "demo_request", hours_ago=20 * 24)
    await send("fresh", "signup")
    await apply("stale", "fresh")
    assert ids(await best_leads(runtime, 2)) == ["fresh", "stale"]


async def test_a_fresh_lead_is_found_behind_pages_of_stale_ones(runtime, send, apply, monkeypatch):
    monkeypatch.setattr(module, "_PAGE", 2)
    for number in range(5):
        await send(f"stale-{number}", "demo_request", hours_ago=20 * 24)
    await send("fresh", "signup")
    await apply("fresh", *(f"stale-{number}" for number in range(5)))
    assert ids(await best_leads(runtime, 1)) == ["fresh"]


async def test_no_more_pages_are_read_than_can_matter(runtime, send, apply, monkeypatch):
    monkeypatch.setattr(module, "_PAGE", 2)
    for number in range(6):
        await send(f"lead-{number}", *["signup"] * (number + 1))
    await apply(*(f"lead-{number}" for number in range(6)))
    pages, page = [], runtime.leads.lists.page

    async def counted(*asked):
        pages.append(asked)
        return await page(*asked)

    monkeypatch.setattr(runtime.leads.lists, "page", counted)
    assert ids(await best_leads(runtime, 2)) == ["lead-5", "lead-4"]
    assert len(pages) == 1


async def test_a_stage_shows_only_leads_that_are_in_it_now(runtime, send, apply):
    await send("warm", "signup")
    await send("hot", "demo_request", "page_view")
    await send("was-hot", "demo_request", "page_view", hours_ago=20 * 24)
    await apply("warm", "hot", "was-hot")
    assert ids(await best_leads(runtime, 5, "hot")) == ["hot"]
    assert ids(await best_leads(runtime, 5, "warm")) == ["warm"]


async def test_the_reading_is_of_this_moment(runtime, send, apply, clock):
    await send("ada", "demo_request")
    await apply("ada")
    clock.at += 9 * DAY
    (lead,) = await best_leads(runtime, 5)
    assert lead.assessment.at == clock.at
    assert lead.assessment.risk == "high"
    assert lead.assessment.score < 30


async def test_a_stage_that_does_not_exist_is_refused_with_those_that_do(runtime):
    with pytest.raises(Invalid, match="write one of cold, warm, hot, qualified"):
        await best_leads(runtime, 5, "boiling")


async def test_nobody_is_listed_who_should_not_be_called(runtime, send, apply):
    await send("open", "signup")
    await send("won", "signup", "demo_request", "deal.won")
    await send("lost", "signup", "demo_request", "deal.lost")
    await send("silent", "signup", "demo_request", "do_not_contact")
    await apply("open", "won", "lost", "silent")
    assert ids(await best_leads(runtime, 10)) == ["open"]
