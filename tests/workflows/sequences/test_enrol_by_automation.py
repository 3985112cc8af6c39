"""The action `enrol` of automations: once per execution, and a lead that may not be enrolled is no failure."""

from __future__ import annotations

import pytest

from domain.automations.firing import Firing
from domain.errors import Invalid
from engine.store.mongo import transact
from workflows.automations.run_execution import run_execution


@pytest.fixture
def execution(trial):
    """An execution of a rule that enrols the lead."""

    async def execution(bucket="2026-11-30"):
        firing = Firing(
            lead_id="ada",
            rule_id="enrol-hot",
            date_bucket=bucket,
            cause_position=1,
            action={"type": "enrol", "sequence": "welcome"},
            facts={},
        )
        store, at = trial.runtime.automations.executions, trial.clock.at
        (unit_id,) = await transact(
            trial.runtime.store.client, lambda session: store.add([firing], at, session)
        )
        return await store.get(unit_id)

    return execution


async def enrolments(trial):
    return await trial.runtime.sequences.enrolments.of_lead(["ada"])


async def test_an_automation_enrols_the_lead_once_however_often_it_is_attempted(trial, execution):
    await trial.activate()
    await trial.send("ada", "signup")
    unit = await execution()
    for _ in range(2):
        assert (await run_execution(trial.runtime, unit)).verdict == "done"
    (enrolment,) = await enrolments(trial)
    assert enrolment.author == ("automation", "enrol-hot")
    events = await trial.runtime.capture.events.of_lead("ada")
    assert [one.type for one in events].count("sequence.enrolled") == 1


async def test_a_lead_that_may_not_be_enrolled_is_no_failure_and_the_reason_is_said(trial, execution):
    await trial.activate()
    await trial.enrol()
    outcome = await run_execution(trial.runtime, await execution())
    assert (outcome.verdict, outcome.detail) == ("done", "sequence.not_enrolled")
    assert len(await enrolments(trial)) == 1


async def test_without_an_active_sequence_the_execution_fails(trial, execution):
    await trial.send("ada", "signup")
    with pytest.raises(Invalid, match="no active sequence"):
        await run_execution(trial.runtime, await execution())
