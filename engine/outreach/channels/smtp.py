"""E-mail by SMTP: one recipient per mail, on connections that are kept for the next one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from engine.outreach.channels.addresses import email_fault
from engine.outreach.channels.channel import Accepted, HandOver, Letter, Retry, Sent, Unknown
from engine.outreach.channels.mail import Composer
from engine.outreach.channels.smtp_replies import meaning_of

if TYPE_CHECKING:
    import aiosmtplib

__all__ = ["SmtpChannel", "SmtpServer"]

_MAX_IDLE_SECONDS = 20.0
_MAX_PER_CONNECTION = 100
_MAX_KEPT = 8


class SmtpServer(Struct, frozen=True, kw_only=True):
    """The mail server, and how to talk with it."""

    host: str
    port: int
    username: str = ""
    password: str = ""
    security: Literal["none", "starttls", "tls"] = "starttls"
    seconds: float = 30.0


class _Connection(Struct):
    client: aiosmtplib.SMTP
    used_at: float
    mails: int = 0


class SmtpChannel:
    """Sends by one mail server."""

    channel = "email"
    name = "smtp"

    def __init__(self, server: SmtpServer, composer: Composer) -> None:
        self._server = server
        self._composer = composer
        self._idle: list[_Connection] = []

    def recipient_fault(self, to: str) -> str | None:
        return email_fault(to)

    async def send(self, letter: Letter, hand_over: HandOver) -> Sent:
        """The mail is handed over with DATA: whatever the server says before that, it has not taken it."""
        import aiosmtplib  # noqa: PLC0415 - only processes that send pay for it

        mail = self._composer.compose(letter)
        try:
            connection = await self._ready(letter.content.to)
        except aiosmtplib.SMTPResponseException as error:
            return meaning_of(error.code, error.message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            return meaning_of(error.recipients[0].code, error.recipients[0].message)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            return Retry(f"{type(error).__name__}: {error}", pauses_channel=True)
        try:
            await hand_over()
        except BaseException:
            connection.client.close()
            raise
        try:
            answer = (await connection.client.data(mail)).message
        except aiosmtplib.SMTPDataError as error:
            await self._give_back(connection)
            return meaning_of(error.code, error.message)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            connection.client.close()
            return Unknown(f"the server did not answer the mail: {type(error).__name__}: {error}")
        await self._give_back(connection, is_clean=True)
        return Accepted(self._composer.message_id(letter), answer)

    async def close(self) -> None:
        """Say goodbye on every connection."""
        while self._idle:
            self._idle.pop().client.close()

    async def _ready(self, to: str) -> _Connection:
        """A connection on which sender and recipient are accepted; an old one that is broken is replaced once."""
        import aiosmtplib  # noqa: PLC0415 - as above

        kept = self._kept()
        if kept is not None:
            try:
                return await self._addressed(kept, to)
            except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, OSError):
                kept.client.close()
        return await self._addressed(await self._connected(), to)

    async def _addressed(self, connection: _Connection, to: str) -> _Connection:
        import aiosmtplib  # noqa: PLC0415 - as above

        try:
            await connection.client.mail(self._composer.envelope_from)
            await connection.client.rcpt(to)
        except aiosmtplib.SMTPResponseException:
            await self._give_back(connection)
            raise
        return connection

    async def _connected(self) -> _Connection:
        import aiosmtplib  # noqa: PLC0415 - as above

        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username or None,
            password=server.password or None,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            timeout=server.seconds,
        )
        await client.connect()
        return _Connection(client, time.monotonic())

    def _kept(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.client.is_connected and time.monotonic() - connection.used_at < _MAX_IDLE_SECONDS:
                return connection
            connection.client.close()
        return None

    async def _give_back(self, connection: _Connection, *, is_clean: bool = False) -> None:
        """Keep the connection for the next mail, reset unless a mail has just come to its end; or close it."""
        import aiosmtplib  # noqa: PLC0415 - as above

        connection.mails += 1
        connection.used_at = time.monotonic()
        if (
            not connection.client.is_connected
            or connection.mails >= _MAX_PER_CONNECTION
            or len(self._idle) >= _MAX_KEPT
        ):
            connection.client.close()
            return
        try:
            if not is_clean:
                await connection.client.rset()
        except (aiosmtplib.SMTPException, OSError):
            connection.client.close()
            return
        self._idle.append(connection)
