"""A person's word on a reply: a suspicion is confirmed, with all that an opt-out does, or cleared."""

from __future__ import annotations

import pytest

from domain.errors import Conflict, NotFound
from domain.events.vocabulary import REPLY_JUDGED
from domain.replies.intent import Reading
from domain.rulebooks.compiled import compile_rulebook
from domain.rulebooks.rulebook import Rulebook
from engine.operations.audit_log import ENGINE
from engine.rulebooks.built_in import built_in
from tests.workflows.replies.test_follow import (
    A_RULE,
    STOP,
    ada,
    classify_replies,
    intelligence_of,
    reply,
    write,
)
from workflows.capture.retract import retract_event
from workflows.leads.process import process_leads
from workflows.leads.rebuild import rebuild_lead
from workflows.replies.judge import judge_reply

__all__ = ["ada"]


@pytest.fixture
async def suspected(runtime, ada, monkeypatch):
    """A reply in which the classifier suspects an opt-out."""
    guess = Reading(intent="interested", confidence=0.7, by="classifier", suspected_opt_out=0.25)
    monkeypatch.setattr("engine.assistant.offline.classify", lambda *_: guess)
    answer = await reply(runtime, "Zzyzx")
    await classify_replies(runtime)
    return answer.event_id


async def judge(runtime, reply_id, *, opt_out):
    return await judge_reply(runtime, ENGINE, "ada", reply_id, opt_out=opt_out)


async def withheld(runtime):
    return {one.code for one in (await write(runtime, A_RULE)).withheld}


async def entries(runtime):
    return await runtime.outreach.suppressions.page(after=None, limit=10)


async def test_a_suspicion_is_shown_with_its_probability_until_a_person_clears_it(runtime, suspected):
    (one,) = (await intelligence_of(runtime)).details.suspected_opt_outs
    assert (one.reply_id, one.probability) == (suspected, 0.25)
    assert await withheld(runtime) == {"opted-out"}
    await judge(runtime, suspected, opt_out=False)
    found = (await intelligence_of(runtime)).details
    assert (found.suspected_opt_outs, found.suppressed) == ((), False)
    assert await withheld(runtime) == set()
    assert await entries(runtime) == []


async def test_a_suspicion_that_is_confirmed_is_an_opt_out(runtime, suspected):
    await judge(runtime, suspected, opt_out=True)
    found = await intelligence_of(runtime)
    assert (found.next_action, found.details.suppressed) == ("do_not_contact", True)
    assert (found.details.suspected_opt_outs, [*found.details.opt_outs]) == ((), ["all"])
    assert await withheld(runtime) == {"opted-out", "suppressed"}
    (entry,) = await entries(runtime)
    assert (entry.scope, entry.kind) == ("all", "email")


async def test_a_reply_that_nothing_was_suspected_in_can_be_said_to_be_an_opt_out(runtime, ada):
    answer = await reply(runtime, "Can we have a call on Thursday?")
    await classify_replies(runtime)
    assert await withheld(runtime) == set(), "the control"
    await judge(runtime, answer.event_id, opt_out=True)
    assert await withheld(runtime) == {"opted-out", "suppressed"}


async def test_to_say_the_same_again_changes_nothing(runtime, suspected):
    first = await judge(runtime, suspected, opt_out=False)
    assert await judge(runtime, suspected, opt_out=False) == first
    assert len(await runtime.capture.events.of_lead("ada", types={REPLY_JUDGED})) == 1


async def test_a_clear_opt_out_is_not_cleared_but_retracted(runtime, ada):
    answer = await reply(runtime, STOP)
    await classify_replies(runtime)
    with pytest.raises(Conflict, match="retract it"):
        await judge(runtime, answer.event_id, opt_out=False)


async def test_what_was_judged_an_opt_out_counts_until_the_word_is_retracted(runtime, suspected):
    judged = await judge(runtime, suspected, opt_out=True)
    with pytest.raises(Conflict, match=judged.event_id):
        await judge(runtime, suspected, opt_out=False)
    await retract_event(runtime, ENGINE, "ada", judged.event_id, "a slip")
    found = (await intelligence_of(runtime)).details
    assert (found.suppressed, len(found.suspected_opt_outs)) == (False, 1)


async def test_what_was_judged_goes_and_comes_back_with_its_reply(runtime, suspected):
    await judge(runtime, suspected, opt_out=True)
    retraction = await retract_event(runtime, ENGINE, "ada", suspected, "another lead wrote it")
    found = (await intelligence_of(runtime)).details
    assert (found.suppressed, found.suspected_opt_outs) == (False, ())
    await retract_event(runtime, ENGINE, "ada", retraction.event_id, "it was right")
    assert (await intelligence_of(runtime)).details.suppressed


async def test_only_a_reply_of_the_lead_is_judged(runtime, suspected):
    with pytest.raises(NotFound):
        await judge(runtime, "nothing", opt_out=True)
    signup = (await runtime.capture.events.of_lead("ada", types={"signup"}))[0]
    with pytest.raises(Conflict, match="no reply"):
        await judge(runtime, signup.event_id, opt_out=True)
    assert await entries(runtime) == []


WANTS = {
    "id": "wants",
    "trigger": {"event": "reply.classified", "where": {"intent": "interested"}},
    "action": {"type": "task", "title": "Call {leadId}"},
}


@pytest.fixture
def on_interest(runtime, monkeypatch):
    """A rulebook with a task for each reply that is read as interested."""
    content = built_in("classic").model_dump(by_alias=True, exclude_none=True)
    rules = Rulebook.model_validate({**content, "name": "interest", "automations": [WANTS]})
    monkeypatch.setattr(runtime.rulebooks.active, "_current", compile_rulebook(rules))


async def causes(runtime):
    """The types of the events that fired an automation, once all that is stored is applied."""
    await process_leads(runtime, ["ada"])
    page = await runtime.automations.executions.page(
        lead_id="ada", rule_id=None, state=None, after=None, limit=9
    )
    events = {one.position: one.type for one in await runtime.capture.events.of_lead("ada")}
    return [events[one.cause_position] for one in page]


async def test_an_automation_on_the_intent_waits_until_the_suspicion_is_cleared(
    runtime, on_interest, suspected
):
    assert await causes(runtime) == []
    await judge(runtime, suspected, opt_out=False)
    assert await causes(runtime) == ["reply.judged"]
    await rebuild_lead(runtime, "ada")
    assert await causes(runtime) == ["reply.judged"], "what fired does not fire again"


async def test_an_automation_on_the_intent_does_not_fire_for_what_is_an_opt_out(
    runtime, on_interest, suspected
):
    await judge(runtime, suspected, opt_out=True)
    assert await causes(runtime) == []


async def test_the_control_an_automation_on_the_intent_fires_at_once_if_nothing_is_suspected(
    runtime, on_interest, ada, monkeypatch
):
    sure = Reading(intent="interested", confidence=0.7, by="classifier")
    monkeypatch.setattr("engine.assistant.offline.classify", lambda *_: sure)
    answer = await reply(runtime, "Zzyzx")
    await classify_replies(runtime)
    assert await causes(runtime) == ["reply.classified"]
    await judge(runtime, answer.event_id, opt_out=False)
    assert await causes(runtime) == ["reply.classified"], "there was no suspicion to clear"
