"""Points for what replies mean under `standard`: a yes adds to the answer, a no takes more than the answer gave."""

from __future__ import annotations

import pytest

from domain.events.event import ENGINE_SOURCE, Event
from domain.events.vocabulary import REPLY_CLASSIFIED
from domain.leads.assess import assess
from domain.leads.fold import fold
from domain.leads.state import initial_state
from engine.rulebooks.built_in import compiled_built_in

AT = 1_790_000_000_000
RULES = compiled_built_in("standard")


def event(position, kind, source, **properties):
    return Event(
        position=position,
        event_id=f"e{position}",
        lead_id="ada",
        type=kind,
        occurred_at=AT,
        received_at=AT,
        source=source,
        properties=properties,
    )


def lead(intent=None, *, confidence=0.9, automatic=False):
    events = [event(1, "signup", "web"), event(2, "message.received", "hook")]
    if intent:
        read = {"intent": intent, "confidence": confidence, "automatic": automatic}
        events.append(event(3, REPLY_CLASSIFIED, ENGINE_SOURCE, **read))
    return fold(initial_state("ada", RULES), events, RULES).state


def score(*args, **more):
    return assess(lead(*args, **more), AT, RULES).score


ANSWERED = score()
SIGNED_UP = assess(
    fold(initial_state("ada", RULES), [event(1, "signup", "web")], RULES).state, AT, RULES
).score


@pytest.mark.parametrize("intent", ["interested", "meeting_request", "question"])
def test_a_yes_is_worth_more_than_an_answer(intent):
    assert score(intent) > ANSWERED


@pytest.mark.parametrize("intent", ["not_interested", "unsubscribe"])
def test_a_no_leaves_less_than_no_answer_at_all(intent):
    assert score(intent) < SIGNED_UP


@pytest.mark.parametrize("intent", ["out_of_office", "bounce", "wrong_person"])
def test_what_the_lead_has_not_answered_gives_nothing(intent):
    assert score(intent) == pytest.approx(SIGNED_UP)
    assert score(intent, automatic=True) == ANSWERED


@pytest.mark.parametrize("intent", ["objection", "referral", "unknown"])
def test_what_is_neither_yes_nor_no_is_an_answer(intent):
    assert score(intent) == ANSWERED


def test_a_guess_is_not_scored_but_an_opt_out_always_is():
    assert score("interested", confidence=0.4) == ANSWERED
    assert score("unsubscribe", confidence=0.4) < SIGNED_UP


def test_a_reading_is_no_activity_of_the_lead():
    assert lead("interested").activities == lead().activities
