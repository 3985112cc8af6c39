"""A model is learnt from the log, tested, activated and rolled back; what says nothing does not pass."""

from __future__ import annotations

import dataclasses
from array import array
from datetime import timedelta
from random import Random

import pytest

from domain.decisions.goal import WIN
from domain.errors import Conflict
from domain.instant import from_datetime
from engine.capture import event_store
from engine.operations.audit_log import ENGINE
from engine.prediction.training_store import PREDICTION_TRAININGS
from engine.store.mongo import transact
from tests.workflows.prediction.conftest import LEADS, NOW, Stopped, stop
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.intelligence.intelligence import read_lead
from workflows.leads.process import process_leads
from workflows.prediction import nightly
from workflows.prediction.backtest import backtest
from workflows.prediction.drift import look_for_drift
from workflows.prediction.landmarks import read_landmarks
from workflows.prediction.models import activate_model, predict_lead, roll_back
from workflows.prediction.nightly import train_if_due, train_nightly
from workflows.prediction.train import TooLittleData, train
from workflows.prediction.training import NotEnoughNew, train_model
from workflows.privacy.erase import erase_personal_data


async def nights(runtime, monkeypatch):
    """Training comes by week and with what has matured, and activates what passes if that is set."""
    auto = runtime.settings.model_copy(update={"prediction_activate": "auto"})
    runtime = dataclasses.replace(runtime, settings=auto)
    assert await train_if_due(runtime, WIN) is None  # a week has not passed
    later = dataclasses.replace(runtime, now=lambda: from_datetime(NOW + timedelta(days=8)))
    monkeypatch.setattr(nightly, "_MORE_WINS", 1000)
    with pytest.raises(NotEnoughNew):
        await train_if_due(later, WIN)
    monkeypatch.setattr(nightly, "_MORE_WINS", 0)
    later = dataclasses.replace(runtime, now=lambda: from_datetime(NOW + timedelta(days=16)))
    assert await train_if_due(later, WIN) == "win@3"
    assert runtime.prediction.active.of("win").label == "win@3"
    drift = await look_for_drift(later, WIN)
    assert (drift.model, drift.landmarks, drift.expected_over_observed) == ("win@3", 0, None)


async def test_a_model_that_knows_something_passes_and_is_shown(runtime, history, monkeypatch):
    await history()
    stored = await train_model(runtime, ENGINE)
    model = stored.model
    assert stored.failures == ()
    assert model.label == "win@1"
    assert model.backfilled
    assert model.held_out.auc > 0.7
    await ingest(runtime, [EventInput(lead_id="eve", type="demo_request")])
    await ingest(runtime, [EventInput(lead_id="bob", type="page_view")])
    await process_leads(runtime, ["eve", "bob"])
    eve, bob = await read_lead(runtime, "eve"), await read_lead(runtime, "bob")
    asked, looked = (predict_lead(one.state, one.at, one.rules, model).prediction for one in (eve, bob))
    assert asked.probability > 2 * looked.probability
    low, high = asked.interval
    assert low <= asked.probability <= high
    part = next(part for part in asked.parts if part.feature == "daysSince.demo_request")
    assert part.log_odds > 0

    assert runtime.prediction.active.of("win") is None
    await activate_model(runtime, ENGINE, "win@1")
    assert runtime.prediction.active.of("win") == model
    monkeypatch.setattr(event_store, "_LEAD_IDS_FROM_EVENTS", 500)
    with pytest.raises(Stopped):
        await train_model(runtime, ENGINE, on_progress=stop)
    stopped = await runtime.prediction.trainings.running("win")
    assert 0 < stopped.leads < LEADS
    seen = []
    again = await train_model(runtime, ENGINE, on_progress=lambda leads, _: seen.append(leads))
    assert again.model.label == "win@2"
    assert stopped.leads < seen[0] < seen[-1] == LEADS + 2  # it went on where it was
    assert await runtime.prediction.trainings.running("win") is None
    assert await PREDICTION_TRAININGS.of(runtime.store.database).count_documents({}) == 1
    same = {name: getattr(again.model, name) for name in ("base", "terms", "shift", "scale", "landmarks")}
    assert same == {name: getattr(model, name) for name in same}  # bit for bit
    await activate_model(runtime, ENGINE, "win@2")
    assert await roll_back(runtime, ENGINE) == "win@1"
    assert runtime.prediction.active.of("win") == model

    await nights(runtime, monkeypatch)
    months = await backtest(runtime, months=12)
    tested = [one.found for one in months if one.found is not None]
    assert len(tested) >= 6
    assert all(0.5 < one.auc <= 1 for one in tested)


async def test_shuffled_outcomes_do_not_pass_and_what_has_failed_cannot_be_activated(runtime, history):
    """The control."""
    await history()
    table, position = await read_landmarks(runtime, WIN, runtime.rulebook, runtime.now())
    shuffled = list(table.reached)
    Random(7).shuffle(shuffled)
    table.reached = array("b", shuffled)
    found = train(table, WIN, runtime.rulebook, version=1, known_at=runtime.now(), position=position)
    assert found.failures != ()
    await transact(
        runtime.store.client, lambda session: runtime.prediction.models.add(*found, runtime.now(), session)
    )
    with pytest.raises(Conflict, match="has failed its tests"):
        await activate_model(runtime, ENGINE, "win@1")


async def test_too_little_data_is_said_with_the_base_rate(runtime, history):
    await history(leads=30)
    with pytest.raises(TooLittleData, match=r"Too little data for 'win': .* the share that reached it is \d"):
        await train_model(runtime, ENGINE)
    result = await runtime.prediction.trainings.result("win")
    assert result.model is None
    assert "Too little data" in result.reason
    await train_nightly(runtime)  # not due, and no model to look at
    assert await runtime.prediction.models.all() == []


async def test_a_decided_lead_and_another_rulebook_have_no_probability(runtime, history):
    await history()
    model = (await train_model(runtime, ENGINE)).model
    await ingest(runtime, [EventInput(lead_id="eve", type="deal.won")])
    await process_leads(runtime, ["eve"])
    eve = await read_lead(runtime, "eve")
    assert predict_lead(eve.state, eve.at, eve.rules, model) is None
    other = await read_lead(runtime, "lead-0001", rulebook=await runtime.rulebooks.library.find("standard"))
    assert predict_lead(other.state, other.at, other.rules, model) is None


async def test_landmarks_are_those_of_all_leads_but_for_people_who_were_erased(runtime, history):
    await history(leads=50)
    await ingest(
        runtime, [EventInput(lead_id="lead-0001", type="page_view", properties={"email": "a@b.example"})]
    )
    table, position = await read_landmarks(runtime, WIN, runtime.rulebook, runtime.now())
    assert "lead-0001" in table.leads
    await erase_personal_data(runtime, ENGINE, "lead-0001")
    erased, _ = await read_landmarks(runtime, WIN, runtime.rulebook, runtime.now())
    assert set(table.leads) - set(erased.leads) == {"lead-0001"}
    assert len(table) > 50
    assert position == await runtime.capture.log.last_position()
