"""Messages that sequences and campaigns really send are counted under their names."""

from __future__ import annotations

from domain.sequences.loader import parse_sequence
from engine.operations.audit_log import Actor
from tests.workflows.analytics.conftest import by_the_log, by_the_store
from tests.workflows.campaigns.conftest import Trial as CampaignTrial
from tests.workflows.sequences.conftest import ME, OPEN
from workflows.analytics.project import follow_results
from workflows.sequences.activate import activate_sequence
from workflows.sequences.enrol import enrol_lead
from workflows.work.loops import drain

VARIANTS = """
  - send: email
    id: first
    variants: [{name: short, subject: Hi, text: Hello}, {name: long, subject: Hi, text: Good day}]
"""


async def test_a_message_says_its_step_and_its_campaign(runtime, clock, send, apply):
    text = f"name: welcome\nversion: 7\nwindow: {OPEN}\nsteps:{VARIANTS}"
    await activate_sequence(runtime, Actor("person", "person_1"), parse_sequence(text), text)
    trial = CampaignTrial(runtime, clock, send, apply)
    await trial.lead("ada", tag="other")
    await trial.lead("bob")
    await enrol_lead(runtime, ME, "ada", "welcome", "a test")
    broadcast = await trial.started()
    await trial.lead("eve", tag="vip")
    enrolling = await trial.started("sequence", audience=type(broadcast.definition.audience)(tag="vip"))
    for _ in range(4):
        clock.at += 60_000
        await drain(runtime)
    await follow_results(runtime)
    found = await by_the_store(runtime)
    assert found == await by_the_log(runtime)
    said = {
        one["lead"]: (one["sequence"], one["version"], one["step"], one["campaign"], one["fate"])
        for one in found.values()
    }
    assert said == {
        "ada": ("welcome", 7, "first", "", "sent"),
        "bob": ("", 0, "", broadcast.campaign_id, "sent"),
        "eve": ("welcome", 7, "first", enrolling.campaign_id, "sent"),
    }
    of_sequence = [one["variant"] for one in found.values() if one["sequence"]]
    assert {"short", "long"}.issuperset(of_sequence)
