"""The registry of overloads is empty once the Redis client has been imported for a process of the engine."""

from __future__ import annotations

import subprocess
import sys

_COUNT = "import typing; print(sum(len(kept) for kept in typing._overload_registry.values()))"


def _overloads_kept(statement: str) -> int:
    program = f"{statement}; {_COUNT}"
    return int(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)


def test_nothing_is_kept_of_the_overloads_of_the_redis_client():
    clear = "from engine.process.overloads import import_redis_without_overloads as clear; clear()"
    assert _overloads_kept(clear) == 0


def test_control_the_redis_client_alone_leaves_hundreds():
    assert _overloads_kept("import redis.asyncio") > 100
