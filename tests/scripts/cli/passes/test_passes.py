"""Replays and the decay job on workers: the commands begin them, show them, leave them running and stop them."""

from __future__ import annotations

import asyncio
import json

import pytest
from click.testing import CliRunner

from domain.errors import Invalid, NotFound
from domain.instant import DAY, to_datetime
from engine.process.tasks import cancel_and_wait
from engine.runtime import open_runtime
from scripts.cli import cli
from scripts.cli.passes import passes
from scripts.cli.passes.decay import decay_on_workers
from scripts.cli.passes.replay import replay_on_workers, run_replay
from scripts.cli.passes.replay_processes import ReplayTask
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads
from workflows.passes.control import list_passes, read_pass
from workflows.work.loops import running_work_loops

LEADS = [f"lead-{n:02}" for n in range(20)]


@pytest.fixture
async def populated(runtime):
    """Leads of which one is not what its events say."""
    await ingest(
        runtime, [EventInput(lead_id=lead, type=name) for lead in LEADS for name in ("signup", "download")]
    )
    await process_leads(runtime, LEADS)
    stored = runtime.store.database["leads"]
    state = json.loads((await stored.find_one({"_id": "lead-03"}))["state"])
    state["activities"] += 1
    await stored.update_one({"_id": "lead-03"}, {"$set": {"state": json.dumps(state)}})


@pytest.fixture
async def workers(settings):
    """A worker, by the clock that the commands have."""
    async with open_runtime(settings) as worker, running_work_loops(worker):
        yield


async def test_a_verification_and_a_rebuild_on_workers_say_what_one_process_does(
    settings, populated, workers, capsys
):
    verify = ReplayTask(settings, "verify")
    assert await run_replay(verify) == 1
    one = capsys.readouterr().out
    assert await replay_on_workers(settings, "verify") == 1
    assert capsys.readouterr().out == one
    assert "lead-03" in one
    assert await replay_on_workers(settings, "rebuild") == 0
    assert "1 differed and were rebuilt." in capsys.readouterr().out
    assert await run_replay(verify) == 0


async def test_decay_on_workers_counts_every_lead(settings, populated, workers, capsys):
    assert await decay_on_workers(settings, None) == 0
    assert "20 leads looked at" in capsys.readouterr().out


async def test_decay_on_workers_is_not_begun_for_the_future(settings, runtime):
    async with open_runtime(settings) as now:
        with pytest.raises(Invalid, match="future"):
            await decay_on_workers(settings, to_datetime(now.now() + DAY))
    assert await list_passes(runtime) == []


async def test_a_command_that_is_ended_leaves_its_pass_to_the_workers_until_it_is_stopped(
    settings, runtime, populated, capsys
):
    following = asyncio.create_task(replay_on_workers(settings, "verify"))
    said = ""
    async with asyncio.timeout(60):
        while "lead-engine passes stop verify-" not in said:
            await asyncio.sleep(0.01)
            said += capsys.readouterr().err
    await cancel_and_wait(following)
    assert following.cancelled()
    (one,) = await list_passes(runtime)
    assert one.pass_id in said
    assert not (await read_pass(runtime, one.pass_id)).is_over

    await passes.list_all(settings)
    assert "under way, 0 of 2 shares done" in capsys.readouterr().out
    await passes.show_one(settings, one.pass_id)
    assert "1/2  waiting, 0 leads" in capsys.readouterr().out
    await passes.stop_one(settings, one.pass_id)
    assert "stopped" in capsys.readouterr().out
    assert (await read_pass(runtime, one.pass_id)).is_over
    with pytest.raises(NotFound, match="no-such"):
        await passes.show_one(settings, "no-such")


@pytest.mark.parametrize("words", [["--lead", "ada"], ["--dry-run"], ["--processes", "2"]])
def test_what_workers_cannot_do_is_a_usage_error(words):
    answer = CliRunner().invoke(cli, ["replay", "--on-workers", *words])
    assert answer.exit_code == 2
    assert "--on-workers goes with --verify alone" in answer.output
