"""Reports of a provider about our messages are about the lead that each went to, and say which message it was."""

from __future__ import annotations

import base64
import hmac
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from domain.hooks.request import HookEvent, HookRequest
from engine.operations.audit_log import ENGINE
from engine.outreach.message import Author
from workflows.hooks.endpoints import create_hook
from workflows.hooks.our_messages import with_our_messages
from workflows.hooks.take import take
from workflows.outreach.plan import NewMessage, plan_message

URL = "https://leads.example.com/v1/hooks/twilio/x"


@pytest.fixture
async def message(runtime, send):
    """A message to a lead, which the provider knows as SM1."""
    await send("ada", "signup")
    new = NewMessage(channel="email", to="ada@example.com", subject="Hi", text="Hello")
    message, _ = await plan_message(runtime, Author("person", "person_1"), "ada", new, None)
    await runtime.outreach.messages.accepted(message, "twilio", "SM1")
    return message


@pytest.fixture
def report(runtime):
    async def report(query="", **fields):
        endpoint = await create_hook(runtime, ENGINE, "twilio", "", "12345")
        signed = URL + query + "".join(name + value for name, value in sorted(fields.items()))
        signature = base64.b64encode(hmac.digest(b"12345", signed.encode(), "sha1")).decode()
        headers = {"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded"}
        request = HookRequest(
            urls=(URL + query,), headers=headers, body=urlencode(fields).encode(), received_at=runtime.now()
        )
        return await take(runtime, endpoint, request)

    return report


@pytest.mark.parametrize(
    "fields",
    [
        {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "whatsapp:+15551234567"},
        {
            "MessageSid": "SM2",
            "SmsStatus": "received",
            "From": "whatsapp:+15551234567",
            "Body": "Yes",
            "OriginalRepliedMessageSid": "SM1",
        },
    ],
)
async def test_a_report_by_the_providers_id_is_about_our_message(runtime, message, report, fields):
    assert (await report(**fields)).stored == 1
    event = (await runtime.capture.events.of_lead("ada"))[-1]
    assert event.properties["messageId"] == message.unit_id
    assert event.source == "twilio"


async def test_a_report_about_a_message_that_is_not_ours_is_about_the_person(runtime, message, report):
    await report(MessageSid="SM9", MessageStatus="delivered", To="whatsapp:+15551234567")
    assert "message.delivered" not in [event.type for event in await runtime.capture.events.of_lead("ada")]


async def test_a_report_names_our_message_even_if_the_providers_id_never_reached_us(runtime, send, report):
    await send("ada", "signup")
    new = NewMessage(channel="whatsapp", to="+15551234567", template="intro")
    message, _ = await plan_message(runtime, Author("person", "person_1"), "ada", new, None)
    fields = {"MessageSid": "SM5", "MessageStatus": "delivered", "To": "whatsapp:+15551234567"}
    assert (await report(f"?messageId={message.unit_id}", **fields)).stored == 1
    event = (await runtime.capture.events.of_lead("ada"))[-1]
    assert (event.type, event.properties["messageId"]) == ("message.delivered", message.unit_id)


async def test_a_reply_is_the_leads_by_what_it_answers_whatever_address_it_comes_from(runtime, message):
    found = HookEvent(
        key="k",
        type="message.received",
        identifiers={"email": "assistant@example.com"},
        properties={"inReplyTo": f"<{message.mail_id}@acme.test>", "channel": "email"},
    )
    unknown = replace(found, key="l", properties={"inReplyTo": "<msg.0@acme.test>"})
    about, other = await with_our_messages(runtime, [found, unknown])
    assert (about.lead_id, about.properties["messageId"]) == ("ada", message.unit_id)
    assert other == unknown
