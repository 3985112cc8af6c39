"""Campaigns that enrol in a sequence: everybody of the audience, or those who enter it while the campaign runs."""

from __future__ import annotations

import pytest

from domain.sequences.loader import parse_sequence
from engine.outreach.message import Author
from tests.workflows.campaigns.conftest import ME
from workflows.dispatch.reconcile import APPLIED
from workflows.sequences.activate import activate_sequence, deactivate_sequence
from workflows.sequences.enrol import enrol_lead

TEXT = """\
name: welcome
version: 1
window: {days: [mon, tue, wed, thu, fri, sat, sun], opens: "00:00", closes: "24:00"}
steps:
  - {send: email, id: one, subject: Hi, text: Hello}
"""


@pytest.fixture
async def welcome(runtime):
    """The sequence is active."""
    await activate_sequence(runtime, ME, parse_sequence(TEXT), TEXT)


async def fold(trial):
    """Everything in the log is folded, as the reconciler finds."""
    await trial.runtime.store.checkpoints.advance(APPLIED, await trial.runtime.capture.log.end())
    await trial.work()


async def events_of(trial, lead_id, kind):
    return [one for one in await trial.runtime.capture.events.of_lead(lead_id) if one.type == kind]


async def test_each_lead_is_enrolled_or_its_stream_says_why_not(trial, welcome):
    for lead in ("ada", "bob"):
        await trial.lead(lead)
    await trial.lead("mute", email=False)
    await enrol_lead(trial.runtime, Author("person", "p"), "bob", "welcome", "")
    campaign = await trial.started("sequence")
    reasons = {"was-in-sequence": 1, "no-address": 1}
    assert (campaign.estimate.refused, campaign.estimate.reasons) == (2, reasons)
    await trial.work()
    assert (await trial.tally(campaign))[0] == {"done": 1, "withheld": 2}
    (enrolled,) = await events_of(trial, "ada", "sequence.enrolled")
    assert enrolled.properties["campaign"] == campaign.campaign_id
    (message,) = await trial.runtime.outreach.messages.page(lead_id="ada", after=None, limit=9)
    assert message.why == f"welcome@1, step one, of campaign {campaign.campaign_id}"
    assert await trial.counted("ada") == [campaign.campaign_id]
    (refused,) = await events_of(trial, "mute", "sequence.not_enrolled")
    assert (refused.properties["campaign"], refused.properties["reasons"]) == (
        campaign.campaign_id,
        ["no-address"],
    )
    assert (await trial.read(campaign)).ended == "completed"


async def test_a_sequence_that_is_not_active_any_more_pauses_the_campaign(trial, welcome):
    await trial.lead("ada")
    campaign = await trial.started("sequence")
    await deactivate_sequence(trial.runtime, ME, "welcome")
    await trial.work()
    paused = await trial.read(campaign)
    assert (paused.state, paused.changes[-1].why) == ("paused", "there is no active sequence 'welcome'")
    await activate_sequence(trial.runtime, ME, parse_sequence(TEXT), TEXT)
    await trial.change(campaign, "resume")
    await trial.work()
    assert (await trial.tally(campaign))[0] == {"done": 1}


async def test_a_lead_that_enters_while_it_runs_is_enrolled_once(trial, welcome):
    await trial.lead("ada")
    await trial.lead("bob", tag="else")
    campaign = await trial.started("triggered")
    await fold(trial)
    assert (await trial.tally(campaign))[0] == {"present": 1}
    await trial.send("bob", "tag.added", tag="fair")
    await trial.send("ada", "page_view")  # it is in the audience, and has not entered
    await trial.apply("ada", "bob")
    await fold(trial)
    assert (await trial.tally(campaign))[0] == {"present": 1, "done": 1}
    await trial.untag("ada")
    await fold(trial)
    await trial.lead("ada")
    await fold(trial)
    await trial.untag("bob")
    await trial.lead("bob")
    await fold(trial)
    assert (await trial.tally(campaign))[0] == {"done": 2}
    assert [len(await events_of(trial, lead, "sequence.enrolled")) for lead in ("ada", "bob")] == [1, 1]
    await trial.change(campaign, "finish")
    await trial.lead("eve")
    await fold(trial)
    assert await events_of(trial, "eve", "sequence.enrolled") == []


async def test_those_present_are_enrolled_too_if_it_says_so(trial, welcome):
    await trial.lead("ada")
    campaign = await trial.started("triggered", include_present=True)
    await fold(trial)
    assert (await trial.tally(campaign))[0] == {"done": 1}
    assert (await trial.read(campaign)).state == "running"
