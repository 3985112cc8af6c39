"""Random leads whose events arrive in order of time: the pure fold gives what the calculation gives, in every field."""

from __future__ import annotations

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from tests.reference.calculation import LeadReference
from tests.reference.comparison import differences
from tests.reference.engine import folded_answer
from tests.reference.generated_rulebooks import rulebooks
from tests.reference.leads import NEGATIVE, SCORED, TYPES, leads, moments
from tests.reference.rulebooks import CURRENT, SHIPPED, compiled, shipped, written

pytestmark = pytest.mark.timeout(900)  # a failing example is made small, which takes a while

READS = 4
FALLS_ONLY = tuple(name for name in TYPES if name not in NEGATIVE)
SETTLED_AT_EVENTS_ONLY = ("stage since",)


def ends_silence(rulebook):
    """Whether our own actions end a silence, as they should not."""
    return "idleDecay" in rulebook["score"] and "ourActions" in rulebook["contact"]


def only_falls(rulebook):
    """Whether the score cannot rise between events."""
    return all(rule["points"] > 0 for rule in rulebook["score"]["rules"])


TODAY = rulebooks().filter(lambda rulebook: only_falls(rulebook) and not ends_silence(rulebook))


@st.composite
def reads(draw, strategy):
    """A lead and the moments at which it is read."""
    lead = draw(strategy)
    return lead, sorted({draw(moments(lead)) for _ in range(READS)})


def compared(rulebook, lead, asked, but=()):
    """What differs in the answers of a lead, by the moment asked about."""
    reference, rules = LeadReference(lead, written(rulebook)), compiled(rulebook)
    found = {as_of: differences(folded_answer(lead, rules, as_of), reference.at(as_of)) for as_of in asked}
    kept = {as_of: [one for one in lines if not one.startswith(but)] for as_of, lines in found.items()}
    return {as_of: lines for as_of, lines in kept.items() if lines}


@given(lead=reads(leads(types=FALLS_ONLY)), name=st.sampled_from(SHIPPED))
@settings(max_examples=60, deadline=None)
def test_the_fold_of_a_lead_whose_score_only_falls_between_events_is_right(lead, name):
    assert compared(name, *lead, but=SETTLED_AT_EVENTS_ONLY) == {}


@pytest.mark.long
@given(lead=reads(leads(types=FALLS_ONLY)), name=st.sampled_from(SHIPPED))
@settings(max_examples=3000, deadline=None)
def test_the_fold_of_many_leads_whose_score_only_falls_between_events_is_right(lead, name):
    assert compared(name, *lead, but=SETTLED_AT_EVENTS_ONLY) == {}


@given(lead=reads(leads(most=30)), rulebook=TODAY)
@settings(max_examples=40, deadline=None)
def test_the_fold_under_any_rulebook_is_right(lead, rulebook):
    assert compared(rulebook, *lead, but=SETTLED_AT_EVENTS_ONLY) == {}


@pytest.mark.long
@given(lead=reads(leads()), rulebook=TODAY)
@settings(max_examples=3000, deadline=None)
def test_the_fold_under_many_rulebooks_is_right(lead, rulebook):
    assert compared(rulebook, *lead, but=SETTLED_AT_EVENTS_ONLY) == {}


@pytest.mark.parametrize("name", CURRENT)
def test_control_events_in_another_order_are_found_out(name):
    """The fold of the same events in the order in which they happened to arrive gives other answers."""

    def differs(drawn):
        lead, arrived = drawn
        as_of = lead[-1].at
        found = folded_answer(arrived, compiled(name), as_of)
        return differences(found, LeadReference(lead, shipped(name)).at(as_of)) != []

    shuffled = leads(types=SCORED, most=6).flatmap(
        lambda lead: st.tuples(st.just(lead), st.permutations(lead))
    )
    find(shuffled, differs, settings=settings(max_examples=2000, deadline=None, phases=[Phase.generate]))
