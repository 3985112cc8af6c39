"""The frames of the stream in the format of server-sent events (WHATWG HTML, section 9.2).

They hold ids and positions, never what is known of a person. Heartbeats are events with a name, for a comment would not
reach the page: it could not tell a dead connection from a quiet one.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from domain.events.log_cursor import LogCursor

__all__ = ["bye", "heartbeat", "hello", "leads", "reset"]

_encode = msgspec.json.Encoder().encode
_EMPTY: dict[str, int] = {}


def hello(place: LogCursor, build: str) -> bytes:
    """The first frame: everything up to this place can be read; `build` names the running version."""
    return _frame("hello", {"position": place.token, "build": build}, place)


def leads(positions: Mapping[str, int], place: LogCursor) -> bytes:
    """Leads that have changed, each with its applied position."""
    return _frame("leads", positions, place)


def heartbeat(place: LogCursor) -> bytes:
    """The connection is alive."""
    return _frame("hb", _EMPTY, place)


def reset(place: LogCursor) -> bytes:
    """Too much has changed: read again what is shown."""
    return _frame("reset", _EMPTY, place)


def bye(why: str) -> bytes:
    """The last frame: `stopping`, `revoked` or `renew`."""
    return b"event: bye\ndata: %b\n\n" % _encode({"why": why})


def _frame(event: str, data: object, place: LogCursor) -> bytes:
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (str(place.token).encode(), event.encode(), _encode(data))
