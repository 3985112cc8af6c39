"""GET /api/models and its switches, and `win` in the intelligence of a lead."""

from __future__ import annotations

from math import fsum, log

import pytest
from msgspec.structs import replace

from domain.decisions.goal import WIN, Goal
from domain.prediction.model import LevelTerm, Model, NumberTerm
from domain.prediction.report import HeldOut
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
    goal = {"name": "win", "outcome": "won", "horizonDays": 90, "active": None}
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


async def test_an_unknown_model_is_named_by_its_parameter(api, ada):
    problem = api.problem(await api.http.get(PATH, params={"model": "win@7"}), 400)
    assert problem["errors"][0]["pointer"] == "?model"
