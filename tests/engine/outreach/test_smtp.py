"""E-mail by SMTP against a real server: what each reply means, and when the mail is handed over."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from domain.errors import Invalid
from engine.outreach.channels.channel import Accepted, Letter, Rejected, Retry
from engine.outreach.channels.mail import Composer, mail_sender
from engine.outreach.channels.smtp import SmtpChannel, SmtpServer
from engine.outreach.message import Content
from tests.smtp_server import start_mail_server

AT = 1_700_000_000_000


@pytest.fixture
async def server():
    handler, listening = await start_mail_server()
    yield handler
    listening.close()


@pytest.fixture
async def channel(server):
    sender = mail_sender("Sam Seller <sam@acme.test>", reply_to="reply@acme.test")
    opened = SmtpChannel(
        SmtpServer(host="127.0.0.1", port=server.port, security="none", seconds=2),
        Composer(sender, lambda: AT),
    )
    yield opened
    await opened.close()


def letter(to="ada@example.com", **more):
    content = Content(to=to, subject="Ünïcode ✓", text="Hello Ada,\n.\nbye", html="<p>Hello</p>")
    return Letter(message_id="msg_1", lead_id="ada", mail_id="msg.1", content=content, **more)


class HandedOver:
    def __init__(self):
        self.times = 0

    async def __call__(self):
        self.times += 1


async def test_a_mail_arrives_whole_with_the_headers_of_thread_and_unsubscription(server, channel):
    handed = HandedOver()
    sent = await channel.send(
        letter(thread=("first@acme.test", "second@acme.test"), unsubscribe_url="https://x.test/u/t"), handed
    )
    assert sent == Accepted("msg.1@acme.test", "2.0.0 Ok: queued as 12345")
    assert handed.times == 1
    (mail,) = server.mails
    assert mail["Subject"] == "Ünïcode ✓"
    assert mail["Message-ID"] == "<msg.1@acme.test>"
    assert mail["In-Reply-To"] == "<second@acme.test>"
    assert mail["References"] == "<first@acme.test> <second@acme.test>"
    assert mail["Reply-To"] == "reply@acme.test"
    assert mail["List-Unsubscribe"] == "<https://x.test/u/t>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.get_body(("plain",)).get_content() == "Hello Ada,\n.\nbye\n"
    assert mail.get_body(("html",)).get_content() == "<p>Hello</p>\n"


async def test_ids_and_links_are_written_as_they_are_however_long(server, channel):
    link, thread = (
        f"https://leads.example.com/u/{'A1_-' * 40}",
        tuple(f"{n}{'x' * 90}@acme.test" for n in range(3)),
    )
    await channel.send(letter(unsubscribe_url=link, thread=thread), HandedOver())
    ((_, raw),) = server.taken
    assert f"\r\nList-Unsubscribe: <{link}>\r\n".encode() in raw
    assert f"\r\nIn-Reply-To: <{thread[-1]}>\r\n".encode() in raw
    assert (
        b"=?"
        not in raw.split(b"\r\n\r\n")[0]
        .replace(server.mails[0]["Subject"].encode(), b"")
        .split(b"Subject")[0]
    )
    assert max(map(len, raw.split(b"\r\n"))) < 998


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        ("450 4.2.0 greylisted", Retry("450 4.2.0 greylisted")),
        ("452 4.2.2 mailbox full", Retry("452 4.2.2 mailbox full", after=30 * 60_000)),
        ("552 5.2.2 mailbox full", Retry("552 5.2.2 mailbox full", after=30 * 60_000)),
        ("421 4.7.0 too many", Retry("421 4.7.0 too many", pauses_channel=True)),
        ("550 5.1.1 no such user", Rejected("550 5.1.1 no such user", suppress=True)),
        ("550 no such user here", Rejected("550 no such user here", suppress=True)),
        ("550 5.7.1 blocked by policy", Rejected("550 5.7.1 blocked by policy")),
        ("554 5.7.1 spam", Rejected("554 5.7.1 spam")),
        ("550 4.2.1 try later", Retry("550 4.2.1 try later")),
        ("450 5.1.1 gone", Rejected("450 5.1.1 gone", suppress=True)),
    ],
)
async def test_a_refused_recipient_is_never_handed_over(server, channel, reply, meaning):
    server.rcpt_answers.append(reply)
    handed = HandedOver()
    assert await channel.send(letter(), handed) == meaning
    assert handed.times == 0
    assert not server.taken


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        ("451 4.3.0 try later", Retry("451 4.3.0 try later")),
        ("554 5.7.1 content rejected", Rejected("554 5.7.1 content rejected")),
        ("552 5.3.4 too big", Rejected("552 5.3.4 too big")),
    ],
)
async def test_a_refused_mail_certainly_did_not_go_out(server, channel, reply, meaning):
    server.data_answers.append(reply)
    handed = HandedOver()
    assert await channel.send(letter(), handed) == meaning
    assert handed.times == 1
    assert not server.taken


async def test_the_next_mail_goes_over_the_same_connection_also_after_a_refusal(server, channel):
    await channel.send(letter(), HandedOver())
    server.rcpt_answers.append("550 5.1.1 no such user")
    await channel.send(letter("nobody@example.com"), HandedOver())
    await channel.send(letter("eve@example.com"), HandedOver())
    assert [to for to, _ in server.taken] == ["ada@example.com", "eve@example.com"]
    assert len(channel._idle) == 1


def test_dkim_covers_both_headers_of_unsubscription(tmp_path):
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    (tmp_path / "key.pem").write_bytes(pem)
    sender = mail_sender("Sam <sam@acme.test>", dkim_selector="s1", dkim_key_file=str(tmp_path / "key.pem"))
    mail = Composer(sender, lambda: AT).compose(letter(unsubscribe_url="https://x.test/u/t"))

    assert verifies(mail, key.public_key())
    for header in (b"List-Unsubscribe: ", b"List-Unsubscribe-Post: ", b"Subject: ", b"To: "):
        assert not verifies(mail.replace(header, header + b"x", 1), key.public_key())
    assert not verifies(mail.replace(b"Hello Ada", b"Hello Eve"), key.public_key())
    with pytest.raises(Invalid):
        mail_sender("Sam <sam@acme.test>", dkim_key_file=__file__)


def verifies(mail, public_key):
    """Whether the signature of a mail holds, by another way through RFC 6376 than that of the signer."""
    lines = re.sub(r"\r\n[ \t]+", " ", mail.decode().split("\r\n\r\n", 1)[0]).split("\r\n")
    fields = {line.split(":", 1)[0].lower(): " ".join(line.split(":", 1)[1].split()) for line in lines}
    tags = dict(tag.strip().split("=", 1) for tag in fields["dkim-signature"].split(";"))
    body = re.sub(r"[ \t]+", " ", mail.decode().split("\r\n\r\n", 1)[1])
    body = re.sub(r"(\r\n)*\Z", "\r\n", re.sub(r" +\r\n", "\r\n", body), count=1)
    if tags["bh"] != base64.b64encode(hashlib.sha256(body.encode()).digest()).decode():
        return False
    unsigned = re.sub(r"(; b=).*", r"\1", fields["dkim-signature"])
    text = "".join(f"{name}:{fields[name]}\r\n" for name in tags["h"].split(":"))
    signed = f"{text}dkim-signature:{unsigned}".encode()
    try:
        public_key.verify(base64.b64decode(tags["b"]), signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
