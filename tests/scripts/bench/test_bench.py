"""The benchmark against real services: what it compares is right, and what is wrong does not go unnoticed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from engine.runtime import open_runtime
from scripts.bench import __main__ as command
from scripts.bench.baselines.naive import POINTS, NaiveEngine, NaiveEvent
from scripts.bench.baselines.raw import copy_indexes, insert_batches, renumbered
from scripts.bench.checks import WrongResult
from scripts.bench.load.applied import until_applied, until_settled
from scripts.bench.processes.memory_watch import watch_memory
from scripts.bench.processes.process_figures import cpu_seconds, rss_mb
from scripts.bench.questions.decay import DECAY
from scripts.bench.questions.end_to_end import END_TO_END
from scripts.bench.questions.ingest import INGEST_BATCHES
from scripts.bench.report.figures import Figure, Row, below
from scripts.bench.report.narrator import Narrator
from scripts.bench.runner import ask_all
from scripts.bench.state.cloned_state import clone_leads, clone_name
from scripts.bench.state.fixtures import apply_to, fill, store_week
from scripts.bench.workbench import Question, Workbench
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.replay.replay import replay

UNTIL = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""Where the clock of the tests stands."""


class TinyWorkbench(Workbench):
    """Everything a twentieth of a quick run."""

    def size(self, full: int, quick: int) -> int:
        return max(1, quick // 20)


@pytest.fixture
def workbench(services, tmp_path):
    mongodb_uri, redis_url = services
    servers = SimpleNamespace(
        mongod=SimpleNamespace(uri=mongodb_uri), valkey=SimpleNamespace(uri=redis_url), folder=tmp_path
    )
    return TinyWorkbench(servers, quick=True, say=lambda _: None)


async def test_the_naive_design_gives_every_lead_its_points_although_its_transactions_collide(runtime):
    naive = NaiveEngine(runtime.store.client, runtime.store.database)
    await naive.set_up()
    types = [*POINTS, "unknown"]
    events = [NaiveEvent(f"e{n}", f"lead-{n % 3}", types[n % len(types)]) for n in range(60)]
    assert await naive.apply_all(events) > 0
    right: dict[str, int] = {}
    for event in events:
        right[event.lead_id] = right.get(event.lead_id, 0) + POINTS.get(event.type, 0)
    assert await naive.scores() == right


async def test_a_copied_collection_has_the_indexes_of_the_engine_and_takes_the_same_documents_again(runtime):
    await fill(runtime, 10, UNTIL)
    events, copy = runtime.store.database["events"], runtime.store.database["copy"]
    await copy_indexes(events, copy)
    keys = [index["key"] for index in (await copy.index_information()).values()]
    assert sorted(keys) == sorted(index["key"] for index in (await events.index_information()).values())
    stored = await events.find().to_list()
    for number in (0, 1):
        await insert_batches(copy, renumbered(stored, number), 10, 2)
    assert await copy.count_documents({}) == 2 * len(stored)


async def test_a_cloned_state_is_as_valid_as_a_real_one_and_goes_on_like_one(runtime):
    leads = await fill(runtime, 60, UNTIL)
    settings = runtime.settings.model_copy(
        update={"mongodb_database": f"{runtime.settings.mongodb_database}_x"}
    )
    events = await clone_leads(runtime.settings, settings, 3)
    async with open_runtime(settings, work_queue=runtime.work_queue, now=runtime.now) as cloned:
        try:
            report = await replay(cloned, "verify")
            assert (report.leads, report.events, report.drifted) == (3 * len(leads), events, [])
            executions = await cloned.store.database["automationExecutions"].count_documents({})
            assert (
                executions == 3 * await runtime.store.database["automationExecutions"].count_documents({}) > 0
            )

            # What has fired for the original has fired for its copy: a second request of the day fires nothing.
            fired = await runtime.store.database["automationExecutions"].find_one(
                {"ruleId": "answer-demo-request"}
            )
            lead = clone_name(fired["leadId"], 2)
            cause = await runtime.store.database["events"].find_one({"_id": fired["causePosition"]})
            same_day = cause["occurredAt"].replace(tzinfo=UTC)
            again = EventInput(lead_id=lead, type="demo_request", event_id="again", occurred_at=same_day)
            (stored,) = await ingest(cloned, [again])
            assert stored.position == events + 1
            assert await apply_to(cloned, [lead]) == 1
            assert await cloned.store.database["automationExecutions"].count_documents({}) == executions
            assert (await replay(cloned, "verify", lead_id=lead)).drifted == []

            # The control: a copy that is wrong is found.
            state = json.loads((await cloned.store.database["leads"].find_one({"_id": lead}))["state"])
            state["activities"] += 1
            await cloned.store.database["leads"].update_one(
                {"_id": lead}, {"$set": {"state": json.dumps(state)}}
            )
            assert (await replay(cloned, "verify", lead_id=lead)).drifted == [lead]
        finally:
            await runtime.store.client.drop_database(settings.mongodb_database)


async def test_waiting_ends_when_the_last_lead_has_its_last_event_and_not_before(runtime):
    week = await store_week(runtime, 20, UNTIL)
    leads = sorted({event.lead_id for event in week})
    last = await runtime.capture.log.last_position()
    await apply_to(runtime, leads[1:])
    with pytest.raises(WrongResult, match="1 leads still lag behind"):
        await until_applied(runtime, 1, last, 0.05)
    await apply_to(runtime, leads)
    await until_applied(runtime, 1, last)


async def test_nothing_counts_as_settled_while_an_automation_is_open(runtime):
    await until_settled(runtime)  # nothing has ever happened
    await fill(runtime, 60, UNTIL)
    with pytest.raises(WrongResult, match="automations are still open"):
        await until_settled(runtime, 0.05)


async def test_a_small_run_of_ingest_end_to_end_and_decay_answers_with_rows(workbench, capfd):
    answers = await ask_all([INGEST_BATCHES, END_TO_END, DECAY], workbench, Narrator(3))
    assert answers.broken == {}
    assert [row.question for row in answers.rows] == [1, 3, 4, 9, 9]
    assert all(row.measured.low > 0 and row.baseline.low > 0 for row in answers.rows)
    assert workbench.sustained == answers.rows[1].measured.median
    assert "[2/3] end-to-end" in capfd.readouterr().err


async def test_a_part_of_the_engine_that_ends_while_it_is_measured_is_noticed(workbench):
    async with workbench.engine() as (engine, _):
        await engine.start("scheduler")
        engine.verify_running()
        part = engine._parts["scheduler"]
        part.kill()
        await part.wait()
        with pytest.raises(WrongResult, match="scheduler process has ended"):
            engine.verify_running()
        del engine._parts["scheduler"]


async def test_a_question_that_breaks_is_reported_and_the_others_are_answered(workbench):
    async def right(_):
        return [Row(question=2, name="right", measured=Figure("s", (1.0,)))]

    async def wrong(_):
        raise WrongResult("half of it is missing")

    questions = [Question("wrong", "Is it?", wrong), Question("right", "Is it?", right)]
    answers = await ask_all(questions, workbench, Narrator(2))
    assert [row.name for row in answers.rows] == ["right"]
    assert "half of it is missing" in answers.broken["wrong"]


@pytest.mark.parametrize(("breaks", "code"), [(False, 0), (True, 1)])
def test_the_command_fails_only_when_something_is_broken_and_writes_its_files(
    workbench, monkeypatch, tmp_path, breaks, code
):
    async def answer(_):
        if breaks:
            raise WrongResult("half of it is missing")
        return [Row(question=2, name="slow", measured=Figure("s", (9.0,)), reach=below(1))]

    @contextlib.asynccontextmanager
    async def run_services():
        yield workbench.services

    monkeypatch.setattr(command, "QUESTIONS", [Question("fold", "Is it?", answer)])
    monkeypatch.setattr(command, "run_services", run_services)
    files = {name: tmp_path / name for name in ("json", "markdown")}
    words = ["--quick", "--only", "fold", *(f"--{name}={file}" for name, file in files.items())]
    result = CliRunner().invoke(command.bench, words)
    assert result.exit_code == code, result.output
    assert ("half of it is missing" if breaks else "missed") in result.output
    report = json.loads(files["json"].read_text())
    assert (len(report["rows"]), list(report["broken"])) == ((0, ["fold"]) if breaks else (1, []))
    assert report["machine"]["versions"]["mongod"]
    assert ("| missed |" in files["markdown"].read_text()) is not breaks


async def test_an_interrupted_run_keeps_what_was_found(workbench):
    async def found(_):
        return [Row(question=1, name="found", measured=Figure("s", (1.0,)))]

    async def interrupted(_):
        raise asyncio.CancelledError

    questions = [Question(name, "Is it?", answer) for name, answer in (("a", found), ("b", interrupted))]
    answers = await ask_all([*questions, Question("c", "Is it?", found)], workbench, Narrator(3))
    assert [row.name for row in answers.rows] == ["found"]
    assert list(answers.broken) == ["b"]


async def test_memory_and_processor_time_are_those_of_the_process():
    async with watch_memory({"me": os.getpid()}) as watch:
        pass
    assert watch.at(0, "me") <= watch.highest("me")
    assert abs(watch.total_at(1) - rss_mb(os.getpid())) < 50
    before = cpu_seconds([os.getpid()])
    sum(range(3_000_000))
    assert cpu_seconds([os.getpid()]) > before
    (nobody,) = [pid for pid in [2**22 + 1] if not Path(f"/proc/{pid}").exists()]
    assert rss_mb(nobody) is None
