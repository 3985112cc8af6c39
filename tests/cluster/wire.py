"""The part of MongoDB's wire protocol that a driver of today speaks: OP_MSG, and OP_QUERY for its first greeting."""

from __future__ import annotations

import asyncio
import struct
from itertools import count
from typing import Any

import bson

__all__ = ["GONE", "MORE_TO_COME", "Connection", "Message", "read_message", "reply"]

HEADER = struct.Struct("<iiii")
OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
MORE_TO_COME = 2
GONE = (ConnectionError, EOFError, OSError)
"""What is raised when the other end has gone."""

Document = dict[str, Any]


class Message:
    """A request: its number, the kind of its envelope, its flags, and the command."""

    def __init__(self, number: int, code: int, flags: int, body: Document) -> None:
        self.number, self.code, self.flags, self.body = number, code, flags, body


async def read_message(reader: asyncio.StreamReader) -> Message:
    length, number, _, code = HEADER.unpack(await reader.readexactly(HEADER.size))
    data = await reader.readexactly(length - HEADER.size)
    if code == OP_QUERY:
        after_name = data.index(0, 4) + 1 + 8
        return Message(number, code, 0, bson.decode(data[after_name:]))
    assert code == OP_MSG, code
    (flags,) = struct.unpack_from("<I", data)
    end = len(data) - 4 * (flags & 1)  # a checksum
    body: Document = {}
    at = 4
    while at < end:
        kind = data[at]
        (size,) = struct.unpack_from("<i", data, at + 1)
        section = data[at + 1 : at + 1 + size]
        if kind == 0:
            body |= bson.decode(section)
        else:
            name_end = section.index(0, 4)
            body[section[4:name_end].decode()] = bson.decode_all(section[name_end + 1 :])
        at += 1 + size
    return Message(number, code, flags, body)


def _op_msg(number: int, answers: int, body: Document) -> bytes:
    data = struct.pack("<IB", 0, 0) + bson.encode(body)
    return HEADER.pack(HEADER.size + len(data), number, answers, OP_MSG) + data


def reply(message: Message, body: Document) -> bytes:
    """The bytes that answer a message, in the envelope that it came in."""
    if message.code == OP_MSG:
        return _op_msg(0, message.number, body)
    data = struct.pack("<iqii", 8, 0, 0, 1) + bson.encode(body)
    return HEADER.pack(HEADER.size + len(data), 0, message.number, OP_REPLY) + data


class Connection:
    """A connection to one server, opened at the first command and again after a fault."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._numbers = count(1)

    async def command(self, body: Document) -> Document:
        """The server's answer, be it an error. Raises one of `GONE` when there is none."""
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            writer.write(_op_msg(next(self._numbers), 0, body))
            await writer.drain()
            return (await read_message(reader)).body
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None
