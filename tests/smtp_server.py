"""A real mail server for tests (aiosmtpd) that keeps what it takes, and refuses or dies as a test asks."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections import deque

from aiosmtpd.smtp import SMTP


class MailServer:
    """What arrived, and how the next commands are answered."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.rcpt_answers: deque[str] = deque()
        self.data_answers: deque[str | None] = deque()
        """None: the mail is taken, and the connection is cut instead of an answer."""
        self.port = 0

    @property
    def mails(self):
        """Each mail that was taken, parsed."""
        return [
            email.message_from_bytes(raw.replace(b"\r\n", b"\n"), policy=email.policy.default)
            for _, raw in self.taken
        ]

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        answer = self.rcpt_answers.popleft() if self.rcpt_answers else ""
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        answer = self.data_answers.popleft() if self.data_answers else "250 2.0.0 Ok: queued as 12345"
        if answer is None or answer.startswith("2"):
            self.taken.append((envelope.rcpt_tos[0], envelope.content))
        if answer is None:
            server.transport.abort()
            await asyncio.sleep(3600)
        return answer


async def start_mail_server(port: int = 0) -> tuple[MailServer, asyncio.Server]:
    """The server on 127.0.0.1, on the running loop."""
    handler = MailServer()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="mail.test", loop=loop, enable_SMTPUTF8=False), "127.0.0.1", port
    )
    handler.port = server.sockets[0].getsockname()[1]
    return handler, server
