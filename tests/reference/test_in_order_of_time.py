"""Random leads whose events arrive in order of time: the pure fold gives what the calculation gives, in every field."""

from __future__ import annotations

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from tests.reference.calculation import LeadReference
from tests.reference.comparison import differences
from tests.reference.engine import folded_answer, folded_as_arrived
from tests.reference.generated_rulebooks import rulebooks
from tests.reference.leads import SCORED, TYPES, leads, moments, rising_leads
from tests.reference.rulebooks import CURRENT, SHIPPED, compiled, shipped, written

pytestmark = pytest.mark.timeout(900)  # a failing example is made small, which takes a while

READS = 4


@st.composite
def reads(draw, strategy):
    """A lead and the moments at which it is read."""
    lead = draw(strategy)
    return lead, sorted({draw(moments(lead)) for _ in range(READS)})


def compared(rulebook, lead, asked):
    """What differs in the answers of a lead, by the moment asked about."""
    reference, rules = LeadReference(lead, written(rulebook)), compiled(rulebook)
    found = {as_of: differences(folded_answer(lead, rules, as_of), reference.at(as_of)) for as_of in asked}
    return {as_of: lines for as_of, lines in found.items() if lines}


@given(lead=reads(leads(types=TYPES) | rising_leads()), name=st.sampled_from(SHIPPED))
@settings(max_examples=60, deadline=None)
def test_the_fold_of_a_lead_is_right(lead, name):
    assert compared(name, *lead) == {}


@pytest.mark.long
@given(lead=reads(leads(types=TYPES) | rising_leads()), name=st.sampled_from(SHIPPED))
@settings(max_examples=3000, deadline=None)
def test_the_fold_of_many_leads_is_right(lead, name):
    assert compared(name, *lead) == {}


@given(lead=reads(leads(most=30)), rulebook=rulebooks())
@settings(max_examples=40, deadline=None)
def test_the_fold_under_any_rulebook_is_right(lead, rulebook):
    assert compared(rulebook, *lead) == {}


@pytest.mark.long
@given(lead=reads(leads()), rulebook=rulebooks())
@settings(max_examples=3000, deadline=None)
def test_the_fold_under_many_rulebooks_is_right(lead, rulebook):
    assert compared(rulebook, *lead) == {}


@pytest.mark.parametrize("name", CURRENT)
def test_control_events_in_another_order_are_found_out(name):
    """The fold of the same events in the order in which they happened to arrive gives other answers."""

    def differs(drawn):
        lead, arrived = drawn
        as_of = lead[-1].at
        found = folded_as_arrived(arrived, compiled(name), as_of)
        return differences(found, LeadReference(lead, shipped(name)).at(as_of)) != []

    shuffled = leads(types=SCORED, most=6).flatmap(
        lambda lead: st.tuples(st.just(lead), st.permutations(lead))
    )
    find(shuffled, differs, settings=settings(max_examples=2000, deadline=None, phases=[Phase.generate]))
