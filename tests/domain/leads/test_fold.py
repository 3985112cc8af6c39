"""One step of the fold, by example: state, assessment and the row of history that it leaves."""

from __future__ import annotations

import pytest

from domain.leads.assess import assess
from domain.leads.fold import evolve, fold
from domain.leads.state import initial_state

HOUR = 3_600_000
DAY = 24 * HOUR
START = 20_000 * DAY


def gained(row):
    return sum(contribution.points for contribution in row.contributions)


def test_a_new_lead_has_nothing_and_is_a_high_risk(classic):
    state = initial_state("lead-1", classic)

    assert (state.lead_id, state.position, state.rulebook) == ("lead-1", 0, "classic@2")
    assert (state.assessment.score, state.assessment.stage) == (0, "cold")
    assert (state.assessment.velocity, state.assessment.risk) == (0, "high")


def test_six_events_make_a_cold_lead_qualified(folded, stream):
    six = ("page_view", "email_open", "page_view", "download", "signup", "demo_request")

    after = folded(stream(*((type_, START + n * HOUR) for n, type_ in enumerate(six))))

    assert [row.new_score for row in after.rows] == [1, 4, 5, 15, 35, 65]
    assert [row.stage_after for row in after.rows] == ["cold", "cold", "cold", "warm", "hot", "qualified"]
    assert after.state.assessment.score == 65
    assert after.state.assessment.velocity == 18
    assert after.state.assessment.risk == "low"
    assert after.state.assessment.next_action == "immediate_outreach"


def test_a_row_says_what_it_was_and_what_the_event_and_the_time_before_it_made_of_it(folded, stream):
    # Given 65 points and a page view after exactly 8 days
    events = stream(
        ("demo_request", START),
        ("demo_request", START),
        ("page_view", START),
        ("page_view", START),
        ("email_open", START),
        ("page_view", START + 8 * DAY),
    )

    row = folded(events).rows[-1]

    # Then 65 x 0.64 = 41.6, plus 1
    assert row.previous_score == 65
    assert row.decay == pytest.approx(-23.4)
    assert [(c.rule_id, c.points) for c in row.contributions] == [("page_view", 1)]
    assert row.new_score == pytest.approx(42.6)
    assert (row.stage_before, row.stage_after) == ("qualified", "hot")
    assert (row.position, row.event_id, row.lead_id, row.type) == (6, "event-6", "lead-1", "page_view")
    assert (row.occurred_at, row.at, row.rulebook) == (START + 8 * DAY, START + 8 * DAY, "classic@2")


def test_a_row_is_written_at_the_moment_of_its_event_however_late_that_arrived(folded, stream):
    late, first = folded(stream(("page_view", START + DAY), ("email_open", START))).rows

    assert (late.position, late.occurred_at, late.at, late.new_score) == (2, START, START, 3)
    assert (first.position, first.occurred_at, first.at, first.new_score) == (1, START + DAY, START + DAY, 4)


def test_an_unknown_type_is_an_activity_worth_nothing(folded, stream):
    after = folded(stream(("signup", START), ("webinar", START + 6 * DAY)))

    assert after.rows[-1].contributions == ()
    assert after.state.assessment.score == 20
    assert after.state.assessment.velocity == 3
    assert after.state.assessment.risk == "low"
    assert after.state.activities == 2


@pytest.mark.parametrize(
    ("type_", "source"),
    [
        ("lead.updated", "crm"),
        ("stage.set", "crm"),
        ("stage.cleared", "crm"),
        ("tag.added", "crm"),
        ("tag.removed", "crm"),
        ("score.decayed", "lead-engine"),
        ("page_view", "lead-engine"),
    ],
)
def test_bookkeeping_shows_the_passing_of_time_and_ends_no_silence(folded, stream, type_, source):
    after = folded(stream(("signup", START), (type_, START + 8 * DAY, source)))

    row, state = after.rows[-1], after.state
    assert row.decay == pytest.approx(-7.2)
    assert row.contributions == ()
    assert row.new_score == state.assessment.score == pytest.approx(12.8)
    assert (state.assessment.risk, state.assessment.velocity) == ("high", 0)
    assert (state.activities, state.last_activity_at) == (1, START)
    assert (state.position, state.clock) == (2, START + 8 * DAY)


def test_the_first_and_last_activity_are_by_time_not_by_arrival(folded, stream):
    state = folded(
        stream(("page_view", START + DAY), ("page_view", START), ("page_view", START + HOUR))
    ).state

    assert (state.first_activity_at, state.last_activity_at) == (START, START + DAY)


