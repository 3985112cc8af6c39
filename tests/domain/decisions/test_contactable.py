"""Channels: a lead that must not be called may still be written to, and nothing tells anybody to call it."""

from __future__ import annotations

import pytest

from domain.decisions.assessment import Measurements
from domain.decisions.condition import ConditionSection
from domain.decisions.contact import ContactSection, ContactState
from domain.leads.fold import fold
from domain.leads.intelligence import intelligence
from domain.leads.state import initial_state

DAY = 86_400_000
START = 20_000 * DAY
RULES = ContactSection.model_validate(
    {
        "suppresses": "do_not_contact",
        "channels": {
            "call": {"attribute": "doNotCall"},
            "email": {"suppresses": "unsubscribed", "releases": ["resubscribed"]},
        },
    }
).compile()


@pytest.fixture
def closed_after(event):
    def make(*facts):
        state = ContactState()
        for type_, later, *properties in facts:
            given = properties[0] if properties else {}
            state = RULES.evolve(state, event(type_, START + later, properties=given))
        return state.closed_channels

    return make


@pytest.mark.parametrize(
    ("value", "closed"),
    [
        *((value, True) for value in (True, "Yes", " true ", "1", 1, 1.0, "until May")),
        *((value, False) for value in (False, "No", "0", 0, None, "", " ", "off")),
    ],
)
def test_an_attribute_forbids_a_channel_unless_it_says_no(closed_after, value, closed):
    assert closed_after(("lead.updated", 0, {"doNotCall": value})) == (("call",) if closed else ())


def test_the_latest_word_about_a_channel_counts_whenever_it_arrives(closed_after):
    yes, no = ("lead.updated", 0, {"doNotCall": True}), ("lead.updated", 1, {"doNotCall": False})

    assert closed_after(yes, no) == closed_after(no, yes) == ()
    assert closed_after(("unsubscribed", 0), ("resubscribed", 1)) == ()
    assert closed_after(("unsubscribed", 2), ("resubscribed", 1)) == ("email",)
    assert closed_after(yes, ("unsubscribed", 2)) == ("call", "email")
    assert closed_after(yes, ("lead.updated", 1, {"other": 1})) == ("call",)


@pytest.mark.parametrize(
    ("asked", "free", "no_calls", "suppressed"),
    [
        (True, True, True, False),
        (False, False, False, True),
        ("call", True, False, False),
        ("email", True, True, False),
        (["call", "email"], True, True, False),
    ],
)
def test_a_condition_asks_whether_a_lead_may_be_contacted(asked, free, no_calls, suppressed):
    holds = ConditionSection.model_validate({"contactable": asked}).compile().holds

    def lead(**contact):
        return Measurements(START, 1.0, "hot", 0.0, "low", **contact)

    assert holds(lead()) is free
    assert holds(lead(closed_channels=("call",))) is no_calls
    assert holds(lead(suppressed=True)) is suppressed


@pytest.mark.parametrize(
    "forbidding",
    [
        ("do_not_contact", {}),
        ("unsubscribed", {}),
        ("email_marked_spam", {}),
        ("lead.updated", {"doNotCall": True}),
        ("lead.updated", {"doNotCall": "Yes"}),
    ],
)
def test_no_shipped_automation_asks_to_call_who_must_not_be_called(standard, classic, event, forbidding):
    for rules in (standard, classic):
        type_, properties = forbidding
        wanted = [event(name, START + n, position=n) for n, name in enumerate(("signup", "demo_request"), 2)]
        again = event("demo_request", START + DAY + 5, position=4)
        first = event(type_, START, position=1, properties=properties)

        fired = fold(initial_state("lead-1", rules), [first, *wanted, again], rules).firings
        control = fold(initial_state("lead-1", rules), [*wanted, again], rules).firings

        assert not [firing for firing in fired if firing.action["type"] == "task"]
        assert [firing for firing in control if firing.action["type"] == "task"]


def test_the_answer_names_the_closed_channels(standard, event):
    events = [event("signup"), event("lead.updated", position=2, properties={"doNotCall": "yes"})]
    state = fold(initial_state("lead-1", standard), events, standard).state

    details = intelligence(state, START, standard).details

    assert (details.suppressed, details.closed_channels) == (False, ("call",))


def test_a_condition_on_a_channel_that_is_not_there_is_a_mistake(rulebook):
    with pytest.raises(ValueError, match="there is no channel 'fax'; write one of call"):
        rulebook(nextAction=[{"when": {"contactable": "fax"}, "action": "x"}, {"action": "monitor"}])


def test_contact_lists_take_one_name_alone():
    section = ContactSection.model_validate({"suppresses": "deal.lost"})

    assert section.suppresses == ("deal.lost",)
