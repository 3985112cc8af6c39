"""Velocity, momentum and surge over sessions, against formulas worked out from all the events."""

from __future__ import annotations

from math import exp, lgamma, log, log2
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.events.event import Event
from domain.velocity.sessions import SessionVelocitySection

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = 20_000 * DAY
GAP = 30 * MINUTE
MAX = 20

RHYTHM = SessionVelocitySection(model="rhythm", prior_sessions=1, prior_days=2, surge_p=0.02).compile()


def activity(at):
    return Event(position=1, event_id="e", lead_id="l", type="x", occurred_at=at, received_at=at)


def after(moments, rhythm=RHYTHM):
    state = rhythm.initial()
    for at in moments:
        state = rhythm.evolve(state, activity(at))
    return state


def sessions_of(moments):
    """All moments in order; a gap of more than 30 minutes begins a new session."""
    sessions = []
    for at in sorted(moments):
        if sessions and at - sessions[-1][1] <= GAP:
            sessions[-1] = (sessions[-1][0], at)
        else:
            sessions.append((at, at))
    return sessions


def measured(moments, as_of, rhythm=RHYTHM):
    """Velocity, baseline, momentum and p of the specification; p leaves the latest session out of N_f."""
    begins = [begin for begin, _ in sessions_of(moments)]

    def count(half_life):
        return sum(2 ** (-(as_of - begin) / DAY / half_life) for begin in begins)

    def seen(half_life):
        beta = log(2) / half_life
        return (1 - exp(-beta * max((as_of - begins[0]) / DAY, 1))) / beta

    fast, slow, seen_fast, seen_slow = count(1), count(30), seen(1), seen(30)
    velocity = fast / seen_fast
    usual = rhythm.prior_sessions + 2 * max(slow - fast, 0)
    usual_days = rhythm.prior_days + 2 * max(seen_slow - seen_fast, 0)
    others = fast - 2 ** (-(as_of - begins[-1]) / DAY)
    q = 2 * seen_fast / (usual_days + 2 * seen_fast)
    momentum = log2(velocity / (usual / usual_days))
    if len(begins) == 1:
        momentum = min(momentum, 0.0)
    return velocity, max(momentum, -10.0), incomplete_beta(2 * others, usual, q)


def incomplete_beta(a, b, x, steps=4_000):
    """The regularised incomplete beta function by Simpson's rule; u = t^a takes the pole at 0 away."""
    if a < 1e-6:
        return 1.0
    top = x**a
    width = top / steps

    def height(u):
        return (1 - u ** (1 / a)) ** (b - 1)

    inside = sum((4 if n % 2 else 2) * height(n * width) for n in range(1, steps))
    area = (height(0) + inside + height(top)) * width / 3
    return area / a * exp(lgamma(a + b) - lgamma(a) - lgamma(b))


