"""How likely it is that a lead has gone cold, against the formula worked out with fractions and decimals."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.events.event import Event
from domain.risk.estimate import RISK_BANDS, RiskEstimate
from domain.risk.mbg_nbd import MbgNbdRiskSection

HOUR = 3_600_000
DAY = 24 * HOUR
START = 20_000 * DAY

RISK = MbgNbdRiskSection(model="dropout", r=1, alpha=7, a=1, b=3, medium_from=0.3, high_from=0.6).compile()


def after(moments, risk=RISK):
    state = risk.initial()
    for at in moments:
        event = Event(position=1, event_id="e", lead_id="l", type="x", occurred_at=at, received_at=at)
        state = risk.evolve(state, event)
    return state


def every(days, times):
    return [START + n * days * DAY for n in range(times)]


def gone_cold(moments, as_of):
    """1 - P(alive) for r = 1, alpha = 7, a = 1, b = 3: whole powers only, so exact."""
    x = len({at // DAY for at in moments}) - 1
    last, now = (Fraction(at - min(moments), DAY) for at in (max(moments), as_of))
    odds = Fraction(1, 3 + x) * ((7 + now) / (7 + last)) ** (1 + x)
    return 1 - 1 / (1 + odds)


moments_of_leads = st.lists(
    st.integers(0, 200 * DAY).map(lambda later: START + later), min_size=1, max_size=20
)


@given(moments=moments_of_leads, later=st.integers(0, 400 * DAY))
@settings(max_examples=150, deadline=None)
def test_the_probability_is_what_the_formula_says(moments, later):
    as_of = max(moments) + later

    outlook = RISK.estimate(after(moments), as_of)

    exact = gone_cold(moments, as_of)
    assert outlook.probability == pytest.approx(float(exact), abs=1e-9)
    if abs(exact - Fraction(3, 10)) > 1e-9 and abs(exact - Fraction(6, 10)) > 1e-9:
        band = "high" if exact > Fraction(6, 10) else "medium" if exact > Fraction(3, 10) else "low"
        assert outlook.band == band


def test_parts_of_days_and_other_parameters_follow_the_formula_too():
    risk = MbgNbdRiskSection(model="dropout", r=0.55, alpha=10.6, a=0.8, b=2.4).compile()
    moments = [START, START + 3 * DAY + HOUR, START + 11 * DAY]
    with localcontext() as context:
        context.prec = 50
        ratio = (Decimal("10.6") + 30) / (Decimal("10.6") + 11)
        odds = Decimal("0.8") / (Decimal("2.4") + 2) * ratio ** (Decimal("0.55") + 2)
        exact = 1 - 1 / (1 + odds)

    read = risk.estimate(after(moments, risk), START + 30 * DAY).probability

    assert read == pytest.approx(float(exact), abs=1e-12)


@given(data=st.data(), moments=moments_of_leads)
@settings(max_examples=100, deadline=None)
def test_the_order_of_arrival_does_not_matter(data, moments):
    assert after(moments) == after(data.draw(st.permutations(moments)))


@given(moments=moments_of_leads, first=st.integers(0, 400 * DAY), more=st.integers(0, 400 * DAY))
@settings(max_examples=100, deadline=None)
def test_silence_never_lowers_the_risk(moments, first, more):
    state, last = after(moments), max(moments)

    earlier, later = RISK.estimate(state, last + first), RISK.estimate(state, last + first + more)

    assert earlier.probability <= later.probability
    assert RISK_BANDS.index(earlier.band) <= RISK_BANDS.index(later.band)


@pytest.mark.parametrize("silence", [0, 7, 14])
def test_a_steady_fortnightly_lead_is_no_high_risk_within_its_rhythm(silence):
    moments = every(14, 8)

    assert RISK.estimate(after(moments), moments[-1] + silence * DAY).band != "high"


def test_the_same_fortnight_is_high_for_a_lead_that_came_daily():
    moments = every(1, 15)

    assert RISK.estimate(after(moments), moments[-1] + 14 * DAY).band == "high"


@pytest.mark.parametrize(("days", "probability"), [(0, 1 / 4), (7, 2 / 5), (14, 1 / 2), (3650, 0.9943)])
def test_a_lead_that_never_came_back_is_in_doubt_but_not_written_off_at_once(days, probability):
    # x = 0: odds = 1/3 x (7 + T)/7
    outlook = RISK.estimate(after([START]), START + days * DAY)

    assert outlook.probability == pytest.approx(probability, abs=1e-4)
    assert outlook.probability < 1


@pytest.mark.parametrize("years", [1, 50, 5_000])
def test_a_long_silence_of_a_busy_lead_is_certain_and_breaks_nothing(years):
    outlook = RISK.estimate(after(every(1, 3_000)), START + (3_000 + years * 365) * DAY)

    assert (outlook.band, outlook.probability) == ("high", pytest.approx(1))


def test_a_lead_that_was_never_active_is_a_high_risk():
    assert RISK.estimate(RISK.initial(), START) == RiskEstimate("high", 1.0)
    assert RISK.explain(RISK.initial(), START) == "never active"


def test_many_events_of_a_day_are_one_active_day():
    assert after([START, START + 1, START + DAY - 1]).active_days == 1
    assert after([START + DAY - 1, START + DAY]).active_days == 2


def test_more_days_than_are_remembered_are_still_counted_and_the_state_stays_small():
    seed = Random(5)
    state = after([START + day * DAY + seed.randrange(DAY) for day in range(1_000) for _ in range(2)])

    assert state.active_days == 1_000
    assert len(state.recent_days) == 60
    assert len(msgspec.json.encode(state)) < 600


def test_a_late_event_on_a_day_that_may_have_been_counted_is_not_counted_again():
    state = after(every(1, 100))

    assert after([START + 3 * DAY + 5 * HOUR, *every(1, 100)]).active_days == 100
    late = Event(position=1, event_id="e", lead_id="l", type="x", occurred_at=START, received_at=START)
    assert RISK.evolve(state, late) == state


@pytest.mark.parametrize(
    ("moments", "silence", "words"),
    [
        ([START], 0, "active within the last day"),
        ([START], DAY - 1, "active within the last day"),
        ([START], DAY, "quiet 1 day; 88 % of leads with this rhythm would be"),
        ([START], 7 * DAY, "quiet 7 days; 50 % of leads with this rhythm would be"),
        # x = 9, t_x = 9: (16 / 25)^10 = 1.15 %
        (every(1, 10), 9 * DAY, "quiet 9 days; 1 % of leads with this rhythm would be"),
        (every(1, 10), 30 * DAY, "quiet 30 days; less than 1 % of leads with this rhythm would be"),
    ],
)
def test_it_is_said_in_words(moments, silence, words):
    assert RISK.explain(after(moments), moments[-1] + silence) == words


@pytest.mark.parametrize(
    "wrong", [{"mediumFrom": 0.7}, {"highFrom": 1}, {"mediumFrom": 0}, {"r": 0}, {"alpha": -1}, {"b": 0}]
)
def test_parameters_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValidationError):
        MbgNbdRiskSection.model_validate({"model": "dropout", **wrong})
