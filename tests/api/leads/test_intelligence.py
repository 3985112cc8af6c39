"""GET /api/leads/{leadId}/intelligence: a lead at any moment, explained."""

from __future__ import annotations

import pytest

PATH = "/api/leads/ada/intelligence"


def some(names, answer):
    """The named parts of an answer."""
    return {name: answer[name] for name in names.split()}


async def test_six_events_make_a_qualified_lead_of_65_points(api, ada):
    found = await api.get(PATH)
    assert some("leadId asOf position score stage velocity risk nextAction tags rulebook", found) == {
        "leadId": "ada",
        "asOf": api.at(),
        "position": 8,
        "score": 65.0,
        "stage": "qualified",
        "velocity": 18.0,
        "risk": "low",
        "nextAction": "immediate_outreach",
        "tags": [],
        "rulebook": {"name": "classic", "version": 2},
    }
    assert some("velocity risk nextAction activities firstActivityAt lastActivityAt", found["details"]) == {
        "velocity": "6 events in the last 24 hours",
        "risk": "active within the last day",
        "nextAction": "Qualified and active in the last days.",
        "activities": 6,
        "firstActivityAt": api.at(),
        "lastActivityAt": api.at(),
    }


async def test_every_point_has_its_reason_the_largest_first(api, ada):
    reasons = (await api.get(PATH))["reasons"]
    assert [some("ruleId label points rawPoints count lastEventAt", reason) for reason in reasons] == [
        {
            "ruleId": rule,
            "label": label,
            "points": points,
            "rawPoints": points,
            "count": count,
            "lastEventAt": api.at(),
        }
        for rule, label, points, count in [
            ("demo_request", "Requested a demo", 30.0, 1),
            ("signup", "Signed up", 20.0, 1),
            ("download", "Downloaded something", 10.0, 1),
            ("email_open", "Opened an e-mail", 3.0, 1),
            ("page_view", "Viewed a page", 2.0, 2),
        ]
    ]


@pytest.mark.parametrize("days", [0, 6.9, 7, 7.1, 8, 9.5, 11, 20, 61])
async def test_the_reasons_sum_to_the_score_at_any_moment(api, ada, days):
    found = await api.get(PATH, asOf=api.at(days=days))
    assert sum(round(100 * reason["points"]) for reason in found["reasons"]) == round(100 * found["score"])


async def test_eight_days_later_decay_shows_without_any_job(api, ada):
    found = await api.get(PATH, asOf=api.at(days=8))
    assert (found["score"], found["stage"], found["velocity"]) == (41.6, "hot", 0.0)
    assert (found["risk"], found["nextAction"]) == ("high", "schedule_demo")
    assert found["asOf"] == api.at(days=8)
    api.wait(days=8)
    assert await api.get(PATH) == found


async def test_a_moment_in_the_past_counts_what_had_occurred_by_then(api):
    await api.store(
        {"leadId": "ada", "type": "signup", "occurredAt": api.at(days=-2)},
        {"leadId": "ada", "type": "demo_request", "occurredAt": api.at(days=-1)},
        {"leadId": "ada", "type": "download", "occurredAt": api.at()},
    )
    await api.work()
    for days, score, activities in [
        (-2, 20.0, 1),
        (-1.5, 20.0, 1),
        (-1, 50.0, 2),
        (-0.001, 50.0, 2),
        (0, 60.0, 3),
    ]:
        found = await api.get(PATH, asOf=api.at(days=days))
        assert (found["score"], found["details"]["activities"]) == (score, activities), days


async def test_before_its_first_event_there_is_no_lead(api, ada):
    answer = await api.http.get(PATH, params={"asOf": api.at(milliseconds=-1)})
    assert "ada" in api.problem(answer, 404)["detail"]


async def test_known_at_leaves_out_what_was_received_later(api):
    await api.store({"leadId": "ada", "type": "signup", "occurredAt": api.at()})
    api.wait(hours=3)
    await api.store({"leadId": "ada", "type": "demo_request", "occurredAt": api.at(hours=1)})  # sent late
    await api.work()
    assert (await api.get(PATH, asOf=api.at(hours=2)))["score"] == 50.0
    assert (await api.get(PATH, asOf=api.at(hours=2), knownAt=api.at(hours=2)))["score"] == 20.0
    assert (await api.get(PATH, asOf=api.at(hours=2), knownAt=api.at(hours=3)))["score"] == 50.0
    assert (await api.get(PATH, knownAt=api.at(hours=2.9)))["score"] == 20.0
    answer = await api.http.get(PATH, params={"knownAt": api.at(milliseconds=-1)})
    api.problem(answer, 404)


async def test_events_that_no_worker_has_applied_to_a_new_lead_count_already(api):
    await api.store({"leadId": "ada", "type": "signup"})
    assert (await api.get(PATH))["score"] == 20.0


async def test_an_event_from_a_clock_that_is_ahead_counts_at_once(api):
    (position,) = await api.store({"leadId": "ada", "type": "signup", "occurredAt": api.at(seconds=30)})
    await api.work()
    found = await api.get(PATH, after=position)
    assert (found["score"], found["position"]) == (20.0, position)


