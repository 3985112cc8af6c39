"""Random leads whose events arrive late, in any order, in batches and twice, with the decay job and reads in between.

Through ingest, fold and reads on a real MongoDB: every answer, at any moment and as it was known at any moment, is what
the calculation gives for the set of events.
"""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.settings import Settings
from tests.reference.calculation import LeadReference
from tests.reference.calculation.facts import DAY
from tests.reference.comparison import differences
from tests.reference.deliveries import deliveries
from tests.reference.leads import ENDING, OTHERS, SAYING, SCORED, WARM, leads, moments, rising_leads
from tests.reference.rulebooks import CURRENT, shipped
from tests.reference.store import stored_lead

TYPES = SCORED + WARM + OTHERS + ENDING + SAYING
READS = 3
IN_A_STORE = settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def lead_of(services, databases):
    """Opens a lead in an empty store of its own: `async with lead_of("standard") as lead`."""

    @contextlib.asynccontextmanager
    async def lead_of(rulebook):
        mongodb_uri, redis_url = services
        async with databases.borrowed() as name:
            given = Settings(
                _env_file=None, mongodb_uri=mongodb_uri, redis_url=redis_url, mongodb_database=name
            )
            async with stored_lead(given, rulebook) as lead:
                yield lead

    return lead_of


@st.composite
def histories(draw, leads):
    """The batches in which a lead's events arrive, and what is asked at the end: as of when, as known when."""
    batches = draw(deliveries(leads))
    lead = sorted((fact for batch in batches for fact in batch.facts), key=lambda fact: fact.at)
    asked = st.tuples(moments(lead), st.none() | st.sampled_from([batch.at for batch in batches]))
    return batches, draw(st.lists(asked, min_size=READS, max_size=READS))


async def differing(lead, rulebook, batches, questions):
    """What differs from the calculation in any answer that is read on the way or at the end."""
    wrong = {}

    def check(found, facts):
        compare(("on the way", found.as_of), found, facts)

    def compare(question, found, facts):
        if lines := differences(found, LeadReference(facts, rulebook).at(found.as_of)):
            wrong[question] = lines

    for batch in batches:
        await lead.take(batch, check)
    await lead.settle(batches[-1].at + DAY)
    compare("at the end", await lead.read(), lead.facts)
    for as_of, known_at in questions:
        facts = [fact for fact in lead.facts if known_at is None or fact.received_at <= known_at]
        if any(fact.at <= as_of for fact in facts):
            compare((as_of, known_at), await lead.read(as_of, known_at), facts)
    return wrong


@pytest.mark.parametrize("name", CURRENT)
@given(history=histories(leads(types=TYPES, most=25)))
@IN_A_STORE
async def test_answers_depend_on_the_set_of_events_and_on_nothing_else(lead_of, name, history):
    async with lead_of(name) as lead:
        assert await differing(lead, shipped(name), *history) == {}


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", CURRENT)
@given(history=histories(leads(types=TYPES) | rising_leads()))
@settings(IN_A_STORE, max_examples=1000)
async def test_answers_of_many_leads_depend_on_the_set_of_events_and_on_nothing_else(lead_of, name, history):
    async with lead_of(name) as lead:
        assert await differing(lead, shipped(name), *history) == {}
