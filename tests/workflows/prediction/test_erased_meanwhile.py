"""Who is erased while a model is learnt is in none of its examples, and in nothing that is stored after."""

from __future__ import annotations

import asyncio

import pytest

from engine.capture import event_store
from engine.operations.audit_log import ENGINE
from engine.prediction.training_store import PREDICTION_TRAININGS
from tests.api.prediction.test_models import MODEL
from tests.workflows.prediction.conftest import Stopped, stop
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads
from workflows.prediction import training
from workflows.prediction.train import TooLittleData, Trained
from workflows.prediction.training import train_model
from workflows.privacy.erase import erase_personal_data

LEAD = "lead-0001"


@pytest.fixture
async def known(runtime, history, monkeypatch):
    """Some leads, one of whom is known by an address."""
    await history(leads=60)
    await ingest(runtime, [EventInput(lead_id=LEAD, type="page_view", properties={"email": "a@b.example"})])
    await process_leads(runtime, [LEAD])
    monkeypatch.setattr(event_store, "_LEAD_IDS_FROM_EVENTS", 100)


@pytest.fixture
def learnt(monkeypatch):
    """The leads that models are learnt from, learning by learning."""
    learnt, right = [], training.train

    def train(table, *args, **kwargs):
        learnt.append(set(table.leads))
        return right(table, *args, **kwargs)

    monkeypatch.setattr(training, "train", train)
    return learnt


async def trained_after_an_erasure(runtime):
    """Erase the lead once its landmarks are stored, and go on with the training."""
    with pytest.raises(Stopped):
        await train_model(runtime, ENGINE, on_progress=stop)
    stopped = await runtime.prediction.trainings.running("win")
    stored = {one.lead_id async for kept in runtime.prediction.trainings.slices(stopped) for one in kept}
    assert LEAD in stored
    await erase_personal_data(runtime, ENGINE, LEAD)
    with pytest.raises(TooLittleData):
        await train_model(runtime, ENGINE)


async def test_a_lead_that_was_photographed_before_it_was_erased_is_no_example(runtime, known, learnt):
    await trained_after_an_erasure(runtime)
    (leads,) = learnt
    assert len(leads) > 10
    assert LEAD not in leads
    assert await PREDICTION_TRAININGS.of(runtime.store.database).count_documents({}) == 1  # how it ended


async def test_control_without_a_look_at_erasures_it_would_be_one(runtime, known, learnt, monkeypatch):
    async def nobody(*_):
        return frozenset()

    monkeypatch.setattr(training, "_erased_since", nobody)
    await trained_after_an_erasure(runtime)
    assert LEAD in learnt[0]


async def test_a_lead_that_is_erased_while_the_model_is_learnt_makes_it_learn_again(
    runtime, known, monkeypatch
):
    loop, leads = asyncio.get_running_loop(), []

    def train(table, *_, **__) -> Trained:
        leads.append(set(table.leads))
        if len(leads) == 1:
            asyncio.run_coroutine_threadsafe(erase_personal_data(runtime, ENGINE, LEAD), loop).result()
        return Trained(MODEL, ())

    monkeypatch.setattr(training, "train", train)
    await train_model(runtime, ENGINE)
    first, second = leads
    assert first - second == {LEAD}
    assert [one.model for one in await runtime.prediction.models.all()] == [MODEL]
    assert (await runtime.prediction.trainings.result("win")).model == MODEL.label
