"""A process whose event loop stands still ends, and says where it stood."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

PROGRAM = """
import asyncio, ctypes, time
from engine.process.watchdog import watched_loop

def a_fold_without_an_end():
    {block}

async def main():
    async with watched_loop(1.5):
        await asyncio.sleep(2.5)
        print("turning", flush=True)
        {then}
    {afterwards}
    print("done", flush=True)

asyncio.run(main())
"""


def run(
    block: str = "pass", then: str = "pass", afterwards: str = "pass"
) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(block=block, then=then, afterwards=afterwards)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=55, check=False
    )


@pytest.mark.parametrize(
    "block",
    ["time.sleep(60)", "ctypes.PyDLL(None).sleep(60)"],
    ids=["in Python", "in native code that holds the lock of the interpreter"],
)
def test_a_loop_that_stands_still_ends_its_process_with_the_stacks_of_all_threads(block):
    began = time.monotonic()
    ended = run(block, "a_fold_without_an_end()")
    assert time.monotonic() - began < 50
    assert ended.returncode == 1
    assert ended.stdout == "turning\n"
    assert "a_fold_without_an_end" in ended.stderr


def test_a_loop_that_turns_is_left_alone_and_so_is_everything_afterwards():
    ended = run("time.sleep(2)", afterwards="a_fold_without_an_end()")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "turning\ndone\n", "")


def test_a_pause_that_is_short_enough_does_no_harm():
    ended = run("time.sleep(0.2)", "a_fold_without_an_end()")
    assert (ended.returncode, ended.stdout) == (0, "turning\ndone\n")
