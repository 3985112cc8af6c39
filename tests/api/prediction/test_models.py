"""GET /api/models and its switches, and `win` in the intelligence of a lead."""

from __future__ import annotations

from math import fsum, log

import pytest
from msgspec.structs import replace

from domain.decisions.goal import WIN, Goal
from domain.prediction.drift import Drift
from domain.prediction.model import LevelTerm, Model, NumberTerm
from domain.prediction.report import HeldOut
from engine.prediction.training_store import Training, TrainingResult
from engine.store.mongo import transact

PATH = "/api/leads/ada/intelligence"
MODEL = Model(
    goal=WIN,
    version=1,
    rulebook="classic@2",
    features="features@1",
    known_at=0,
    position=1,
    backfilled=False,
    base=-2.0,
    shift=0.0,
    scale=1.0,
    terms=(
        NumberTerm("quietDays", (1.0, 7.0), (0.6, 0.1, -0.9), 0.05),
        NumberTerm("times.demo_request", (1.0,), (0.2, 0.8), -0.3),
        LevelTerm("weekday", {"Monday": 0.1}, 0.0, -0.1),
    ),
    labels={"demo_request": "Requested a demo"},
    held_out=HeldOut(),
    landmarks=1000,
    wins=100,
    trained_with={},
)


@pytest.fixture(autouse=True)
async def _none_is_active(api):
    """The engine is shared by tests, and knows for two seconds which model was active in the one before."""
    await api.runtime.prediction.active.refresh()


@pytest.fixture
async def models(api):
    """Two sound models and one that has failed a test."""

    async def add(model, *failures):
        await transact(
            api.runtime.store.client,
            lambda session: api.runtime.prediction.models.add(model, failures, api.runtime.now(), session),
        )

    await add(MODEL)
    await add(replace(MODEL, version=2, base=-1.0))
    await add(replace(MODEL, goal=Goal("loss", "lost", 60)))
    await add(replace(MODEL, version=3), "it expects 2.00 times what happened")
    return api


async def test_without_a_model_there_is_no_probability(api, ada):
    assert (await api.get(PATH))["win"] is None
    goal = {
        "name": "win",
        "outcome": "won",
        "horizonDays": 90,
        "active": None,
        "training": None,
        "lastTraining": None,
        "drift": None,
    }
    assert await api.get("/api/models") == {"active": None, "goals": [goal], "items": []}
    api.problem(await api.http.post("/api/models/rollback"), 409)


async def test_an_active_model_says_how_likely_a_win_is_and_why(models, ada):
    api = models
    assert (await api.http.post("/api/models/win@1/activate")).json() == {"active": "win@1"}
    found = await api.get(PATH)
    win = found["win"]
    assert (win["model"], win["horizonDays"]) == ("win@1", 90)
    assert "likely to buy within 90 days (" in found["summary"]
    assert found["otherGoals"] == {}
    total = fsum([win["base"], *(part["logOdds"] for part in win["parts"])])
    assert log(win["probability"] / (1 - win["probability"])) == pytest.approx(total)
    assert any("Requested a demo" in part["words"] for part in win["parts"])
    other = (await api.get(PATH, model="win@2"))["win"]
    assert other["probability"] > win["probability"]
    assert (await api.get(PATH, rulebook="standard"))["win"] is None
    both = await api.get(PATH, model="loss@1")
    assert (both["win"], both["otherGoals"]["loss"]["outcome"]) == (win, "lost")


async def test_the_queue_says_it_and_may_be_in_its_order(models, ada):
    api = models
    await api.store(
        {"leadId": "bob", "type": "demo_request"}, *({"leadId": "eve", "type": "signup"} for _ in range(9))
    )
    await api.work()

    async def queue():
        items = (await api.get("/api/queue"))["items"]
        return [
            (one["leadId"], one["because"]["kind"]) for one in items if one["because"]["kind"] != "task"
        ], items

    by_score, items = await queue()
    assert all(one["win"] is None for one in items)
    await api.http.post("/api/models/win@1/activate")
    assert (await queue())[0] == by_score
    object.__setattr__(api.runtime.settings, "queue_order", "win")
    order, items = await queue()
    shown = [one["win"]["probability"] for one in items if one["because"]["kind"] == "win"]
    assert shown == sorted(shown, reverse=True)
    assert {lead for lead, _ in order} == {lead for lead, _ in by_score}
    assert len(items[0]["win"]["parts"]) == 3
    assert "likely to buy within 90 days" in items[0]["summary"]


async def test_a_decided_lead_has_none(models, ada):
    api = models
    await api.http.post("/api/models/win@1/activate")
    await api.store({"leadId": "ada", "type": "deal.won"})
    await api.work()
    assert (await api.get(PATH))["win"] is None


async def test_models_are_listed_switched_and_rolled_back(models):
    api = models
    found = await api.get("/api/models")
    assert [one["model"] for one in found["items"]] == ["loss@1", "win@3", "win@2", "win@1"]
    assert found["items"][1]["failures"] == ["it expects 2.00 times what happened"]
    problem = api.problem(await api.http.post("/api/models/win@3/activate"), 409)
    assert "it expects 2.00 times" in problem["detail"]
    api.problem(await api.http.post("/api/models/win@9/activate"), 404)
    for label in ("win@1", "win@2"):
        await api.http.post(f"/api/models/{label}/activate")
    assert (await api.get("/api/models"))["active"] == "win@2"
    assert (await api.http.post("/api/models/rollback")).json() == {"active": "win@1"}


async def test_a_training_that_runs_and_how_the_last_one_ended_are_there(api):
    store, now = api.runtime.prediction.trainings, api.clock.at
    begun = Training(
        goal="win", rulebook="classic@2", known_at=now, position=1, started_at=now, leads=20, landmarks=70
    )
    await store.begin(begun)
    found = (await api.get("/api/models"))["goals"][0]
    assert found["training"] == {"startedAt": api.at(), "leads": 20, "landmarks": 70}
    ended = TrainingResult(
        at=now, known_at=now, rulebook="classic@2", landmarks=80, wins=9, reason="Too little data"
    )
    await transact(api.runtime.store.client, lambda session: store.end("win", ended, session))
    found = (await api.get("/api/models"))["goals"][0]
    assert found["training"] is None
    assert found["lastTraining"] == {
        "at": api.at(),
        "model": None,
        "reason": "Too little data",
        "landmarks": 80,
        "wins": 9,
    }


async def test_drift_of_the_active_model_is_there_and_that_of_another_is_not(models):
    api, store = models, models.runtime.prediction.trainings
    await api.http.post("/api/models/win@1/activate")
    seen = Drift(
        model="win@1", at=api.clock.at, landmarks=400, expected=60.0, reached=30, leads=900, shift=0.31
    )
    await store.set_drift("win", seen)
    shown = (await api.get("/api/ops"))["prediction"]
    assert shown == [(await api.get("/api/models"))["goals"][0]["drift"]]
    assert (shown[0]["expectedOverObserved"], shown[0]["shift"], len(shown[0]["warnings"])) == (2.0, 0.31, 2)
    figures = (await api.http.get("/metrics")).text
    assert 'lead_engine_prediction_expected_over_observed{goal="win"} 2.0' in figures
    assert 'lead_engine_prediction_drift_warnings{goal="win"} 2.0' in figures
    await api.http.post("/api/models/win@2/activate")
    assert (await api.get("/api/ops"))["prediction"] == []


async def test_an_unknown_model_is_named_by_its_parameter(api, ada):
    problem = api.problem(await api.http.get(PATH, params={"model": "win@7"}), 400)
    assert problem["errors"][0]["pointer"] == "?model"
