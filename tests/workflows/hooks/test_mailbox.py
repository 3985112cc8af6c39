"""The mailbox, read from a real IMAP server: nothing is taken twice or lost, and nothing of our own is a reply."""

from __future__ import annotations

import pytest

from engine.outreach.mailbox import Mailbox, MailboxError
from engine.outreach.message import Author
from tests.imap_server import PASSWORD, USER, running_imap_server
from workflows.hooks import poll_mailbox as module
from workflows.hooks.poll_mailbox import poll_mailbox
from workflows.outreach.plan import NewMessage, plan_message


@pytest.fixture
async def server():
    async with running_imap_server() as running:
        yield running


@pytest.fixture
async def runtime(runtime, server):
    """An engine that reads the mailbox, and has looked into it once."""
    settings = runtime.settings.model_copy(
        update={
            "imap_host": "127.0.0.1",
            "imap_port": server.port,
            "imap_security": "none",
            "imap_username": USER,
            "imap_password": PASSWORD,
            "email_from": "Sam <sam@acme.test>",
        }
    )
    mailbox = Mailbox(settings)
    outreach = type(runtime.outreach)(**{**vars(runtime.outreach), "mailbox": mailbox})
    reading = with_parts(runtime, settings=settings, outreach=outreach)
    await server.deliver(mail("old", "stranger@example.com"))
    assert not await poll_mailbox(reading)
    return reading


def with_parts(runtime, **parts):
    return type(runtime)(**{**vars(runtime), **parts})


@pytest.fixture
async def message(runtime, send):
    """A message to ada, whose address the engine does not know of her."""
    await send("ada", "signup")
    new = NewMessage(channel="email", to="ada@example.com", subject="Hi", text="Hello")
    return (await plan_message(runtime, Author("person", "p1"), "ada", new, None))[0]


def mail(number, sender="ada@example.com", **headers):
    lines = [f"From: {sender}", f"Message-ID: <{number}@example.com>", "Subject: Re: Hi"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", f"Hello {number}", ""]).encode()


async def replies(runtime, lead_id="ada"):
    stream = await runtime.capture.events.of_lead(lead_id)
    return [event for event in stream if event.source == "imap"]


async def test_a_reply_is_the_leads_by_the_message_it_answers(runtime, server, message):
    answered = f"<{message.mail_id}@acme.test>"
    await server.deliver(
        mail(1, In_Reply_To=answered),
        mail(2, "assistant@example.com", References=f"{answered} <x@y.z>"),
        mail(3),
        mail(4, "stranger@example.com"),
    )
    counted = await poll_mailbox(runtime)
    assert counted == {"stored": 3, "left": 1}
    found = await replies(runtime)
    assert [event.type for event in found] == ["message.received"] * 3
    assert [event.properties.get("messageId") for event in found] == [message.unit_id] * 2 + [None]
    assert not await poll_mailbox(runtime)


async def test_what_is_ours_or_a_machines_is_no_reply(runtime, server, message):
    answered = f"<{message.mail_id}@acme.test>"
    await server.deliver(
        mail(1, "sam@acme.test", In_Reply_To=answered),
        mail(2, USER, In_Reply_To=answered),
        mail(3, In_Reply_To=answered, Auto_Submitted="auto-replied"),
        mail(4, "other@acme.test").replace(b"<4@example.com>", answered.encode()),
    )
    assert await poll_mailbox(runtime) == {"stored": 1, "left": 3}
    assert [event.type for event in await replies(runtime)] == ["email.auto_replied"]


async def test_a_look_that_is_cut_off_is_taken_up_where_it_ended(runtime, server, message, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 2)
    answered = f"<{message.mail_id}@acme.test>"
    await server.deliver(*(mail(number, In_Reply_To=answered) for number in range(5)))
    moved, places = [], runtime.outreach.places

    class Dying:
        find = places.find

        @staticmethod
        async def move(mailbox_id, place):
            if len(moved) == 1:
                raise ConnectionError
            moved.append(place)
            await places.move(mailbox_id, place)

    outreach = type(runtime.outreach)(**{**vars(runtime.outreach), "places": Dying})
    with pytest.raises(ConnectionError):
        await poll_mailbox(with_parts(runtime, outreach=outreach))
    assert len(await replies(runtime)) == 4
    assert await poll_mailbox(runtime) == {"stored": 1, "duplicate": 2}
    bodies = sorted(event.event_id for event in await replies(runtime))
    assert len(set(bodies)) == 5


async def test_mails_that_are_numbered_anew_are_taken_once(runtime, server, message):
    answered = f"<{message.mail_id}@acme.test>"
    await server.deliver(mail(1, In_Reply_To=answered), mail(2, In_Reply_To=answered))
    await poll_mailbox(runtime)
    await server.renumber()
    await server.deliver(mail(3, In_Reply_To=answered))
    await poll_mailbox(runtime)
    assert len(await replies(runtime)) == 3
    assert not await poll_mailbox(runtime)


async def test_a_mail_that_cannot_be_parsed_holds_nothing_up(runtime, server, message, monkeypatch):
    def parse(raw):
        if b"Hello 1" in raw:
            raise module.UnreadableMail("no")
        return original(raw)

    original = module.mail_events
    monkeypatch.setattr(module, "mail_events", parse)
    await server.deliver(mail(1), mail(2, In_Reply_To=f"<{message.mail_id}@acme.test>"))
    assert await poll_mailbox(runtime) == {"stored": 1, "unreadable": 1}


async def test_a_mailbox_that_cannot_be_read_is_said_to_be(runtime):
    settings = runtime.settings.model_copy(update={"imap_password": "wrong"})
    outreach = type(runtime.outreach)(**{**vars(runtime.outreach), "mailbox": Mailbox(settings)})
    with pytest.raises(MailboxError, match="cannot be read"):
        await poll_mailbox(with_parts(runtime, outreach=outreach))
    closed = runtime.settings.model_copy(update={"imap_port": 1})
    outreach = type(runtime.outreach)(**{**vars(runtime.outreach), "mailbox": Mailbox(closed)})
    with pytest.raises(MailboxError):
        await poll_mailbox(with_parts(runtime, outreach=outreach))
