"""Folders of test servers in memory: used ones are kept, those of killed test processes are removed."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.server_folders import folder_in_memory

_PROGRAM = """
import os, signal, sys
from tests.server_folders import folder_in_memory
with folder_in_memory() as folder:
    print(folder, flush=True)
    if sys.argv[1] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdin.read()
    print(folder.is_dir(), flush=True)
"""


def _opened(ending: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _PROGRAM, ending]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def folder():
    with folder_in_memory() as made:
        if made is None:
            pytest.skip("no room in memory")
        yield made


def test_the_folder_of_a_killed_process_is_removed_by_the_next_one(folder):
    killed = _opened("killed")
    left = Path(killed.communicate()[0].splitlines()[0])
    assert left.is_dir(), "the control: there is something to remove"
    with folder_in_memory():
        assert not left.exists()
        assert folder.is_dir()


def test_processes_that_begin_at_once_keep_their_folders(folder):
    processes = [_opened("ended") for _ in range(6)]
    with ThreadPoolExecutor() as pool:
        said = list(pool.map(lambda process: process.communicate("")[0].split(), processes))
    assert [kept for _, kept in said] == ["True"] * 6
    assert not any(Path(name).exists() for name, _ in said)
