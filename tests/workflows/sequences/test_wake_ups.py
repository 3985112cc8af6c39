"""Wake-ups of enrolments by folds: they cost nothing while nobody is enrolled, and none is lost for long."""

from __future__ import annotations

import pytest

from domain.instant import SECOND
from engine.operations.audit_log import Actor
from engine.sequences.enrolment_store import EnrolmentStore
from engine.sequences.wake_gate import LOOK_AGAIN, WakeGate
from tests.workflows.sequences.conftest import TWO_MAILS
from workflows.identity.merge import merge

ADMIN = Actor("person", "Ada", "person_1")
WAITING = "\n  - {waitFor: email.clicked, within: {days: 9}, then: [{end: clicked}]}"


@pytest.fixture
def commands_of(trial):
    """The commands that MongoDB gets for enrolments, and for everything, while a lead's event is folded."""

    async def commands_of(lead_id):
        await trial.send(lead_id, "message.received")
        database = trial.runtime.store.database
        await database.command({"profile": 2})
        await trial.apply(lead_id)
        await database.command({"profile": 0})
        entries = await database["system.profile"].find({}, {"ns": 1}).to_list()
        await database["system.profile"].drop()
        assert any(one["ns"].endswith(".leads") for one in entries)
        return [one["ns"] for one in entries if one["ns"].endswith(".enrolments")]

    return commands_of


async def test_a_fold_sends_no_command_about_enrolments_while_there_are_none(trial, commands_of):
    await trial.send("ada", "signup")
    await trial.apply("ada")
    trial.runtime.sequences.enrolments._gate._clock = lambda: 0.0  # no time passes
    assert await commands_of("ada") == []
    await trial.activate()
    await trial.enrol("bob")
    assert len(await commands_of("ada")) == 1  # the control: with one, each fold asks


async def test_what_is_remembered_ends_after_two_seconds_and_with_an_enrolment():
    seconds, asked, active = [0.0], [], [False]

    async def is_any_active():
        asked.append(seconds[0])
        return active[0]

    gate = WakeGate(is_any_active, lambda: seconds[0])
    assert not await gate.is_open()
    active[0] = True  # by another process
    seconds[0] = 1.9
    assert not await gate.is_open()
    seconds[0] = 2.0
    assert await gate.is_open()
    active[0] = False
    seconds[0] = 4.0
    assert not await gate.is_open()
    gate.open()
    assert await gate.is_open()
    assert asked == [0.0, 2.0, 4.0]


async def test_an_enrolment_during_the_query_of_the_gate_is_not_forgotten():
    async def is_any_active():
        gate.open()  # the query was answered before this
        return False

    gate = WakeGate(is_any_active, lambda: 0.0)
    assert await gate.is_open()


async def test_an_event_that_a_gate_of_another_process_missed_is_seen_ten_seconds_after_the_enrolment(trial):
    other = EnrolmentStore(trial.runtime.store.database)  # of the process that folds
    assert await other.wake(["ada"], ["email.clicked"], trial.clock.at) == 0
    await trial.activate(WAITING)
    await trial.enrol()
    await trial.work()
    await trial.send("ada", "email.clicked")
    assert await other.wake(["ada"], ["email.clicked"], trial.clock.at) == 0
    await trial.work(after_hours=LOOK_AGAIN / SECOND / 3600)
    assert (await trial.story_of())[-1] == ("sequence.ended", "clicked")


async def test_beside_an_older_enrolment_no_second_look_is_needed(trial):
    await trial.activate(TWO_MAILS)
    await trial.enrol("bob")
    await trial.work(after_hours=1)
    enrolment = await trial.enrol("ada")
    await trial.work()
    stored = await trial.runtime.sequences.enrolments.get(enrolment.unit_id)
    assert stored.due_at > trial.clock.at + LOOK_AGAIN


async def test_an_enrolment_under_one_id_is_woken_by_what_the_person_does_under_another(trial):
    await trial.activate(WAITING)
    await trial.enrol("web-17")
    await trial.work()
    await trial.send("ada", "signup")
    await merge(trial.runtime, ADMIN, "web-17", "ada", "the same person")
    await trial.send("ada", "page_view")
    await trial.apply("ada")
    await trial.work()
    assert ("sequence.ended", "clicked") not in await trial.story_of("web-17"), "the control"
    await trial.send("ada", "email.clicked")
    await trial.apply("ada")
    await trial.work()
    assert ("sequence.ended", "clicked") in await trial.story_of("web-17")
