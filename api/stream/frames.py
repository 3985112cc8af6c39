"""The frames of the stream in the format of server-sent events (WHATWG HTML, section 9.2).

They hold ids and positions, never what is known of a person. Heartbeats are events with a name, for a comment would not
reach the page: it could not tell a dead connection from a quiet one.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

__all__ = ["bye", "heartbeat", "hello", "leads", "reset"]

_encode = msgspec.json.Encoder().encode
_EMPTY: dict[str, int] = {}


def hello(position: int, build: str) -> bytes:
    """The first frame: everything up to this position can be read; `build` names the running version."""
    return _frame("hello", {"position": position, "build": build}, position)


def leads(positions: Mapping[str, int], position: int) -> bytes:
    """Leads that have changed, each with its applied position."""
    return _frame("leads", positions, position)


def heartbeat(position: int) -> bytes:
    """The connection is alive."""
    return _frame("hb", _EMPTY, position)


def reset(position: int) -> bytes:
    """Too much has changed: read again what is shown."""
    return _frame("reset", _EMPTY, position)


def bye(why: str) -> bytes:
    """The last frame: `stopping`, `revoked` or `renew`."""
    return b"event: bye\ndata: %b\n\n" % _encode({"why": why})


def _frame(event: str, data: object, position: int) -> bytes:
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (position, event.encode(), _encode(data))
