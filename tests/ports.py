"""Ports for servers that a test starts in another process, which takes them a moment later."""

from __future__ import annotations

import itertools
import os
import socket

__all__ = ["free_port"]

_FIRST, _LAST = 15_000, 29_999
"""Below the ports that Linux gives to outgoing connections and to those who ask for any: nobody takes one by chance meanwhile."""

_SHARES, _SHARE = 8, int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
_numbers = itertools.count(os.getpid() * 101)


def free_port() -> int:
    """A port of this machine on which nobody listens, and which this process does not return again.

    Each process of one run of pytest has ports of its own.
    """
    for number in itertools.islice(_numbers, _LAST - _FIRST):
        port = _FIRST + (number * _SHARES + _SHARE) % (_LAST - _FIRST + 1)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no port from {_FIRST} to {_LAST} is free")