moments_of_leads = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from((0, 1, GAP - 1, GAP, GAP + 1, 2 * GAP, 5 * HOUR))),
    min_size=1,
    max_size=25,
).map(lambda drawn: [START + day * DAY // 2 + offset for day, offset in drawn])


def few(moments):
    return len(sessions_of(moments)) <= MAX


@given(data=st.data(), moments=moments_of_leads.filter(few))
@settings(max_examples=150, deadline=None)
def test_sessions_in_any_order_are_those_of_all_the_events_at_once(data, moments):
    state = after(data.draw(st.permutations(moments)))

    assert list(state.sessions) == sessions_of(moments)
    assert state.first_at == min(moments)
    assert not state.forgotten


@given(
    data=st.data(),
    minutes=st.lists(st.integers(0, 300), min_size=1, max_size=20),
)
@settings(max_examples=150, deadline=None)
def test_late_events_that_lengthen_join_or_precede_a_session_give_the_same_pace(data, minutes):
    moments = [START + minute * MINUTE for minute in minutes]
    as_of = max(moments) + data.draw(st.integers(0, 5 * DAY))

    pace = RHYTHM.measure(after(data.draw(st.permutations(moments))), as_of)

    velocity, momentum, _ = measured(moments, as_of)
    assert pace.velocity == pytest.approx(velocity, abs=1e-9)
    assert pace.momentum == pytest.approx(momentum, abs=1e-6)


@given(data=st.data(), moments=moments_of_leads.filter(few))
@settings(max_examples=60, deadline=None)
def test_the_pace_is_what_the_formulas_say(data, moments):
    as_of = max(moments) + data.draw(st.sampled_from((0, MINUTE, HOUR, DAY, 9 * DAY)))

    pace = RHYTHM.measure(after(moments), as_of)

    velocity, momentum, p = measured(moments, as_of)
    recent = [begin for begin, _ in sessions_of(moments) if as_of - begin <= 2 * DAY]
    assert pace.velocity == pytest.approx(velocity, abs=1e-9)
    assert pace.momentum == pytest.approx(momentum, abs=1e-6)
    if abs(p - 0.02) > 1e-3:
        assert pace.surge is (p < 0.02 and len(recent) >= 2)


@pytest.mark.parametrize(
    ("a", "b", "x", "value"),
    [(1, 1, 0.3, 0.3), (2, 1, 0.5, 0.25), (1, 3, 0.5, 0.875), (0.5, 0.5, 0.5, 0.5), (3, 4, 0.4, 0.45568)],
)
def test_the_reference_knows_the_beta_function(a, b, x, value):
    assert incomplete_beta(a, b, x) == pytest.approx(value, abs=1e-4)


def test_one_event_is_one_session_at_the_usual_pace_at_most():
    pace = RHYTHM.measure(after([START]), START)

    # N_f = 1; E_f of one day = (1 - 1/2) / ln 2
    assert pace.velocity == pytest.approx(2 * log(2))
    assert pace.momentum <= 0
    assert not pace.surge


def test_however_many_events_one_session_is_never_a_surge():
    moments = [START + number * MINUTE for number in range(500)]

    assert not any(RHYTHM.measure(after(moments), START + later).surge for later in (9 * HOUR, DAY, 3 * DAY))


def test_a_quiet_lead_that_comes_six_times_in_a_day_surges_and_a_busy_one_does_not():
    burst = [START + 60 * DAY + number * 2 * HOUR for number in range(6)]
    quiet = [START + day * DAY for day in range(0, 60, 12)]
    busy = [START + 54 * DAY + number * 4 * HOUR for number in range(36)]
    as_of = burst[-1] + MINUTE

    assert RHYTHM.measure(after(quiet + burst), as_of).surge
    assert not RHYTHM.measure(after(busy + burst), as_of).surge


def test_the_more_sessions_a_quiet_lead_has_the_more_of_a_surge_it_is():
    usual = [START + day * DAY for day in range(0, 40, 8)]
    as_of = START + 41 * DAY

    momenta = [
        RHYTHM.measure(after(usual + [START + 40 * DAY + n * HOUR for n in range(count)]), as_of).momentum
        for count in range(1, 9)
    ]

    assert momenta == sorted(momenta)


def test_a_lead_that_was_never_active_has_no_pace():
    pace = RHYTHM.measure(RHYTHM.initial(), START)

    assert (pace.velocity, pace.momentum, pace.surge) == (0, 0, False)
    assert RHYTHM.explain(RHYTHM.initial(), START) == "never active"


@pytest.mark.parametrize("years", [1, 10, 100])
def test_a_silence_of_years_has_finite_numbers(years):
    pace = RHYTHM.measure(after([START, START + DAY]), START + years * 365 * DAY)

    assert pace.velocity == pytest.approx(0, abs=1e-12)
    assert pace.momentum == -10
    assert not pace.surge
    assert RHYTHM.explain(after([START]), START + years * 365 * DAY) == "no sessions lately"


def test_a_state_stays_small_however_long_the_stream():
    seed, state = Random(3), RHYTHM.initial()
    for number in range(5_000):
        state = RHYTHM.evolve(state, activity(START + number * HOUR + seed.randrange(10) * DAY))

    assert len(state.sessions) == MAX
    assert state.forgotten
    assert len(msgspec.json.encode(state)) < 1_500
    assert 0 < RHYTHM.measure(state, START + 6_000 * HOUR).velocity < 100


def test_a_late_event_before_all_that_is_remembered_changes_nothing():
    state = after(START + number * DAY for number in range(30))

    assert RHYTHM.evolve(state, activity(START + 5 * DAY)) == state
    assert RHYTHM.evolve(state, activity(START - 5 * DAY)) == state


@pytest.mark.parametrize(
    ("moments", "later", "words"),
    [
        ([START], 0, "1.4 sessions a day now, as usual"),
        ([START + n * DAY for n in range(20)], 0, "sessions a day now, as usual"),
        ([START + n * DAY for n in range(20)], 3 * DAY, "sessions a day now, less than usual"),
        ([START + n * DAY for n in range(20)], 30 * DAY, "no sessions lately"),
    ],
)
def test_it_is_said_in_words(moments, later, words):
    assert words in RHYTHM.explain(after(moments), moments[-1] + later)


def test_a_surge_is_said_with_how_many_times_the_usual_pace_it_is():
    moments = [START, *(START + 29 * DAY + n * HOUR for n in range(8))]
    state, as_of = after(moments), START + 29 * DAY + 8 * HOUR

    times = round(2 ** measured(moments, as_of)[1])

    assert RHYTHM.explain(state, as_of).endswith(f"a surge: {times} times its usual pace")


BUSY = [START + n * DAY for n in range(6)]
YEARS = 365 * DAY


def paced(moments, as_of):
    reading = RHYTHM.measure(after(moments), as_of)
    return reading.velocity, reading.momentum, reading.surge


@pytest.mark.parametrize(
    "stray",
    [[0], [1, HOUR], [START - 31 * DAY], [START - 3 * YEARS], [0, START - 5 * YEARS, START - 2 * YEARS]],
    ids=["1970", "two in 1970", "a month before", "years before", "several, apart"],
)
def test_single_events_long_before_the_others_make_no_surge_and_no_momentum(stray):
    as_of = BUSY[-1]

    velocity, momentum, surge = paced([*stray, *BUSY], as_of)
    without = paced(BUSY, as_of)

    assert (velocity, surge) == (pytest.approx(without[0]), without[2])
    assert momentum <= without[1] + 1e-9  # what is left of a stray session makes the usual pace higher
    assert momentum == pytest.approx(without[1], abs=0.3)


def test_the_control_a_history_before_a_long_silence_counts():
    history = [START - 90 * DAY + n * DAY for n in range(3)]
    returning = [START, START + HOUR, START + 2 * HOUR]

    assert paced([*history, *returning], returning[-1])[1] > paced(returning, returning[-1])[1] + 0.5


def test_of_a_lead_with_one_session_besides_stray_ones_nothing_is_above_usual():
    assert paced([0, START], START)[1] <= 0


def test_few_sessions_before_a_long_silence_are_stray_beside_very_many():
    few, many = [0, DAY, 2 * DAY], [START + n * DAY for n in range(58)]

    assert after([*few, *many[:57]]).observed.at == 0  # 3 of 60
    assert after([*few, *many]).observed.at == START  # 3 of 61
