"""The score of `standard`, against a reference that sums over all events and keeps nothing."""

from __future__ import annotations

from itertools import pairwise, permutations
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.leads.intelligence import rounded_parts
from domain.scoring.breakdown import Score
from domain.scoring.half_life_section import GradesSection, HalfLifeScoreSection

DAY = 86_400_000
START = 20_000 * DAY


def section(rules, **rest):
    """A score section with one group called web."""
    defaults = {"group": "web", "event": ["visit"], "points": 10, "halfLifeDays": 20}
    written = [{"id": f"rule-{number}", **defaults, **rule} for number, rule in enumerate(rules)]
    return {"model": "half-life", "groups": [{"id": "web"}], "rules": written, **rest}


def evolved(model, events):
    state = model.initial()
    for event in events:
        state = model.evolve(state, event)
    return state


@pytest.fixture
def score(event):
    """The score of a lead with these events, (type, days after the start) each, under a section."""

    def scored(written, *facts, days=0):
        model = HalfLifeScoreSection.model_validate(written).compile()
        events = [event(type_, START + round(later * DAY)) for type_, later in facts]
        return model.breakdown(evolved(model, events), START + round(days * DAY))

    return scored


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_stream_in_any_order_scores_what_the_sum_over_all_its_events_says(
    standard, standard_sections, standard_streams, half_life_reference, data
):
    events = data.draw(standard_streams())
    as_of = max((one.occurred_at for one in events), default=START) + data.draw(st.integers(0, 90 * DAY))
    reference = half_life_reference(standard_sections["score"])

    state = evolved(standard.score, data.draw(st.permutations(events)))
    found = standard.score.breakdown(state, as_of)

    assert found.engagement == pytest.approx(reference.engagement(events, as_of), abs=1e-9)
    assert found.fit == reference.fit(events)
    assert found.score == pytest.approx(reference.score(events, as_of), abs=1e-9)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_the_parts_sum_to_the_score_and_say_what_decay_caps_and_weights_made_of_each(
    standard, standard_streams, data
):
    events = data.draw(standard_streams())
    as_of = max((one.occurred_at for one in events), default=START) + data.draw(st.integers(0, 90 * DAY))
    state = evolved(standard.score, events)

    parts = standard.score.explain(state, as_of)
    found = standard.score.breakdown(state, as_of)

    assert sum(part.points for part in parts) == pytest.approx(found.score, abs=1e-9)
    assert standard.score.total(state, as_of) == Score(found.score, found.fit, found.engagement)
    for part in parts:
        assert part.raw_points + part.faded + part.clamped == pytest.approx(part.points, abs=1e-9)
    for part in rounded_parts(parts, found.score):
        cents = [round(100 * term) for term in (part.raw_points, part.faded, part.clamped, part.points)]
        assert sum(cents[:3]) == cents[3]
    groups = standard.score.group_points(state, as_of)
    engagement = min(max(sum(groups.values()), 0), 100)
    assert engagement == pytest.approx(found.engagement, abs=1e-9)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_an_explanation_does_not_depend_on_the_order_of_arrival(standard, standard_streams, data):
    events = data.draw(standard_streams())
    as_of = max((one.occurred_at for one in events), default=START)

    def said(order):
        parts = standard.score.explain(evolved(standard.score, order), as_of)
        return {
            part.rule_id: (part.count, part.raw_points, part.last_event_at) for part in parts if part.count
        }

    assert said(events) == said(data.draw(st.permutations(events)))


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_points_above_nought_only_fall(standard_sections, half_life_reference, standard_streams, data):
    # Given `standard` without rules that take points
    rules = [rule for rule in standard_sections["score"]["rules"] if rule["points"] > 0]
    model = HalfLifeScoreSection.model_validate({**standard_sections["score"], "rules": rules}).compile()
    state = evolved(model, data.draw(standard_streams()))
    moments = sorted(data.draw(st.lists(st.integers(0, 400 * DAY), min_size=2, max_size=6)))

    scores = [model.breakdown(state, START + 800 * DAY + moment).score for moment in moments]

    assert all(one >= other - 1e-9 for one, other in pairwise(scores))


def test_half_the_points_are_left_after_a_half_life(score):
    assert score(section([{}]), ("visit", 0), days=20).score == 5
    assert score(section([{"halfLifeDays": None}]), ("visit", 0), days=2_000).score == 10


