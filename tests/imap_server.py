"""A real IMAP server for tests (pymap, in memory), on the running loop, with a mailbox that tests deliver to."""

from __future__ import annotations

import asyncio
import imaplib
from argparse import ArgumentParser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer, IMAPService

__all__ = ["PASSWORD", "USER", "ImapServer", "running_imap_server"]

USER, PASSWORD = "sales@acme.test", "secret"


class ImapServer:
    """Its port, and what a mail server does with it: deliver."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def deliver(self, *mails: bytes) -> None:
        """Put mails into the inbox, in this order."""
        await asyncio.to_thread(self._deliver, mails)

    async def renumber(self) -> None:
        """Make the inbox again, with another UIDVALIDITY and the mails that lie in it."""
        await asyncio.to_thread(self._renumber)

    def _deliver(self, mails: tuple[bytes, ...]) -> None:
        with imaplib.IMAP4("127.0.0.1", self.port) as client:
            client.login(USER, PASSWORD)
            for mail in mails:
                raw = mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
                assert client.append("INBOX", None, None, raw)[0] == "OK"

    def _renumber(self) -> None:
        with imaplib.IMAP4("127.0.0.1", self.port) as client:
            client.login(USER, PASSWORD)
            client.select("INBOX")
            found = client.uid("FETCH", "1:*", "(BODY.PEEK[])")[1]
            mails = tuple(part[1] for part in found if isinstance(part, tuple))
            assert client.rename("INBOX", "old")[0] == "OK"
        self._deliver(mails)


@asynccontextmanager
async def running_imap_server() -> AsyncIterator[ImapServer]:
    """The server on 127.0.0.1 with one user, until the end of the block."""
    parser = ArgumentParser()
    parser.set_defaults(skip_services=[], passlib_cfg=None, debug=False)
    IMAPService.add_arguments(parser)
    DictBackend.add_subparser("dict", parser.add_subparsers())
    args = parser.parse_args(["--no-tls", "dict", "--demo-user", USER, "--demo-password", PASSWORD])
    backend, config = await DictBackend.init(args, secure_auth=False)
    config.apply_context()
    reader = ProxyProtocolReader(config.proxy_protocol)
    called = reader.get_callback(IMAPServer(backend.login, config))
    listening = await asyncio.start_server(called, "127.0.0.1", 0)
    try:
        yield ImapServer(listening.sockets[0].getsockname()[1])
    finally:
        listening.close()
