"""The disk is full or cannot be written: a plain refusal, and recovery without a loss."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from engine.local.services_file import with_running_services
from engine.settings import Settings
from tests.faults.harness.clients import open_client
from tests.faults.harness.engine import open_engine
from tests.faults.harness.figures import measured
from tests.faults.harness.load import Sender
from tests.faults.harness.replica_set import open_replica_set
from tests.ports import free_port

DISK_MB = 1600
ROOM_MB = 60
MAX_EVENTS = 20_000


@contextlib.contextmanager
def small_disk(folder: Path, *, megabytes: int, read_only: bool = False) -> Iterator[Path]:
    """A file system of its own that is this small. Skips the test where nobody may make one."""
    folder.mkdir()
    options = f"size={megabytes}m{',ro' if read_only else ''}"
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, *, but_for: int) -> Path:
    """Take all room but so many megabytes."""
    ballast = folder / "ballast"
    disk = os.statvfs(folder)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, disk.f_bavail * disk.f_frsize - but_for * 1024 * 1024)
    return ballast


async def _write_until_refused(engine) -> None:
    """Send large events, one after the other, until one is refused or nobody answers any more."""
    began, answer = time.monotonic(), None
    async with open_client(engine.url) as client:
        for number in range(MAX_EVENTS):
            event = {
                "eventId": f"large-{number}",
                "leadId": f"lead-{number % 20}",
                "type": "page_view",
                "properties": {"text": os.urandom(15_000).hex()},  # so that it cannot be compressed
            }
            engine.ledger.sent[event["eventId"]] = event
            try:
                answer = await client.post("/api/events", json=[event])
            except httpx.TransportError:
                break
            if answer.status_code != httpx.codes.ACCEPTED:
                assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
                assert answer.json()["code"] == "unavailable"
                assert int(answer.headers["Retry-After"]) >= 1
                break
            engine.ledger.note(answer.json()["results"])
    assert engine.ledger.unanswered, "the control: the disk was never full"
    assert len(engine.ledger.acknowledged) > 100
    measured("events were taken until the disk was full", time.monotonic() - began)


async def _send_the_rest(engine) -> None:
    """What was refused is sent again, as its sender would."""
    began = time.monotonic()
    async with open_client(engine.url) as client:
        for name in sorted(engine.ledger.unanswered):
            await Sender([client], engine.ledger).send([engine.ledger.sent[name]])
    measured("until events are taken again, the disk has room", time.monotonic() - began)


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_full_disks_of_all_members_are_a_503_and_nothing_is_lost_when_there_is_room_again(
    new_settings, tmp_path
):
    with small_disk(tmp_path / "disk", megabytes=DISK_MB) as disk:
        async with open_replica_set(disk) as replica_set:
            settings = new_settings(mongodb_uri=replica_set.uri, lease_seconds=2.0, reconcile_seconds=1.0)
            async with open_engine(settings) as engine:
                await engine.whole()
                ballast = fill(disk, but_for=ROOM_MB)
                await _write_until_refused(engine)
                await engine.ready(status=503)
                ballast.unlink()
                await replica_set.whole()
                await _send_the_rest(engine)
                await engine.check(within=60)


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_an_engine_whose_disk_fills_up_stops_with_the_reason_and_goes_on_when_there_is_room(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=DISK_MB) as disk:
        settings = Settings(_env_file=None, data_dir=disk / "data", port=free_port(), rulebook="classic")
        up = await _up(settings)
        await _ready(settings, up)
        async with open_engine(with_running_services(settings), keep=True) as engine:
            ballast = fill(disk, but_for=ROOM_MB)
            await _write_until_refused(engine)
            code, said = await _ended(up)
            assert code == 1
            assert f"The disk of {disk / 'data' / 'mongodb'} is full" in said
            assert "Traceback" not in said
            ballast.unlink()
            up = await _up(settings)
            await _ready(settings, up)
            await _send_the_rest(engine)
            await engine.check(within=60)
            up.terminate()
            code, said = await _ended(up)
    assert code == 0, said


async def test_an_engine_without_room_to_start_says_how_much_it_takes(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=100) as disk:
        settings = Settings(_env_file=None, data_dir=disk / "data", port=free_port())
        code, said = await _ended(await _up(settings))
    assert code == 1
    assert f"The disk of {disk / 'data'} is full" in said
    assert "DATA_DIR" in said
    assert "Traceback" not in said


async def test_a_data_folder_that_cannot_be_written_is_refused_with_its_name(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=400, read_only=True) as disk:
        settings = Settings(_env_file=None, data_dir=disk / "data", port=free_port())
        code, said = await _ended(await _up(settings))
    assert code == 1
    assert str(disk / "data") in said
    assert "Read-only file system" in said
    assert "DATA_DIR" in said
    assert "Traceback" not in said


async def _up(settings) -> asyncio.subprocess.Process:
    """Begin `lead-engine up`."""
    env = {
        **os.environ,
        "DATA_DIR": str(settings.data_dir),
        "PORT": str(settings.port),
        "RULEBOOK": settings.rulebook,
        "MONGODB_URI": "",
        "REDIS_URL": "",
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scripts.cli", "up"),
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


async def _ready(settings, up) -> None:
    """Return when the engine can serve."""
    async with open_client(f"http://127.0.0.1:{settings.port}") as client, asyncio.timeout(60):
        while True:
            assert up.returncode is None, await _ended(up)
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get("/health/ready")).status_code == httpx.codes.OK:
                    return
            await asyncio.sleep(0.1)


async def _ended(up) -> tuple[int, str]:
    """Wait until it has ended by itself; the exit code, and what it said of its failure."""
    try:
        async with asyncio.timeout(120):
            _, failed = await up.communicate()
    finally:
        if up.returncode is None:
            up.kill()
    return up.returncode, failed.decode()
