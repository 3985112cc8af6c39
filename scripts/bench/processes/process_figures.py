"""Memory and processor time of processes, as the kernel counts them (Linux)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ["cpu_seconds", "rss_mb"]

_MB = 1_000_000
_KIB = 1024


def rss_mb(pid: int) -> float | None:
    """Resident memory in megabytes; None of a process that has ended."""
    for line in _read(pid, "status").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * _KIB / _MB
    return None


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time that the processes have used so far, their own and the kernel's for them."""
    return sum(_ticks(pid) for pid in pids) / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> int:
    """Zero for a process that has ended."""
    fields = _read(pid, "stat").rpartition(")")[2].split()  # a name in parentheses, which may hold spaces
    return int(fields[11]) + int(fields[12]) if fields else 0


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return ""