def test_the_stage_is_dated_from_the_moment_that_brought_it(folded, stream):
    events = stream(("signup", START), ("page_view", START + HOUR), ("demo_request", START + 2 * HOUR))

    assert folded(events[:2]).state.stage_since == START
    assert folded(events).state.stage_since == START + 2 * HOUR


def test_a_lead_that_stays_in_the_lowest_stage_is_in_it_since_its_first_event(folded, stream):
    assert folded(stream(("page_view", START), ("page_view", START + DAY))).state.stage_since == START


def test_tags_are_kept_in_the_order_in_which_they_were_last_added(folded, event):
    def tag(verb, name, position):
        return event(f"tag.{verb}", position=position, properties={"tag": name})

    events = [
        tag("added", "vip", 1),
        tag("added", "emea", 2),
        tag("added", "trial", 3),
        tag("removed", "emea", 4),
        tag("added", "vip", 5),
        tag("removed", "never-there", 6),
    ]

    assert folded(events).state.tags == ("trial", "vip")


@pytest.mark.parametrize("properties", [{}, {"tag": 5}, {"tag": None}, {"tag": ["vip"]}, {"name": "vip"}])
def test_a_tag_event_without_a_name_changes_no_tags_and_breaks_nothing(folded, event, properties):
    before = event("tag.added", properties={"tag": "vip"})

    for type_ in ("tag.added", "tag.removed"):
        assert folded([before, event(type_, position=2, properties=properties)]).state.tags == ("vip",)


def test_the_engines_own_tags_count_as_tags(folded, event):
    tagged = event("tag.added", source="lead-engine", properties={"tag": "going-cold"})

    assert folded([tagged]).state.tags == ("going-cold",)


def test_only_the_50_newest_tags_are_kept_and_the_lead_says_so(folded, event):
    events = [event("tag.added", position=n, properties={"tag": f"tag-{n}"}) for n in range(1, 61)]

    assert folded(events).state.tags == tuple(f"tag-{n}" for n in range(11, 61))
    assert folded(events).state.tags_overflowed
    again = event("tag.added", position=51, properties={"tag": "tag-1"})
    assert not folded([*events[:50], again]).state.tags_overflowed


def test_one_step_moves_only_the_copy(classic, event):
    before = initial_state("lead-1", classic)

    after, _ = evolve(before, event("signup"), classic)

    assert before == initial_state("lead-1", classic)
    assert after.assessment.score == 20


def test_folding_nothing_changes_nothing(classic):
    before = initial_state("lead-1", classic)

    after = fold(before, [], classic)

    assert (after.state, after.rows, after.firings) == (before, (), ())


def test_a_read_later_sees_score_stage_velocity_risk_and_action_all_move_with_time(classic, folded, stream):
    # Given 65 points, three activities in the last day
    state = folded(stream(("demo_request", START), ("demo_request", START), ("page_view", START))).state

    def at(later):
        assessment = assess(state, START + later, classic)
        return (
            round(assessment.score, 9),
            assessment.stage,
            assessment.velocity,
            assessment.risk,
            assessment.next_action,
        )

    assert at(0) == (61, "qualified", 9, "low", "immediate_outreach")
    assert at(DAY) == (61, "qualified", 0, "low", "immediate_outreach")
    assert at(3 * DAY + 1) == (61, "qualified", 0, "medium", "re_engage")
    assert at(7 * DAY) == (61, "qualified", 0, "medium", "re_engage")
    assert at(7 * DAY + 1) == (48.8, "hot", 0, "high", "schedule_demo")
    assert at(9 * DAY + 12 * HOUR) == (31.232, "hot", 0, "high", "schedule_demo")  # 61 x 0.512
    assert at(10 * DAY) == (24.9856, "warm", 0, "high", "nurture_campaign")  # 61 x 0.4096
    assert at(14 * DAY) == (10.23410176, "cold", 0, "high", "monitor")  # 61 x 0.8^8


def test_a_sticky_stage_remembers_where_the_lead_was(rulebook, folded, stream):
    rules = rulebook(
        stages={"hysteresis": 0.15, "steps": [{"name": "cold"}, {"name": "warm", "from": 20}]},
        nextAction=[{"action": "wait"}],
        automations=[],
    )
    state = folded(stream(("signup", START)), rules).state

    # 16 is under 17, where "warm" ends
    assert assess(state, START + 7 * DAY, rules).stage == "warm"
    assert assess(state, START + 7 * DAY + 1, rules).stage == "cold"

    # With a point more, 16.8 is still under 17; with two more, 17.6 is within the band
    for views, stage in ((1, "cold"), (2, "warm")):
        more = folded(stream(("signup", START), *[("page_view", START)] * views), rules).state
        assert assess(more, START + 7 * DAY + 1, rules).stage == stage