@pytest.mark.parametrize("order", list(permutations([("good", 0), ("good", 0), ("bad", 0)])))
def test_a_cap_is_taken_when_read_so_that_the_order_does_not_matter(score, order):
    # 15 + 15 - 10 = 20 in a group of at most 20; capped when written it would be 10 or 20
    rules = [{"event": "good", "points": 15}, {"event": "bad", "points": -10}]
    capped = section(rules, groups=[{"id": "web", "cap": {"low": 0, "high": 20}}])

    assert score(capped, *order).score == 20
    # Days later all three have faded alike: 20 x 0.5, not a faded cap of 30
    assert score(capped, *order, days=20).score == 10


@pytest.mark.parametrize(
    ("cap", "events", "points"),
    [({"low": 0, "high": 12}, 2, 12), ({"low": 0, "high": 25}, 2, 20), ({"low": 30, "high": 40}, 2, 30)],
)
def test_a_rule_stays_within_its_cap(score, cap, events, points):
    assert score(section([{"cap": cap}]), *[("visit", 0)] * events).score == points


def test_what_is_over_a_cap_is_not_lost_it_keeps_a_lead_at_the_cap_for_longer(score):
    # 80 points with a cap of 20 fade for two half-lives before the cap lets go
    capped = section([{"cap": {"high": 20}}])

    scores = [score(capped, *[("visit", 0)] * 8, days=days).score for days in (0, 20, 40, 60)]

    assert scores == [20, 20, 20, 10]


def test_all_is_within_0_and_100(score):
    wide = {"groups": [{"id": "web", "cap": {"low": -500, "high": 500}}]}

    assert score(section([{"points": 300}], **wide), ("visit", 0)).score == 100
    assert score(section([{"points": -300}], **wide), ("visit", 0)).score == 0


def test_each_limit_is_a_part_of_the_explanation(score):
    # 90 of a rule capped at 60, 50 of another: 110, of which the group keeps 70
    rules = [{"points": 90, "cap": {"high": 60}}, {"points": 50}]

    found = score(section(rules, groups=[{"id": "web", "cap": {"high": 70}}]), ("visit", 0))

    assert found.points == {"rule-0": 60, "rule-1": 50, "cap-web": -40}
    assert found.score == 70


FIT = {
    "weight": 0.4,
    "attributes": [
        {
            "id": "size",
            "attribute": "size",
            "label": "Size",
            "cases": [{"when": 5, "points": 60}],
            "unknown": 20,
        },
        {"id": "role", "attribute": "role", "cases": [{"when": "vp", "points": 60}], "otherwise": -30},
    ],
}


@pytest.mark.parametrize(
    ("known", "fit", "score_", "parts"),
    [
        (None, None, 50, {"rule-0": 50}),  # engagement alone
        ({"size": 5}, 60, 54, {"rule-0": 30, "fit-size": 24}),
        ({"size": 6}, 0, 30, {"rule-0": 30, "fit-size": 0}),
        ({"role": "vp"}, 80, 62, {"rule-0": 30, "fit-size": 8, "fit-role": 24}),
        ({"size": 5, "role": "vp"}, 100, 70, {"rule-0": 30, "fit-size": 24, "fit-role": 24, "cap-fit": -8}),
        ({"role": "cto"}, 0, 30, {"rule-0": 30, "fit-size": 8, "fit-role": -12, "cap-fit": 4}),
        ({"size": None}, None, 50, {"rule-0": 50}),
    ],
)
def test_fit_weighs_in_as_soon_as_anything_is_known(event, known, fit, score_, parts):
    model = HalfLifeScoreSection.model_validate(section([{"points": 50}], fit=FIT)).compile()
    updates = [] if known is None else [event("lead.updated", properties=known)]

    found = model.breakdown(evolved(model, [event("visit"), *updates]), START)

    assert found.fit == fit
    assert found.score == pytest.approx(score_)
    assert found.points == pytest.approx(parts)


def test_fit_does_not_fade(event):
    model = HalfLifeScoreSection.model_validate(section([{}], fit=FIT)).compile()
    state = evolved(model, [event("visit"), event("lead.updated", properties={"size": 5})])

    assert model.breakdown(state, START + 4_000 * DAY).score == pytest.approx(24)


@pytest.mark.parametrize(
    ("fit", "engagement", "grade"),
    [
        (100, 100, "A1"),
        (75, 60, "A1"),
        (74.999, 59.999, "B2"),
        (50, 35, "B2"),
        (49.999, 34.999, "C3"),
        (30, 15, "C3"),
        (29.999, 14.999, "D4"),
        (0, 0, "D4"),
        (None, 60, "?1"),
        (None, 0, "?4"),
    ],
)
def test_the_grade_is_a_letter_for_fit_and_a_digit_for_engagement(fit, engagement, grade):
    assert GradesSection(fit=(75, 50, 30), engagement=(60, 35, 15)).compile().of(fit, engagement) == grade