async def test_an_unknown_lead_is_404(api):
    problem = api.problem(await api.http.get("/api/leads/nobody/intelligence"), 404)
    assert problem["code"] == "not-found"
    assert problem["detail"] == "There is no lead 'nobody'."
    assert "errors" not in problem


async def test_a_rulebook_can_be_named(api, ada):
    assert await api.get(PATH, rulebook="classic") == await api.get(PATH)


@pytest.mark.parametrize(
    "name",
    [
        "classicc",
        "",
        "../classic",
        "/etc/passwd",
        "$gt",
        "classic.yaml",
        "classic@",
        "classic@99",
        "@",
        "a\0b",
    ],
)
async def test_an_unknown_rulebook_is_refused_and_the_known_ones_are_named(api, name):
    problem = api.problem(await api.http.get(PATH, params={"rulebook": name}), 400)
    (fault,) = problem["errors"]
    assert fault["pointer"] == "?rulebook"
    assert "classic" in fault["detail"]


async def test_what_if_some_types_of_events_had_not_happened(api, ada):
    for without, score, stage in [
        ("demo_request", 35.0, "hot"),
        ("demo_request,signup", 15.0, "warm"),
        ("signup, demo_request", 15.0, "warm"),
        ("d*", 25.0, "warm"),
        ("page", 65.0, "qualified"),
        ("page_*", 63.0, "qualified"),
        ("nothing", 65.0, "qualified"),
    ]:
        found = await api.get(PATH, without=without)
        assert (found["score"], found["stage"]) == (score, stage), without
    assert (await api.get(PATH))["score"] == 65.0


@pytest.mark.parametrize(
    "without",
    ["", "*", ",", "signup,", "*.opened", "a*b", "$gt", ".*", "^signup$", "sign\nup", "x" * 501],
    ids=ascii,
)
async def test_what_is_no_type_of_event_cannot_be_left_out(api, without):
    problem = api.problem(await api.http.get(PATH, params={"without": without}), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == ["?without"]


@pytest.mark.parametrize("name", ["asOf", "knownAt"])
@pytest.mark.parametrize(
    "said",
    [
        "",
        "now",
        "null",
        "2026-11-22",
        "2026-11-22T12:00:00",
        "2026-11-22T12:00:00 02:00",
        "1795348800",
        "1795348800000",
        "1e400",
        "NaN",
        "0000-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "$gt",
        '{"$gt":""}',
        "\0",
    ],
    ids=ascii,
)
async def test_what_is_not_a_moment_is_refused_by_name(api, name, said):
    problem = api.problem(await api.http.get(PATH, params={name: said}), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == [f"?{name}"]
    assert "2026-11-22T12:00:00Z" in problem["errors"][0]["detail"]


async def test_an_offset_is_understood(api, ada):
    assert (await api.get(PATH, asOf="2026-11-22T14:00:00+02:00"))["asOf"] == api.at()


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("0001-01-01T00:00:00Z", 404),
        ("0001-01-01T00:00:00+14:00", 404),
        ("9999-12-31T23:59:59.999999Z", 200),
        ("9999-12-31T23:59:59-14:00", 200),
    ],
)
async def test_the_ends_of_the_calendar_are_moments_like_others(api, ada, said, status):
    for name in ("asOf", "knownAt"):
        answer = await api.http.get(PATH, params={name: said})
        assert answer.status_code == status, answer.text
    if status == 200:
        assert (await api.get(PATH, asOf=said))["score"] == 0.0


async def test_a_lead_whose_stored_state_cannot_be_read_is_answered_from_its_events(api):
    await api.store({"leadId": "ada", "type": "signup"}, {"leadId": "ada", "type": "page_view"})
    await api.work()
    right = await api.get("/api/leads/ada/intelligence")
    await api.runtime.store.database["leads"].update_one({"_id": "ada"}, {"$set": {"state": "no state"}})
    assert await api.get("/api/leads/ada/intelligence") == right


@pytest.mark.parametrize("name", ["classic@1", "classic@2", "standard@1", "standard@2", "standard@3"])
async def test_every_version_that_ships_answers_whether_or_not_it_was_ever_active(api, ada, name):
    found = await api.get(PATH, rulebook=name)
    assert f"{found['rulebook']['name']}@{found['rulebook']['version']}" == name
    plain = name.split("@")[0]
    assert (await api.get(PATH, rulebook=plain))["score"] == found["score"]


async def test_an_unknown_rulebook_is_refused_with_those_that_ship(api, ada):
    problem = api.problem(await api.http.get(f"{PATH}?rulebook=nobody"), 400)
    assert problem["errors"][0]["detail"].endswith("classic@2, standard@3, standard@2, standard@1, classic@1")


async def test_a_second_read_under_an_inactive_rulebook_folds_nothing_until_an_event_arrives(
    api, ada, monkeypatch
):
    first = await api.get(PATH, rulebook="standard")
    with monkeypatch.context() as patched:
        patched.setattr("workflows.intelligence.intelligence._folded", None)
        assert some("score stage position", await api.get(PATH, rulebook="standard")) == some(
            "score stage position", first
        )
    await api.store({"leadId": "ada", "type": "demo_request"})
    await api.work()
    after = await api.get(PATH, rulebook="standard")
    assert after["position"] > first["position"]
    assert after["position"] > first["position"]
