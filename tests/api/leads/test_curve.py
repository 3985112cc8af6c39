"""GET /api/leads/{leadId}/curve: each point is what intelligence as of that moment gives, past and to come."""

from __future__ import annotations

import pytest

from domain.rulebooks.compiled import compile_rulebook
from engine.rulebooks.built_in import built_in

PATH = "/api/leads/ada/curve"


@pytest.fixture(params=["classic", "standard"])
async def rulebook(api, request, monkeypatch):
    """The rulebook by which leads are scored."""
    monkeypatch.setattr(api.runtime.rulebooks.active, "_current", compile_rulebook(built_in(request.param)))
    return api.runtime.rulebook


@pytest.fixture
async def lead(api, rulebook):
    """A lead with a silence that decays, an event that came late, and a stage that was set by hand."""
    happened = [
        ("page_view", -20.3),
        ("download", -20.2),
        ("signup", -5.1),
        ("email_open", -12),
        ("demo_request", -0.2),
    ]
    for kind, days in happened:
        await api.store({"leadId": "ada", "type": kind, "occurredAt": api.at(days=days)})
    await api.store(
        {
            "leadId": "ada",
            "type": "stage.set",
            "occurredAt": api.at(days=-3),
            "properties": {"stage": "hot", "by": "x"},
        }
    )
    await api.work()
    return "ada"


async def test_every_point_is_what_the_lead_is_at_that_moment(api, lead):
    curve = await api.get(PATH, **{"from": api.at(days=-25), "to": api.at(days=60), "points": 86})
    first = next(n for n, point in enumerate(curve["points"]) if point)
    assert curve["points"][first]["at"] > api.at(days=-20.3)
    for point in curve["points"]:
        found = await api.get("/api/leads/ada/intelligence", asOf=point["at"])
        assert (point["score"], point["stage"]) == (found["score"], found["stage"]), point["at"]
    assert len(curve["points"]) == 81, "the five days before the first event are left out"
    assert len({point["stage"] for point in curve["points"]}) >= 3
    assert curve["points"][-1]["score"] < max(point["score"] for point in curve["points"])


async def test_the_lines_of_the_stages_are_those_of_the_rulebook(api, lead, rulebook):
    lines = (await api.get(PATH))["stages"]
    steps = rulebook.document.stages.steps
    assert [line["stage"] for line in lines] == [step.name for step in steps]
    assert (lines[0]["enteredAt"], lines[0]["leftBelow"]) == (None, None)
    for line, step in zip(lines[1:], steps[1:], strict=True):
        assert line["enteredAt"] == pytest.approx(step.from_)
        assert line["leftBelow"] == pytest.approx(step.from_ * (1 - rulebook.document.stages.hysteresis))


async def test_without_bounds_it_goes_from_a_month_ago_to_a_month_ahead(api, lead):
    curve = await api.get(PATH)
    assert curve["now"] == api.at()
    assert curve["points"][-1]["at"] == api.at(days=30)
    assert len((await api.get(PATH, to=api.at(days=-1)))["points"]) > 50
    assert (await api.get(PATH, **{"from": api.at(days=100)}))["points"][-1]["at"] == api.at(days=130)


async def test_two_points_are_the_ends(api, lead):
    curve = await api.get(PATH, **{"from": api.at(days=-1), "to": api.at(days=1), "points": 2})
    assert [point["at"] for point in curve["points"]] == [api.at(days=-1), api.at(days=1)]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"points": 1}, "?points"),
        ({"points": 501}, "?points"),
        ({"from": "yesterday"}, "?from"),
        ({"from": "2026-11-22T12:00:00Z", "to": "2026-11-22T12:00:00Z"}, "?from"),
        ({"form": "x"}, "?form"),
    ],
)
async def test_what_is_no_stretch_of_time_is_refused_by_name(api, query, pointer):
    problem = api.problem(await api.http.get(PATH, params=query), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]


async def test_a_lead_that_is_not_there_or_not_yet_has_no_curve(api, lead):
    api.problem(await api.http.get("/api/leads/nobody/curve"), 404)
    early = {"from": api.at(days=-400), "to": api.at(days=-300)}
    assert "no event of it" in api.problem(await api.http.get(PATH, params=early), 404)["detail"]


async def test_a_curve_folds_the_lead_once(api, lead, monkeypatch):
    reads = []
    events = type(api.runtime.capture.events)
    original = events.slices_of_lead

    def counted(self, *given, **named):
        reads.append(given)
        return original(self, *given, **named)

    monkeypatch.setattr(events, "slices_of_lead", counted)
    await api.get(PATH, points=500)
    assert len(reads) == 1


async def test_a_rule_that_is_left_out_takes_its_points_with_it(api, lead, rulebook):
    whole = await api.get("/api/leads/ada/intelligence")
    rule = whole["reasons"][0]
    less = await api.get("/api/leads/ada/intelligence", withoutRule=rule["ruleId"])
    assert rule["ruleId"] not in {reason["ruleId"] for reason in less["reasons"]}
    assert less["score"] < whole["score"]
    assert await api.get("/api/leads/ada/intelligence") == whole
    every = ",".join(one["ruleId"] for one in whole["reasons"] if one["lastEventAt"])
    assert (await api.get("/api/leads/ada/intelligence", withoutRule=every))["score"] <= less["score"]


async def test_every_rule_may_be_left_out_at_once(api, lead, rulebook):
    score = rulebook.document.score
    ids = [rule.id for rule in score.rules]
    found = await api.http.get("/api/leads/ada/intelligence", params={"withoutRule": ",".join(ids)})
    assert (found.status_code, found.json()["score"]) == (200, 0), found.text


async def test_a_rule_that_does_not_score_is_refused_with_a_guess(api, lead, rulebook):
    name = rulebook.document.score.rules[0].id
    for wrong in (f"{name}x", "", f"{name},,{name}"):
        answer = await api.http.get("/api/leads/ada/intelligence", params={"withoutRule": wrong})
        (fault,) = api.problem(answer, 400)["errors"]
        assert fault["pointer"] == "?withoutRule"
    assert (
        name in (await api.http.get("/api/leads/ada/intelligence", params={"withoutRule": f"{name}x"})).text
    )
