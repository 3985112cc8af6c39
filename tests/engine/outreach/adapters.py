"""Every channel adapter with the other side it talks to, as the contract suite needs them.

`situations` are the states that the other side can be put into: `refuses now`, `refuses for good`, `has no such
recipient`, `is silent`. A folder refuses nothing for good, and nothing is silent that does not answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from engine.outreach.channels.channel import Channel, Letter
from engine.outreach.channels.linkedin import LinkedInTask
from engine.outreach.channels.mail import Composer, mail_sender
from engine.outreach.channels.meta import MetaWhatsApp
from engine.outreach.channels.outbox import OutboxChannel
from engine.outreach.channels.sendgrid import SendGridChannel
from engine.outreach.channels.smtp import SmtpChannel, SmtpServer
from engine.outreach.channels.twilio import TwilioWhatsApp
from engine.outreach.message import Content
from tests.providers import running_providers
from tests.smtp_server import start_mail_server

__all__ = ["ADAPTERS", "SITUATIONS", "Adapter", "letter_to"]

AT = 1_700_000_000_000
MAIL, PHONE, PROFILE = "ada@example.com", "+4915112345678", "https://www.linkedin.com/in/ada-l"
NO_MAIL = (
    "",
    "ada",
    "ada@",
    "a b@example.com",
    "ada@example.com\r\nBcc: eve@example.com",
    "<ada@example.com>",
)
NO_PHONE = ("", "0151", "4915112345678", "+49 151 12345678", "ada@example.com", "+4915112345678\n")
NO_PROFILE = ("", MAIL, "https://example.com/in/ada", "https://www.linkedin.com/company/ada", f"{PROFILE}\n")
MESSAGE_ID = "msg_" + "1" * 32


@dataclass
class Adapter:
    """An adapter under test. `references` are the messages that the other side has, by the id they were given."""

    channel: Channel
    to: str
    wrong: tuple[str, ...]
    references: Callable[[], list[str]]
    put: Mapping[str, Callable[[], object]] = field(default_factory=dict)
    absent: Channel | None = None
    """The same adapter with nobody on the other side."""
    is_once: bool = False
    """Whether the same message given twice is one, since the other side is ours."""


def letter_to(to: str, message_id: str = MESSAGE_ID) -> Letter:
    """A message to this address."""
    content = Content(to=to, subject="Hi", text="Hello")
    return Letter(message_id=message_id, lead_id="ada", mail_id=message_id.replace("_", "."), content=content)


@asynccontextmanager
async def smtp(_folder):
    server, listening = await start_mail_server()
    composer = Composer(mail_sender("Sam <sam@acme.test>"), lambda: AT)

    def at(port):
        return SmtpChannel(SmtpServer(host="127.0.0.1", port=port, security="none", seconds=0.5), composer)

    def references():
        return [mail["Message-ID"].split("@")[0].strip("<").replace(".", "_", 1) for mail in server.mails]

    yield Adapter(
        channel=at(server.port),
        to=MAIL,
        wrong=NO_MAIL,
        references=references,
        put={
            "refuses now": lambda: server.rcpt_answers.append("450 4.2.0 greylisted"),
            "refuses for good": lambda: server.data_answers.append("554 5.7.1 spam"),
            "has no such recipient": lambda: server.rcpt_answers.append("550 5.1.1 no such user"),
            "is silent": lambda: server.data_answers.append(None),
        },
        absent=at(1),
    )
    listening.close()


@asynccontextmanager
async def sendgrid(_folder):
    sender = mail_sender("Sam <sam@acme.test>")
    async with running_providers() as fakes:
        yield Adapter(
            channel=SendGridChannel(fakes.url, "SG.key", sender, 0.5),
            to=MAIL,
            wrong=NO_MAIL,
            references=lambda: [mail["custom_args"]["message_id"] for mail in fakes.sent],
            put={
                "refuses now": _answer(fakes, 429, {}),
                "refuses for good": _answer(fakes, 400, {"errors": [{"message": "no"}]}),
                "is silent": lambda: fakes.next_answers.append(None),
            },
            absent=SendGridChannel("http://127.0.0.1:1", "SG.key", sender, 0.5),
        )


@asynccontextmanager
async def twilio(_folder):
    def at(url):
        return TwilioWhatsApp(url, "AC1", "token", "+14155238886", "https://x.test/status?a=b", 0.5)

    def references():
        called = [parse_qs(urlsplit(form["StatusCallback"]).query) for form in fakes.sent]
        return [query["messageId"][0] for query in called]

    async with running_providers() as fakes:
        yield Adapter(
            channel=at(fakes.url),
            to=PHONE,
            wrong=NO_PHONE,
            references=references,
            put={
                "refuses now": _answer(fakes, 429, {"code": 20429}),
                "refuses for good": _answer(fakes, 400, {"code": 63016}),
                "has no such recipient": _answer(fakes, 400, {"code": 21211}),
                "is silent": lambda: fakes.next_answers.append(None),
            },
            absent=at("http://127.0.0.1:1"),
        )


@asynccontextmanager
async def meta(_folder):
    def at(url):
        return MetaWhatsApp(url, "v23.0", "106540352242922", "EAA", 0.5)

    async with running_providers() as fakes:
        yield Adapter(
            channel=at(fakes.url),
            to=PHONE,
            wrong=NO_PHONE,
            references=lambda: [body["biz_opaque_callback_data"] for body in fakes.sent],
            put={
                "refuses now": _answer(fakes, 400, {"error": {"code": 130429}}),
                "refuses for good": _answer(fakes, 400, {"error": {"code": 131047}}),
                "has no such recipient": _answer(fakes, 400, {"error": {"code": 131026}}),
                "is silent": lambda: fakes.next_answers.append(None),
            },
            absent=at("http://127.0.0.1:1"),
        )


@asynccontextmanager
async def task(_folder):
    tasks = {}

    async def create(letter):
        tasks[letter.message_id] = letter.content.text
        return letter.message_id

    yield Adapter(LinkedInTask(create), PROFILE, NO_PROFILE, lambda: list(tasks), is_once=True)


@asynccontextmanager
async def outbox(folder):
    async with _outbox(folder, "email", MAIL, NO_MAIL) as adapter:
        yield adapter


@asynccontextmanager
async def outbox_of_whatsapp(folder):
    async with _outbox(folder, "whatsapp", PHONE, NO_PHONE) as adapter:
        yield adapter


@asynccontextmanager
async def _outbox(parent, kind, to, wrong):
    folder = parent / "outbox"
    composer = Composer(mail_sender("Sam <sam@acme.test>"), lambda: AT)
    yield Adapter(
        channel=OutboxChannel(kind, folder, composer),
        to=to,
        wrong=wrong,
        references=lambda: [file.stem for file in folder.iterdir()] if folder.is_dir() else [],
        put={"refuses now": lambda: folder.write_text("a file where the folder should be")},
        is_once=True,
    )


def _answer(fakes, status, content):
    body = json.dumps(content).encode()
    return lambda: fakes.next_answers.append((status, {"content-type": "application/json"}, body))


ADAPTERS = {
    "smtp": smtp,
    "sendgrid": sendgrid,
    "twilio": twilio,
    "meta": meta,
    "task": task,
    "outbox": outbox,
    "outbox of WhatsApp": outbox_of_whatsapp,
}
"""A row per adapter, by its name."""

_ALL = ("refuses now", "refuses for good", "has no such recipient", "is silent", "is not there")
SITUATIONS = {
    "smtp": _ALL,
    "sendgrid": tuple(one for one in _ALL if one != "has no such recipient"),  # its events say so, later
    "twilio": _ALL,
    "meta": _ALL,
    "task": (),
    "outbox": ("refuses now",),
    "outbox of WhatsApp": ("refuses now",),
}
"""The situations that each adapter can meet."""
