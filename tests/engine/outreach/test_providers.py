"""Adapters of providers, against fakes that the official clients accept."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from pywa import WhatsApp
from pywa.errors import MessageUndeliverable
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Mail
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from engine.outreach.channels.channel import Accepted, Letter, Rejected, Retry, Unknown
from engine.outreach.channels.mail import mail_sender
from engine.outreach.channels.meta import MetaWhatsApp
from engine.outreach.channels.sendgrid import SendGridChannel
from engine.outreach.channels.twilio import TwilioWhatsApp
from engine.outreach.message import Content
from tests.providers import running_providers

PHONE = "+4915112345678"
SECONDS = 5.0


@pytest.fixture
async def providers():
    async with running_providers() as fakes:
        yield fakes


def channels(url):
    return {
        "sendgrid": SendGridChannel(url, "SG.key", mail_sender("Sam <sam@acme.test>"), SECONDS),
        "twilio": TwilioWhatsApp(url, "AC1", "token", "+14155238886", "https://x.test/status", SECONDS),
        "meta": MetaWhatsApp(url, "v23.0", "106540352242922", "EAA", SECONDS),
    }


def letter(to=None, *, mail=False, **content):
    to = to or ("ada@example.com" if mail else PHONE)
    content = {"text": "Hello", "subject": "Hi" if mail else "", **content}
    return Letter(message_id="msg_1", lead_id="ada", mail_id="msg.1", content=Content(to=to, **content))


class HandedOver:
    def __init__(self):
        self.times = 0

    async def __call__(self):
        self.times += 1


@pytest.mark.parametrize("name", ["sendgrid", "twilio", "meta"])
async def test_a_message_is_taken_once_and_names_itself(providers, name):
    channel, handed = channels(providers.url)[name], HandedOver()
    sent = await channel.send(letter(mail=name == "sendgrid"), handed)
    assert isinstance(sent, Accepted)
    assert handed.times == 1
    (got,) = providers.sent
    if name == "sendgrid":
        assert got["custom_args"] == {"message_id": "msg_1"}
        assert got["headers"]["Message-ID"] == "<msg.1@acme.test>"
    elif name == "twilio":
        assert got["To"] == f"whatsapp:{PHONE}"
        assert got["StatusCallback"] == "https://x.test/status?messageId=msg_1"
    else:
        assert got["biz_opaque_callback_data"] == "msg_1"
        assert got["to"] == PHONE.lstrip("+")
    await channel.close()


@pytest.mark.parametrize("name", ["twilio", "meta"])
async def test_a_template_is_sent_with_its_variables(providers, name):
    channel = channels(providers.url)[name]
    sent = await channel.send(letter(text="", template="intro", variables={"1": "Ada"}), HandedOver())
    assert isinstance(sent, Accepted)
    (got,) = providers.sent
    if name == "twilio":
        assert (got["ContentSid"], json.loads(got["ContentVariables"])) == ("intro", {"1": "Ada"})
    else:
        assert got["template"]["name"] == "intro"
        assert got["template"]["components"][0]["parameters"] == [{"type": "text", "text": "Ada"}]
    await channel.close()


def meta_error(code):
    return json.dumps({"error": {"message": f"(#{code}) no", "code": code}}).encode()


def twilio_error(code, status):
    return json.dumps({"code": code, "message": "no", "status": status}).encode()


@pytest.mark.parametrize(
    ("name", "answer", "kind", "more"),
    [
        ("sendgrid", (429, {"retry-after": "7"}, b"{}"), Retry, {"after": 7000}),
        ("sendgrid", (503, {}, b"{}"), Retry, {"pauses_channel": True}),
        ("sendgrid", (500, {}, b"{}"), Unknown, {}),
        ("sendgrid", (401, {}, b"{}"), Retry, {"pauses_channel": True}),
        ("sendgrid", (400, {}, b"{}"), Rejected, {"suppress": False}),
        ("twilio", (429, {}, twilio_error(20429, 429)), Retry, {}),
        ("twilio", (400, {}, twilio_error(21211, 400)), Rejected, {"suppress": True}),
        ("twilio", (400, {}, twilio_error(21610, 400)), Rejected, {"suppress": True}),
        ("twilio", (400, {}, twilio_error(63016, 400)), Rejected, {"suppress": False}),
        ("twilio", (502, {}, b""), Unknown, {}),
        ("meta", (400, {}, meta_error(130429)), Retry, {}),
        ("meta", (400, {}, meta_error(131047)), Rejected, {"suppress": False}),
        ("meta", (400, {}, meta_error(131026)), Rejected, {"suppress": True}),
        ("meta", (401, {}, meta_error(190)), Retry, {"pauses_channel": True}),
        ("meta", (200, {}, b"not json"), Accepted, {}),
    ],
)
async def test_what_an_answer_means(providers, name, answer, kind, more):
    channel = channels(providers.url)[name]
    providers.next_answers.append(answer)
    sent = await channel.send(letter(mail=name == "sendgrid"), HandedOver())
    assert isinstance(sent, kind), sent
    assert {field: getattr(sent, field) for field in more} == more
    await channel.close()


async def test_the_fake_of_sendgrid_is_what_its_official_client_expects(providers):
    client = SendGridAPIClient("SG.key", host=providers.url)
    mail = Mail("sam@acme.test", "ada@example.com", "Hi", "Hello")
    answer = await asyncio.to_thread(client.send, mail)
    assert answer.status_code == 202
    assert answer.headers["X-Message-Id"]
    assert len(providers.sent) == 1


async def test_the_fake_of_twilio_is_what_its_official_client_expects(providers):
    class Local(TwilioHttpClient):
        def request(self, method, url, *args, **kwargs):
            return super().request(
                method, url.replace("https://api.twilio.com", providers.url), *args, **kwargs
            )

    client = Client("AC1", "token", http_client=Local())
    sent = await asyncio.to_thread(
        client.messages.create, to=f"whatsapp:{PHONE}", from_="whatsapp:+14155238886", body="Hello"
    )
    assert sent.sid.startswith("SM")
    assert sent.status == "queued"
    with pytest.raises(TwilioRestException) as refused:
        await asyncio.to_thread(client.messages.create, to="nobody", from_="whatsapp:+1", body="x")
    assert refused.value.code == 21211


async def test_the_fake_of_meta_is_what_a_client_of_many_expects(providers):
    session = httpx.Client(trust_env=False)
    client = WhatsApp(phone_id="106540352242922", token="EAA", session=session)
    session.base_url = f"{providers.url}/v23.0"
    sent = await asyncio.to_thread(client.send_message, to=PHONE.lstrip("+"), text="Hello", tracker="msg_1")
    assert sent.id.startswith("wamid.")
    (got,) = providers.sent
    ours = channels(providers.url)["meta"]
    await ours.send(letter(), HandedOver())
    assert {"messaging_product", "recipient_type", "to", "type", "text"} <= got.keys()
    assert providers.sent[1].keys() <= got.keys()
    refused = {"content-type": "application/json"}
    providers.next_answers.append((400, refused, meta_error(131026)))
    with pytest.raises(MessageUndeliverable):
        await asyncio.to_thread(client.send_message, to="1", text="x")
    await ours.close()
