"""A broadcast with a send window: who is outside of it waits, takes no place of others, and is written to at their hour."""

from __future__ import annotations

import pytest

from domain.campaigns.definition import AudienceFilter, BroadcastWindow
from domain.instant import HOUR, from_datetime, to_datetime
from workflows.campaigns import run, turn

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NINE_TO_TEN = BroadcastWindow(days=DAYS, opens="09:00", closes="10:00", timezone="Asia/Tokyo")


@pytest.fixture
def ten_past_nine_in_berlin(clock):
    """A moment in the window of Berlin and outside of that of Tokyo, in winter."""
    day = to_datetime(clock.at).replace(month=1, day=15, hour=8, minute=10, second=0, microsecond=0)
    clock.at = from_datetime(day.replace(year=day.year + 1))
    return clock.at


async def lead_in(trial, lead_id, zone):
    await trial.send(lead_id, "lead.updated", timezone=zone)
    await trial.lead(lead_id)


async def test_each_lead_is_written_to_in_the_window_of_its_own_time_zone(trial, ten_past_nine_in_berlin):
    await lead_in(trial, "berlin", "Europe/Berlin")
    await lead_in(trial, "lisbon", "Europe/Lisbon")
    await trial.lead("unknown")
    campaign = await trial.started(window=NINE_TO_TEN)
    await trial.work()
    assert await trial.tally(campaign) == ({"done": 1, "waiting": 2}, {})
    assert [await trial.sent_to(one) for one in ("berlin", "lisbon", "unknown")] == [["done"], [], []]
    await trial.work(after_hours=1)
    assert await trial.sent_to("lisbon") == ["done"]
    await trial.work(after_hours=15)
    assert await trial.tally(campaign) == ({"done": 3}, {}), "it is ten past nine in Tokyo"
    assert (await trial.read(campaign)).ended == "completed"


async def test_leads_that_wait_for_their_hour_take_no_place(trial, ten_past_nine_in_berlin, monkeypatch):
    monkeypatch.setattr(run, "_MAX_UNDER_WAY", 1)
    monkeypatch.setattr(run, "_TURNS_AT_A_TIME", 1)
    for number in range(4):
        await trial.lead(f"tokyo-{number}")
    for number in range(2):
        await lead_in(trial, f"berlin-{number}", "Europe/Berlin")
    campaign = await trial.started(window=NINE_TO_TEN)
    for _ in range(3):
        await trial.work()
    assert await trial.tally(campaign) == ({"done": 2, "waiting": 4}, {})


async def test_who_has_left_the_audience_at_their_hour_gets_nothing(trial, ten_past_nine_in_berlin):
    await trial.lead("ada")
    campaign = await trial.started(window=NINE_TO_TEN)
    await trial.work()
    assert (await trial.tally(campaign))[0] == {"waiting": 1}
    await trial.untag("ada")
    await trial.work(after_hours=16)
    assert await trial.tally(campaign) == ({"withheld": 1}, {"left-audience": 1})


async def test_a_campaign_that_waits_ends_when_its_end_comes_and_pauses_and_goes_on(
    trial, ten_past_nine_in_berlin
):
    await trial.lead("ada")
    campaign = await trial.started(window=NINE_TO_TEN, ends_at=ten_past_nine_in_berlin + 30 * HOUR)
    await trial.work()
    await trial.change(campaign, "pause")
    await trial.work(after_hours=16)
    assert (await trial.tally(campaign))[0] == {"waiting": 1}
    await trial.change(campaign, "resume")
    await trial.work()
    assert (await trial.tally(campaign))[0] == {"done": 1}

    late = await trial.started(window=NINE_TO_TEN, ends_at=trial.clock.at + 2 * HOUR)
    trial.clock.at += HOUR
    await trial.work()
    await trial.work(after_hours=1)
    assert (await trial.read(late)).ended == "ended"
    assert await trial.sent_to("ada") == ["done"]


async def test_a_window_that_does_not_open_within_a_year_withholds(trial, monkeypatch):
    monkeypatch.setattr(turn, "next_hour", lambda *_: None)
    await trial.lead("ada")
    campaign = await trial.started(window=NINE_TO_TEN)
    await trial.work()
    assert await trial.tally(campaign) == ({"withheld": 1}, {"no-window": 1})


async def test_the_audience_may_be_an_account_with_its_parts(trial):
    await trial.lead("ada")
    await trial.lead("bob")
    await trial.runtime.store.database["leads"].update_one(
        {"_id": "ada"}, {"$set": {"account": "domain:a.io"}}
    )
    campaign = await trial.started(audience=AudienceFilter(tag="fair", account="domain:a.io"))
    assert campaign.estimate.audience == 1
    await trial.work()
    assert await trial.tally(campaign) == ({"done": 1}, {})
    assert [await trial.sent_to(one) for one in ("ada", "bob")] == [["done"], []]


async def test_a_message_that_a_limit_puts_off_waits_for_the_next_window(trial, ten_past_nine_in_berlin):
    for lead in ("ada", "bob"):
        await lead_in(trial, lead, "Europe/Berlin")
    campaign = await trial.started(window=NINE_TO_TEN)
    trial.runtime = trial.runtime.with_settings(send_per_day=1)
    await trial.work()
    one_waits = ({"done": 1, "underWay": 1}, {})
    assert await trial.tally(campaign) == one_waits
    await trial.work(after_hours=16)
    assert await trial.tally(campaign) == one_waits, "the day of the limit is over, and it is night in Berlin"
    await trial.change(campaign, "pause")
    await trial.work(after_hours=8)
    await trial.change(campaign, "resume")
    await trial.work(after_hours=5)
    assert await trial.tally(campaign) == one_waits, "it was paused while the window was open"
    await trial.work(after_hours=19)
    assert await trial.tally(campaign) == ({"done": 2}, {})