@pytest.mark.parametrize(
    ("where", "counts"),
    [
        ({}, 5),
        ({"path": {"prefix": "/pricing"}}, 2),
        ({"path": {"exists": False}}, 1),
        ({"path": "/PRICING"}, 1),
        ({"seconds": {"range": [10, None]}}, 3),
        ({"anyOf": [{"path": "/docs"}, {"seconds": {"range": [None, 10]}}]}, 3),
        ({"anyOf": [{"path": "/docs"}, {"seconds": {"range": [30, None]}}], "path": {"prefix": "/p"}}, 1),
        ({"allOf": [{"path": {"prefix": "/p"}}, {"seconds": True}]}, 1),
        ({"path": {"prefix": "/pricing"}, "seconds": {"range": [10, None]}}, 1),
    ],
)
def test_a_rule_counts_the_events_whose_properties_are_as_it_says(event, where, counts):
    model = HalfLifeScoreSection.model_validate(section([{"where": where}])).compile()
    seen = [
        {"path": "/pricing", "seconds": 30},
        {"path": "/Pricing/eu", "seconds": True},
        {"path": "/docs", "seconds": "30"},
        {"seconds": 10},
        {"path": 7, "seconds": 9},
    ]

    found = model.breakdown(evolved(model, [event("visit", properties=one) for one in seen]), START)

    assert found.score == counts * 10


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_the_effect_of_an_event_is_the_difference_of_the_breakdowns_without_and_with_it(
    standard, standard_streams, data
):
    model, clock = standard.score, START
    state = model.initial()
    for one in data.draw(standard_streams()):
        clock = max(clock, one.occurred_at)
        after = model.evolve(state, one)
        old, new = model.breakdown(state, clock), model.breakdown(after, clock)

        change = model.change(one, state, after, clock)

        assert (change.before, change.after) == (old.score, new.score)  # to the last bit
        names = old.points | new.points
        moved = {name: new.points.get(name, 0.0) - old.points.get(name, 0.0) for name in names}
        given = {part.rule_id: part.points for part in change.contributions}
        assert given == {name: points for name, points in moved.items() if points}
        state = after


def test_bookkeeping_and_the_engines_own_events_give_nothing(event):
    model = HalfLifeScoreSection.model_validate(section([{}])).compile()

    assert evolved(model, [event("visit", source="lead-engine"), event("tag.added")]) == model.initial()


def test_the_state_before_is_left_as_it_was(standard, event):
    first = standard.score.evolve(standard.score.initial(), event("page_view"))
    before = msgspec.json.encode(first)

    standard.score.evolve(first, event("page_view", START + 1))
    standard.score.evolve(first, event("lead.updated", properties={"seniority": "vp"}))

    assert msgspec.json.encode(first) == before


def test_a_state_stays_small_however_long_and_varied_the_stream(standard, event):
    # Given 20,000 events over 11 years with ever new pages and values
    seed, model = Random(11), standard.score
    types = sorted(set(model.rules_by_type) | {"lead.updated", "other"})
    state = model.initial()
    for number in range(20_000):
        properties = {
            "asset": f"{number}" * 30,
            "path": "/pricing",
            "seniority": "x" * 500,
            "noise": "y" * 500,
        }
        at = START + seed.randrange(4_000) * DAY + number
        state = model.evolve(state, event(seed.choice(types), at, properties=properties))

    # Then what is remembered has stopped growing at 100 days or assets a rule
    assert all(len(register.seen.moments) <= 100 for register in state.registers.values())
    assert len(msgspec.json.encode(state)) < 80_000


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"rules": []}, "at least 1"),
        ({"groups": []}, "at least 1"),
        (section([{"id": "a"}, {"id": "a"}]), "'a' is there twice"),
        ({"groups": [{"id": "web"}, {"id": "web"}]}, "'web' is there twice"),
        (section([{"group": "shop"}]), "there is no group 'shop'; write one of web"),
        (section([{"cap": {"low": 5, "high": 4}}]), "must not be above high"),
        (section([{"halfLifeDays": 0}]), "greater than 0"),
        (section([{"points": True}]), "should be a number"),
        (section([{"event": "lead.updated"}]), "cannot score"),
        (section([{"id": "cap-web"}]), "choose another"),
        (section([{"id": "fit-size"}]), "choose another"),
        ({"groups": [{"id": "web"}, {"id": "fit"}]}, "cannot be called 'fit'"),
        ({"groups": [{"id": "web"}, {"id": "engagement"}]}, "cannot be called 'engagement'"),
    ],
)
def test_a_section_that_makes_no_sense_is_refused(wrong, message):
    with pytest.raises(ValidationError, match=message):
        HalfLifeScoreSection.model_validate({**section([{}]), **wrong})
