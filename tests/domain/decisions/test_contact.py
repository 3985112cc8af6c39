"""Open conversations and leads that do not want to be contacted, in whatever order events arrive."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.decisions.assessment import Measurements
from domain.decisions.contact import ContactSection, ContactState
from domain.decisions.next_action import DO_NOT_CONTACT
from domain.events.event import Event

START = 20_000 * 86_400_000

RULES = ContactSection(
    opens_conversation=("reply",),
    closes_conversation=("answer", "call"),
    suppresses=("unsubscribed", "call"),
    releases=("resubscribed",),
).compile()


def after(*facts):
    state = ContactState()
    for type_, later, *source in facts:
        at = START + later
        state = RULES.evolve(
            state,
            Event(
                position=1,
                event_id="e",
                lead_id="l",
                type=type_,
                occurred_at=at,
                received_at=at,
                source="".join(source),
            ),
        )
    return state


@pytest.mark.parametrize(
    ("facts", "is_open"),
    [
        ([], False),
        ([("reply", 1)], True),
        ([("reply", 1), ("answer", 2)], False),
        ([("reply", 1), ("answer", 1)], False),  # answered at once
        ([("answer", 1), ("reply", 2)], True),
        ([("reply", 1), ("call", 2), ("reply", 3)], True),
        ([("reply", 1, "lead-engine")], False),
    ],
)
def test_a_conversation_is_open_while_the_lead_has_spoken_last(facts, is_open):
    assert after(*facts).open_conversation is is_open


@pytest.mark.parametrize(
    ("facts", "suppressed"),
    [
        ([], False),
        ([("unsubscribed", 1)], True),
        ([("unsubscribed", 1), ("resubscribed", 2)], False),
        ([("unsubscribed", 1), ("resubscribed", 1)], True),  # in doubt it must not be contacted
        ([("resubscribed", 1), ("unsubscribed", 2)], True),
        ([("resubscribed", 1)], False),
        ([("unsubscribed", 1), ("reply", 2)], True),
        ([("unsubscribed", -START)], True),  # in 1970
    ],
)
def test_a_lead_is_suppressed_until_it_is_released_later(facts, suppressed):
    assert after(*facts).suppressed is suppressed


@given(
    data=st.data(),
    facts=st.lists(
        st.tuples(
            st.sampled_from(("reply", "answer", "call", "unsubscribed", "resubscribed", "page_view")),
            st.integers(0, 5),
        ),
        max_size=8,
    ),
)
@settings(max_examples=200, deadline=None)
def test_the_order_of_arrival_does_not_matter(data, facts):
    state = after(*facts)
    last = {type_: max((later for name, later in facts if name == type_), default=-1) for type_, _ in facts}

    assert after(*data.draw(st.permutations(facts))) == state
    closed = max(last.get("answer", -1), last.get("call", -1))
    assert state.open_conversation is (last.get("reply", -1) > closed)
    suppressed = max(last.get("unsubscribed", -1), last.get("call", -1))
    assert state.suppressed is (suppressed >= 0 and suppressed >= last.get("resubscribed", -1))


@given(
    stage=st.sampled_from(("cold", "warm", "hot", "qualified")),
    risk=st.sampled_from(("low", "medium", "high")),
    surge=st.booleans(),
    momentum=st.sampled_from((-10.0, 0.0, 3.0)),
    open_=st.booleans(),
)
@settings(deadline=None)
def test_a_suppressed_lead_is_never_to_be_contacted_whatever_else_holds(
    standard,
    *,
    stage,
    risk,
    surge,
    momentum,
    open_,
):
    measured = Measurements(
        START,
        99.0,
        stage,
        9.0,
        risk,
        momentum=momentum,
        surge=surge,
        open_conversation=open_,
        suppressed=True,
    )

    assert standard.decisions.decide(measured) == DO_NOT_CONTACT
    assert DO_NOT_CONTACT.because


@pytest.mark.parametrize(
    ("measured", "action"),
    [
        (("cold", "high", True, 9.0, True), "reply_now"),
        (("qualified", "low", False, 0.0, False), "immediate_outreach"),
        (("qualified", "medium", True, 0.0, False), "immediate_outreach"),
        (("qualified", "high", True, 9.0, False), "re_engage"),
        (("hot", "high", True, 0.0, False), "prioritize_contact"),
        (("warm", "high", True, 0.0, False), "prioritize_contact"),
        (("hot", "high", False, 9.0, False), "re_engage"),
        (("hot", "medium", False, 9.0, False), "schedule_demo"),
        (("warm", "low", False, 1.0, False), "send_content"),
        (("warm", "low", False, 0.99, False), "nurture_campaign"),
        (("cold", "low", True, 9.0, False), "monitor"),
    ],
)
def test_standard_advises_row_by_row(standard, measured, action):
    stage, risk, surge, momentum, open_ = measured

    looks = Measurements(
        START, 0.0, stage, 1.0, risk, momentum=momentum, surge=surge, open_conversation=open_
    )

    assert standard.decisions.decide(looks).action == action
