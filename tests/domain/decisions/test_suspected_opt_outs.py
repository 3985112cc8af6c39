"""Suspected opt-outs of a lead: kept until a person has judged each, the latest few."""

from __future__ import annotations

import pytest

from domain.decisions.suspected_opt_outs import MAX_SUSPECTED, SuspectedOptOut, suspected_after
from domain.events.event import ENGINE_SOURCE


@pytest.fixture
def after(event):
    def make(*facts, source=ENGINE_SOURCE):
        found = ()
        for at, (type_, properties) in enumerate(facts):
            found = suspected_after(found, event(f"reply.{type_}", at, properties=properties, source=source))
        return found

    return make


def read(reply_id="r", **properties):
    return "classified", {"intent": "interested", "replyId": reply_id, **properties}


def judged(reply_id="r", *, opt_out=False):
    return "judged", {"replyId": reply_id, "optOut": opt_out}


def test_a_suspicion_has_its_reply_and_its_probability(after):
    assert after(read(suspectedOptOut=0.25)) == (SuspectedOptOut("r", 0, 0.25),)
    assert after(read(), read(intent="unsubscribe")) == ()


def test_what_releases_up_to_0_6_stored_is_a_suspicion_with_its_confidence(after):
    before = read(intent="unsubscribe", suspected=True, confidence=0.7)
    assert after(before) == (SuspectedOptOut("r", 0, 0.7),)


@pytest.mark.parametrize("opt_out", [True, False])
def test_a_word_of_a_person_ends_that_of_its_reply_alone(after, opt_out):
    found = after(read(suspectedOptOut=0.25), read("s", suspectedOptOut=0.5), judged(opt_out=opt_out))
    assert [one.reply_id for one in found] == ["s"]


def test_a_sender_suspects_and_judges_nothing(after):
    assert after(read(suspectedOptOut=0.25), source="web") == ()


def test_the_latest_few_are_kept(after):
    found = after(*(read(str(number), suspectedOptOut=0.5) for number in range(MAX_SUSPECTED + 2)))
    assert [one.reply_id for one in found] == [str(number) for number in range(2, MAX_SUSPECTED + 2)]
