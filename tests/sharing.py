"""How test processes that run side by side share the tests: whole files, the slowest first, fault tests on one process."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

__all__ = ["FileScheduling", "rank"]

_FAULTS = "tests/faults/"
_SLOWEST_FIRST = (
    _FAULTS,
    "tests/deployment/",
    "tests/hostile/test_generated.py",
    "tests/scripts/",
    "tests/api/",
    "tests/engine/",
    "tests/hostile/",
    "tests/workflows/",
)


def rank(nodeid: str) -> int:
    """The place of a test among all: what is long comes first, so that no process waits long for the other's last."""
    ranks = (number for number, start in enumerate(_SLOWEST_FIRST) if nodeid.startswith(start))
    return next(ranks, len(_SLOWEST_FIRST))


class FileScheduling(LoadScopeScheduling):
    """pytest-xdist's scheduling by file, except that the fault tests share one replica set and one engine."""

    def _split_scope(self, nodeid: str) -> str:
        return _FAULTS if nodeid.startswith(_FAULTS) else nodeid.partition("::")[0]
