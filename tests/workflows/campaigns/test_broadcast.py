"""A broadcast: its estimate, its start, and one message to each lead that is in the audience at its turn."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from domain.campaigns.definition import Wording
from domain.errors import Conflict, Invalid
from domain.instant import HOUR
from engine.campaigns.member_store import CAMPAIGN_MEMBERS, MemberStore
from tests.workflows.campaigns.conftest import ME
from workflows.campaigns import changes, turn
from workflows.campaigns.audience import audience_now
from workflows.campaigns.changes import start_campaign
from workflows.campaigns.drafts import change_campaign
from workflows.campaigns.jobs import take_slice
from workflows.outreach.plan import plan_message
from workflows.outreach.suppress import Wanted, suppress

WORSE = Wording(channel="email", subject="Hi", text="Something else")


async def test_each_lead_gets_one_message_that_names_the_campaign_or_a_reason_as_estimated(trial):
    for lead in ("ada", "bob"):
        await trial.lead(lead)
    await trial.lead("mute", email=False)
    await trial.lead("other", tag="else")
    await suppress(trial.runtime, ME, [Wanted("bob@example.com")])
    campaign = await trial.started()
    estimate, reasons = campaign.estimate, {"no-address": 1, "suppressed": 1}
    assert (estimate.audience, estimate.checked, estimate.refused, estimate.reasons) == (3, 3, 2, reasons)
    await trial.work()
    assert await trial.tally(campaign) == ({"done": 1, "withheld": 2}, reasons)
    assert [await trial.sent_to(lead) for lead in ("ada", "bob", "mute")] == [["done"], [["suppressed"]], []]
    (letter,) = trial.runtime.outreach.outbox.iterdir()
    assert "Hi Ada" in letter.read_text()
    events = await trial.runtime.capture.events.of_lead("ada")
    named = [one.type for one in events if one.properties.get("campaign") == campaign.campaign_id]
    assert named == ["message.planned", "message.sent"]
    (message,) = await trial.runtime.outreach.messages.page(lead_id="ada", after=None, limit=9)
    assert message.why == f"campaign After the fair ({campaign.campaign_id})"
    assert await trial.counted("ada") == [campaign.campaign_id]
    over = await trial.read(campaign)
    assert (over.state, over.ended) == ("finished", "completed")
    assert [change.state for change in over.changes] == ["draft", "running", "finished"]


async def test_nothing_begins_without_the_digest_of_the_present_audience(trial):
    await trial.lead("ada")
    draft = await trial.draft()
    with pytest.raises(Conflict, match="no estimate"):
        await start_campaign(trial.runtime, ME, draft.campaign_id, "x")
    campaign = await trial.estimate(draft)
    with pytest.raises(Conflict, match="1 lead, of which 0 get nothing"):
        await start_campaign(trial.runtime, ME, draft.campaign_id, "x")
    await trial.lead("bob")
    digest = campaign.estimate.digest
    with pytest.raises(Conflict, match="2 leads now, 1 lead then"):
        await start_campaign(trial.runtime, ME, draft.campaign_id, digest)
    await trial.work()
    newer = (await trial.read(campaign)).estimate
    assert (newer.audience, newer.digest != digest) == (2, True)
    assert await trial.sent_to("ada") == []
    assert (await start_campaign(trial.runtime, ME, draft.campaign_id, newer.digest)).state == "running"
    with pytest.raises(Conflict, match="is running"):
        await start_campaign(trial.runtime, ME, draft.campaign_id, newer.digest)


async def test_a_draft_that_is_changed_has_no_estimate(trial):
    await trial.lead("ada")
    campaign = await trial.estimate(await trial.draft())
    changed = await change_campaign(trial.runtime, ME, campaign, "Another name", campaign.definition)
    assert changed.estimate is None
    with pytest.raises(Conflict, match="changed by somebody else"):
        await change_campaign(trial.runtime, ME, campaign, "A third name", campaign.definition)


async def test_a_lead_that_leaves_before_its_turn_gets_nothing_and_an_erased_one_is_counted(trial):
    for lead in ("ada", "bob", "eve"):
        await trial.lead(lead)
    campaign = await trial.started()
    await trial.untag("bob")
    (store,) = [one for one in trial.runtime.personal_data if CAMPAIGN_MEMBERS in one.collections]
    assert [await store.erase("eve"), await store.erase("eve")] == [{"campaigns": 1}, {"campaigns": 0}]
    await trial.work()
    assert await trial.tally(campaign) == ({"done": 1, "withheld": 1}, {"left-audience": 1})
    assert await trial.sent_to("bob") == await trial.sent_to("eve") == []
    assert (await trial.read(campaign)).erased == 1


async def test_a_message_that_waits_is_withheld_once_the_lead_has_left(trial):
    campaign, lead = await trial.half_sent()
    await trial.untag(lead)
    await trial.work(after_hours=24)
    assert await trial.sent_to(lead) == [["left-audience"]]
    assert await trial.tally(campaign) == ({"done": 1, "withheld": 1}, {"left-audience": 1})


async def test_a_pause_keeps_planned_messages_until_it_is_resumed(trial):
    campaign, _ = await trial.half_sent()
    await trial.change(campaign, "pause")
    await trial.work(after_hours=48)
    assert (await trial.tally(campaign))[0] == {"done": 1, "underWay": 1}
    await trial.change(campaign, "resume")
    await trial.work(after_hours=1)
    assert (await trial.tally(campaign))[0] == {"done": 2}
    assert (await trial.read(campaign)).ended == "completed"


async def test_what_is_finished_by_hand_withholds_what_was_planned(trial):
    campaign, lead = await trial.half_sent()
    await trial.change(campaign, "finish")
    await trial.work(after_hours=24)
    assert await trial.sent_to(lead) == [["campaign-ended"]]
    assert await trial.tally(campaign) == ({"done": 1, "withheld": 1}, {"campaign-ended": 1})
    with pytest.raises(Conflict, match="is finished"):
        await trial.change(campaign, "resume")


@pytest.mark.parametrize(
    ("away", "sent", "ended"), [(2, ["done"], "completed"), (5, [], "ended")], ids=["in time", "too late"]
)
async def test_it_runs_from_its_start_to_its_end(trial, away, sent, ended):
    await trial.lead("ada")
    at = trial.clock.at
    campaign = await trial.started(starts_at=at + 2 * HOUR, ends_at=at + 4 * HOUR)
    assert campaign.state == "scheduled"
    await trial.work(after_hours=1)
    assert (await trial.tally(campaign))[0] == {"waiting": 1}
    await trial.work(after_hours=away - 1)
    assert (await trial.sent_to("ada"), (await trial.read(campaign)).ended) == (sent, ended)


async def test_the_end_must_lie_ahead_at_the_start(trial):
    await trial.lead("ada")
    campaign = await trial.estimate(await trial.draft(ends_at=trial.clock.at + HOUR))
    trial.clock.at += 2 * HOUR
    with pytest.raises(Invalid, match="end of this campaign"):
        await start_campaign(trial.runtime, ME, campaign.campaign_id, campaign.estimate.digest)


class Killed(BaseException):
    """The worker is gone."""


async def die_before_the_turn_is_noted(trial, monkeypatch):
    """A worker has planned a message and dies; another one takes the slice again."""
    await trial.lead("ada")
    campaign = await trial.started()

    async def die(*_args, **_more):
        raise Killed

    job = await trial.runtime.campaigns.jobs.get(f"{campaign.campaign_id}:run:1")
    with monkeypatch.context() as patched:
        patched.setattr(MemberStore, "settle", die)
        with pytest.raises(Killed):
            await take_slice(trial.runtime, job)
    assert (await trial.tally(campaign))[0] == {"waiting": 1}
    await trial.work()
    return len(await trial.sent_to("ada"))


async def test_a_slice_that_is_taken_again_after_a_death_sends_nothing_twice(trial, monkeypatch):
    assert await die_before_the_turn_is_noted(trial, monkeypatch) == 1


async def test_control_without_an_id_made_of_the_lead_it_is_sent_twice(trial, monkeypatch):
    async def plan(runtime, author, lead_id, new, _key):
        return await plan_message(runtime, author, lead_id, new, None)

    monkeypatch.setattr(turn, "plan_message", plan)
    assert await die_before_the_turn_is_noted(trial, monkeypatch) == 2


async def test_a_draft_that_is_changed_while_it_is_started_is_not_started(trial, monkeypatch):
    await trial.lead("ada")
    campaign = await trial.estimate(await trial.draft())

    async def change_meanwhile(runtime, definition):
        found = await audience_now(runtime, definition)
        await change_campaign(runtime, ME, campaign, "Another", replace(definition, message=WORSE))
        return found

    monkeypatch.setattr(changes, "audience_now", change_meanwhile)
    with pytest.raises(Conflict, match="somebody else"):
        await start_campaign(trial.runtime, ME, campaign.campaign_id, campaign.estimate.digest)
    assert (await trial.read(campaign)).state == "draft"
