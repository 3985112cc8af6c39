"""Messages through the engine to a local mail server, beside a bare loop that feeds the same server."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count

from engine.outreach.message import Author
from engine.runtime import Runtime
from scripts.bench.checks import verify
from scripts.bench.processes.engine_process import free_port
from scripts.bench.report.figures import Figure, Row, at_least
from scripts.bench.workbench import Question, Workbench
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.outreach.plan import NewMessage, plan_message
from workflows.work.loops import drain

__all__ = ["MESSAGES"]

_DOMAINS = 50
_AUTHOR = Author("key", "bench")
_TEXT = "Hello,\n\nthank you for your interest. Does Tuesday suit you?\n\nBest regards\nSam\n" * 3
_READY_SECONDS = 20
_SENDER = "sam@acme.test"


async def _answer(bench: Workbench) -> list[Row]:
    size, names = bench.size(1000, 200), count()
    async with _mail_server() as port:
        settings = {
            "email_channel": "smtp",
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "smtp_security": "none",
            "email_from": _SENDER,
            "send_per_domain_minute": 0,
        }
        async with bench.store(settings=settings) as runtime:

            async def engine(number: int) -> float:
                return await _through_the_engine(runtime, size, f"round-{number}-{next(names)}")

            async def bare(_: int) -> float:
                return await _by_a_bare_loop(port, size)

            samples = await bench.interleave({"engine": engine, "bare loop": bare})
    return [
        Row(
            question=28,
            name="messages by SMTP",
            measured=Figure("messages/s", samples["engine"]),
            baseline=Figure("messages/s", samples["bare loop"]),
            baseline_name="bare loop on one connection",
            reach=at_least(0.25),
            note=f"{size:,} messages to {_DOMAINS} domains, planned before, in one process; aiosmtpd in another",
        )
    ]


@asynccontextmanager
async def _mail_server() -> AsyncIterator[int]:
    """A server that takes and forgets mails, in a process of its own. Yields its port."""
    port = free_port()
    sink = ("-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink")
    server = await asyncio.create_subprocess_exec(sys.executable, "-m", "aiosmtpd", *sink)
    try:
        await _accepting(port)
        yield port
    finally:
        server.terminate()
        await server.wait()


async def _accepting(port: int) -> None:
    async with asyncio.timeout(_READY_SECONDS):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)


async def _through_the_engine(runtime: Runtime, size: int, prefix: str) -> float:
    """Messages per second from the first attempt to the end of the last one."""
    leads = [f"{prefix}-{number}" for number in range(size)]
    await ingest(runtime, [EventInput(lead_id=lead, type="signup") for lead in leads])
    for number, lead in enumerate(leads):
        to = f"{lead}@domain-{number % _DOMAINS}.test"
        new = NewMessage(channel="email", to=to, subject="Your demo", text=_TEXT)
        await plan_message(runtime, _AUTHOR, lead, new, None)
    started = time.monotonic()
    await drain(runtime)
    seconds = time.monotonic() - started
    left = await runtime.store.database["messages"].count_documents({"state": {"$ne": "done"}})
    verify(left == 0, f"{left} messages were not sent")
    return size / seconds


async def _by_a_bare_loop(port: int, size: int) -> float:
    """The same number of mails, one after the other on one connection, and nothing recorded."""
    import aiosmtplib

    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = _SENDER, "ada@domain-1.test", "Your demo"
    mail.set_content(_TEXT)
    started = time.monotonic()
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
        for _ in range(size):
            await client.sendmail(_SENDER, ["ada@domain-1.test"], mail.as_bytes())
    return size / (time.monotonic() - started)


MESSAGES = Question("messages", "How many messages go out per second?", _answer, (28,))
