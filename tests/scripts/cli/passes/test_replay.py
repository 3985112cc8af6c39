"""`lead-engine replay` in one process and in several."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.errors import Unavailable
from scripts.cli import cli
from scripts.cli.passes.replay import run_replay
from scripts.cli.passes.replay_processes import ReplayTask
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads
from workflows.replay.replay import replay

LEADS = [f"lead-{n:02}" for n in range(30)]


@pytest.fixture
async def populated(runtime):
    await ingest(
        runtime, [EventInput(lead_id=lead, type=name) for lead in LEADS for name in ("signup", "download")]
    )
    await process_leads(runtime, LEADS)


async def spoil(runtime, *leads):
    """Change what is stored of these leads."""
    stored = runtime.store.database["leads"]
    for lead in leads:
        state = json.loads((await stored.find_one({"_id": lead}))["state"])
        state["activities"] += 1
        await stored.update_one({"_id": lead}, {"$set": {"state": json.dumps(state)}})


async def test_two_processes_report_what_one_does_and_rebuild_what_differs(
    settings, runtime, populated, capsys
):
    await spoil(runtime, "lead-03", "lead-07", "lead-20")
    verify, rebuild = ReplayTask(settings, "verify"), ReplayTask(settings, "rebuild")
    assert await run_replay(verify) == 1
    one = capsys.readouterr().out
    assert await run_replay(verify, processes=2) == 1
    assert capsys.readouterr().out == one
    assert "30 leads replayed from 60 events." in one
    assert "3 drifted" in one
    assert await run_replay(rebuild, processes=2) == 0
    assert "3 differed and were rebuilt." in capsys.readouterr().out
    assert await run_replay(verify) == 0
    assert await runtime.store.database["checkpoints"].count_documents({"_id": {"$regex": "^replay:"}}) == 0


def shares_of(pid):
    """The processes that work through shares, children of the command."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and b"spawn_main" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="finds child processes in /proc")
async def test_a_killed_process_is_reported_and_the_next_run_completes_the_work(settings, runtime, populated):
    await spoil(runtime, *LEADS)
    rebuilding = asyncio.create_task(run_replay(ReplayTask(settings, "rebuild"), processes=2))
    async with asyncio.timeout(60):
        while len(shares := shares_of(os.getpid())) < 2:
            await asyncio.sleep(0.01)
    os.kill(shares[0], signal.SIGKILL)
    with pytest.raises(Unavailable, match=r"The process of share ./2 has ended .*SIGKILL"):
        await rebuilding
    assert shares_of(os.getpid()) == []
    await run_replay(ReplayTask(settings, "rebuild"))
    assert (await replay(runtime, "verify")).drifted == []


async def test_a_process_that_is_cancelled_leaves_no_other_behind(settings, runtime, populated):
    replaying = asyncio.create_task(run_replay(ReplayTask(settings, "verify"), processes=2))
    async with asyncio.timeout(60):
        while len(shares_of(os.getpid())) < 2:
            await asyncio.sleep(0.01)
    replaying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await replaying
    assert shares_of(os.getpid()) == []


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--lead", "ada", "--processes", "2"], "--lead and --processes exclude each other"),
        (["--dry-run", "--verify"], "--dry-run and --verify exclude each other"),
        (["--rulebook", "classic"], "--rulebook goes with --dry-run"),
        (["--processes", "0"], "0 is not in the range"),
    ],
)
def test_options_that_do_not_go_together_are_a_usage_error(words, fault):
    answer = CliRunner().invoke(cli, ["replay", *words])
    assert answer.exit_code == 2
    assert fault in answer.output
