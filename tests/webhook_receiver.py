"""A receiver of webhooks on a real socket that answers, and fails to answer, in every way a test asks for."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Request:
    """What arrived."""

    line: str
    headers: dict[str, str]
    body: bytes


def answer(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Answer at once; `retry_after` becomes Retry-After."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        said = {
            "Content-Length": str(len(body)),
            **{k.replace("_", "-").title(): v for k, v in headers.items()},
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        writer.write(f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body)
        await writer.drain()

    return behave


async def hang(writer: asyncio.StreamWriter) -> None:
    """Take the request and say nothing."""
    await asyncio.sleep(60)


async def hang_in_body(writer: asyncio.StreamWriter) -> None:
    """Answer 200 and never finish the body."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nso far")
    await asyncio.sleep(60)


async def drip(writer: asyncio.StreamWriter) -> None:
    """Answer a byte at a time, so that no single read takes long."""
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" * 100:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.1)


async def flood(writer: asyncio.StreamWriter) -> None:
    """Answer 200 with a body that has no end."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        await writer.drain()


async def close(writer: asyncio.StreamWriter) -> None:
    """Take the request and hang up."""


async def talk_nonsense(writer: asyncio.StreamWriter) -> None:
    """Answer something that is not HTTP."""
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    await writer.drain()


@dataclass
class Receiver:
    """Behaves as it is told, one behaviour a request, and then answers 200; remembers every request."""

    answer = staticmethod(answer)
    hang = staticmethod(hang)
    hang_in_body = staticmethod(hang_in_body)
    drip = staticmethod(drip)
    flood = staticmethod(flood)
    close = staticmethod(close)
    talk_nonsense = staticmethod(talk_nonsense)

    port: int = 0
    host: str = "127.0.0.1"
    scheme: str = "http"
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    names: list[str] = field(default_factory=list)
    _told: list[Behaviour] = field(default_factory=list)

    def will(self, *behaviours: Behaviour) -> None:
        """Behave like this, a request each."""
        self._told += behaviours

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}/hooks"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            named = (line.split(": ", 1) for line in head[1:] if line)
            headers = {name.lower(): value for name, value in named}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            self.requests.append(Request(head[0], headers, body))
            await (self._told.pop(0) if self._told else answer(200))(writer)
        writer.close()


@contextlib.asynccontextmanager
async def open_receiver(certificate: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver, over TLS if it has a certificate."""
    receiver = Receiver(scheme="https" if certificate else "http")
    if certificate:
        certificate.sni_callback = lambda _, name, __: receiver.names.append(name)
    handling: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handling.add(asyncio.current_task())
        await receiver.serve(reader, writer)

    server = await asyncio.start_server(serve, receiver.host, 0, ssl=certificate)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in handling:
            task.cancel()
        await asyncio.gather(*handling, return_exceptions=True)
