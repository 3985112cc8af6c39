"""What providers report, in our vocabulary."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.hooks.providers import PROVIDERS
from domain.hooks.request import HookRequest

FORM = "application/x-www-form-urlencoded"


def read(provider, body, content_type="application/json", **rest):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": content_type, **rest.pop("headers", {})}
    return PROVIDERS[provider].read(HookRequest(body=raw, headers=headers, **rest))


def one(provider, body, *more, **rest):
    (event,) = read(provider, body, *more, **rest)
    return event


def multipart(fields, charsets=None):
    """A multipart form, each field in its character set, as SendGrid sends it."""
    charsets = charsets or {}
    boundary = b"xYzZY"
    parts = [
        b"--" + boundary + b'\r\nContent-Disposition: form-data; name="%b"\r\n\r\n' % name.encode()
        + value.encode(charsets.get(name, "utf-8")) + b"\r\n"
        for name, value in {**fields, "charsets": json.dumps(charsets)}.items()
    ]  # fmt: skip
    return b"".join(parts) + b"--" + boundary + b"--\r\n", "multipart/form-data; boundary=xYzZY"


SENDGRID = {
    "email": "ada@example.com",
    "timestamp": 1600112492,
    "sg_event_id": "ZGVsaXZlcmVkLTA",
    "sg_message_id": "14c5.filter0001",
    "message_id": "msg_1",
}


@pytest.mark.parametrize(
    ("item", "type_"),
    [
        ({"event": "delivered"}, "email.delivered"),
        ({"event": "open"}, "email.opened"),
        ({"event": "click", "url": "https://example.com"}, "email.clicked"),
        ({"event": "bounce", "type": "bounce", "reason": "550"}, "email.bounced"),
        ({"event": "bounce", "type": "blocked"}, "email.blocked"),
        ({"event": "deferred"}, "email.deferred"),
        ({"event": "dropped"}, "email.dropped"),
        ({"event": "spamreport"}, "email.complained"),
        ({"event": "unsubscribe"}, "email.unsubscribed"),
        ({"event": "group_unsubscribe"}, "email.unsubscribed"),
        ({"event": "something new"}, "sendgrid.something new"),
    ],
)
def test_sendgrid_events(item, type_):
    event = one("sendgrid", [{**SENDGRID, **item}])
    assert (event.type, event.key, event.occurred_at) == (type_, "ZGVsaXZlcmVkLTA", 1_600_112_492_000)
    assert event.identifiers == {"email": "ada@example.com"}
    assert event.properties["messageId"] == "msg_1"


def test_sendgrid_inbound_parse_reads_each_field_in_its_charset():
    body, content_type = multipart(
        {
            "from": "Zoë <zoe@example.com>",
            "subject": "Grüße",
            "text": "Ja, gerne für Dienstag",
            "headers": "Message-ID: <a@example.com>\nIn-Reply-To: <ours@acme.test>\n",
            "envelope": '{"to":["reply+TOKEN@in.acme.test"],"from":"zoe@example.com"}',
            "attachments": "2",
        },
        {"from": "utf-8", "subject": "iso-8859-1", "text": "iso-8859-1"},
    )
    event = one("sendgrid-inbound", body, content_type)
    assert (event.type, event.identifiers) == ("message.received", {"email": "zoe@example.com"})
    assert event.key == "<a@example.com>"
    assert event.properties == {
        "channel": "email",
        "messageSubject": "Grüße",
        "messageBody": "Ja, gerne für Dienstag",
        "providerId": "<a@example.com>",
        "inReplyTo": "<ours@acme.test>",
        "references": ["<ours@acme.test>"],
        "replyToken": "TOKEN",
        "attachments": 2,
    }


def test_attachments_are_not_kept():
    body = (
        b'--b\r\nContent-Disposition: form-data; name="from"\r\n\r\nada@example.com\r\n'
        b'--b\r\nContent-Disposition: form-data; name="attachment1"; filename="a.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\n%PDF secret\r\n--b--\r\n"
    )
    event = one("sendgrid-inbound", body, "multipart/form-data; boundary=b")
    assert "secret" not in repr(event)


@pytest.mark.parametrize(
    ("headers", "envelope"),
    [
        ("Auto-Submitted: auto-replied\n", '{"from":"a@b.example"}'),
        ("Precedence: bulk\n", '{"from":"a@b.example"}'),
        ("X-Autoreply: yes\n", '{"from":"a@b.example"}'),
        ("Subject: returned\n", '{"from":""}'),
    ],
)
def test_answers_of_machines_are_no_replies(headers, envelope):
    body, content_type = multipart({"from": "a@b.example", "headers": headers, "envelope": envelope})
    assert one("sendgrid-inbound", body, content_type).type == "email.auto_replied"


@pytest.mark.parametrize(
    ("data", "type_"),
    [
        ({"event": "delivered"}, "email.delivered"),
        ({"event": "opened"}, "email.opened"),
        ({"event": "clicked"}, "email.clicked"),
        ({"event": "failed", "severity": "permanent"}, "email.bounced"),
        ({"event": "failed", "severity": "temporary"}, "email.deferred"),
        ({"event": "complained"}, "email.complained"),
        ({"event": "unsubscribed"}, "email.unsubscribed"),
    ],
)
def test_mailgun_events(data, type_):
    data = {
        "id": "e1",
        "timestamp": 1529006854.3,
        "recipient": "ada@example.com",
        "user-variables": {"message_id": "msg_1", "lead_id": "lead-1"},
        **data,
    }
    event = one("mailgun", {"signature": {}, "event-data": data})
    assert (event.type, event.key, event.lead_id) == (type_, "e1", "lead-1")
    assert event.properties["messageId"] == "msg_1"


def test_mailgun_routes():
    fields = {
        "sender": "ada@example.com",
        "from": "Ada <ada@example.com>",
        "recipient": "reply+T1@in.acme.test",
        "subject": "Re: Offer",
        "body-plain": "Yes\n> old",
        "stripped-text": "Yes",
        "message-headers": '[["X-A","1"],["Message-Id","<m1@example.com>"]]',
        "In-Reply-To": "<ours@acme.test>",
    }
    event = one("mailgun", urlencode(fields).encode(), FORM)
    assert (event.type, event.key) == ("message.received", "<m1@example.com>")
    assert event.properties["messageBody"] == "Yes"
    assert event.properties["replyToken"] == "T1"


@pytest.mark.parametrize(
    ("fields", "type_"),
    [
        ({"RecordType": "Delivery", "DeliveredAt": "2026-01-02T03:04:05Z"}, "email.delivered"),
        ({"RecordType": "Open", "ReceivedAt": "2026-01-02T03:04:05Z"}, "email.opened"),
        ({"RecordType": "Click", "ReceivedAt": "2026-01-02T03:04:05.0Z"}, "email.clicked"),
        (
            {"RecordType": "Bounce", "Type": "HardBounce", "BouncedAt": "2026-01-02T03:04:05Z"},
            "email.bounced",
        ),
        (
            {"RecordType": "Bounce", "Type": "Transient", "BouncedAt": "2026-01-02T03:04:05Z"},
            "email.deferred",
        ),
        ({"RecordType": "SpamComplaint", "BouncedAt": "2026-01-02T03:04:05Z"}, "email.complained"),
        (
            {
                "RecordType": "SubscriptionChange",
                "SuppressSending": True,
                "ChangedAt": "2026-01-02T03:04:05Z",
            },
            "email.unsubscribed",
        ),
    ],
)
def test_postmark_events(fields, type_):
    event = one("postmark", {"Recipient": "ada@example.com", "Metadata": {"message_id": "m1"}, **fields})
    assert (event.type, event.identifiers) == (type_, {"email": "ada@example.com"})
    assert (event.occurred_at, event.properties["messageId"]) == (1_767_323_045_000, "m1")


def test_postmark_inbound():
    event = one(
        "postmark",
        {
            "FromFull": {"Email": "ada@example.com"},
            "MailboxHash": "T1",
            "StrippedTextReply": "Yes",
            "TextBody": "Yes\n> old",
            "MessageID": "m-1",
            "Headers": [{"Name": "In-Reply-To", "Value": "<ours@acme.test>"}],
        },
    )
    assert (event.type, event.properties["messageBody"], event.properties["replyToken"]) == (
        "message.received",
        "Yes",
        "T1",
    )


def test_twilio_messages_and_statuses():
    got = {
        "MessageSid": "SM1",
        "SmsStatus": "received",
        "From": "whatsapp:+15551234567",
        "To": "whatsapp:+14155238886",
        "Body": "Yes",
    }
    event = one("twilio", urlencode(got).encode(), FORM)
    assert (event.type, event.key, event.identifiers) == (
        "message.received",
        "SM1",
        {"phone": "+15551234567"},
    )
    sent = {
        "MessageSid": "SM2",
        "MessageStatus": "undelivered",
        "To": "whatsapp:+15551234567",
        "ErrorCode": "63016",
    }
    event = one("twilio", urlencode(sent).encode(), FORM)
    assert (event.type, event.key) == ("message.failed", "SM2:undelivered")
    assert event.properties["errorCode"] == "63016"
    assert read("twilio", urlencode({**sent, "MessageStatus": "queued"}).encode(), FORM) == []


def meta(**value):
    return {
        "object": "whatsapp_business_account",
        "entry": [{"changes": [{"field": "messages", "value": value}]}],
    }


def test_meta_messages_and_statuses():
    said = {
        "from": "15551234567",
        "id": "wamid.1",
        "timestamp": "1749416383",
        "type": "text",
        "text": {"body": "Yes, let's talk"},
        "context": {"id": "wamid.ours"},
    }
    event = one(
        "meta", meta(messages=[said], contacts=[{"wa_id": "15551234567", "profile": {"name": "Ada"}}])
    )
    assert (event.type, event.identifiers) == ("message.received", {"phone": "+15551234567"})
    assert event.properties["messageBody"] == "Yes, let's talk"
    assert (event.properties["inReplyTo"], event.properties["profileName"]) == ("wamid.ours", "Ada")
    status = {
        "id": "wamid.ours",
        "status": "read",
        "timestamp": "1750030073",
        "recipient_id": "15551234567",
        "biz_opaque_callback_data": "msg_1",
    }
    event = one("meta", meta(statuses=[status]))
    assert (event.type, event.key, event.properties["messageId"]) == (
        "message.read",
        "wamid.ours:read",
        "msg_1",
    )
    assert read("meta", {"object": "whatsapp_business_account", "entry": []}) == []


def test_calendly_meetings():
    payload = {
        "email": "ada@example.com",
        "name": "Ada",
        "uri": "https://api.calendly.com/i/1",
        "tracking": {"utm_source": "mail", "utm_content": "lead_1"},
        "scheduled_event": {"start_time": "2026-12-01T10:00:00Z"},
        "questions_and_answers": [{"question": "Team?", "answer": "12"}],
    }
    event = one(
        "calendly", {"event": "invitee.created", "created_at": "2026-11-22T12:00:00Z", "payload": payload}
    )
    assert (event.type, event.identifiers) == ("meeting.booked", {"email": "ada@example.com"})
    assert event.properties["utm_source"] == "mail"
    assert event.properties["answers"] == {"Team?": "12"}
    cancelled = {**payload, "rescheduled": True}
    event = one("calendly", {"event": "invitee.canceled", "payload": cancelled})
    assert (event.type, event.properties["rescheduled"]) == ("meeting.cancelled", True)


@pytest.mark.parametrize(
    ("change", "type_", "identifiers"),
    [
        (("contact.propertyChange", "lifecyclestage", "customer"), "deal.won", {"hubspotId": "123"}),
        (("contact.propertyChange", "jobtitle", "VP"), "lead.updated", {"hubspotId": "123"}),
        (("deal.propertyChange", "dealstage", "closedwon"), "deal.won", {"hubspotDealId": "123"}),
        (("deal.propertyChange", "dealstage", "closedlost"), "deal.lost", {"hubspotDealId": "123"}),
        (("contact.creation", None, None), "hubspot.contact.creation", {"hubspotId": "123"}),
    ],
)
def test_hubspot_changes(change, type_, identifiers):
    subscription, name, value = change
    item = {"eventId": 100, "subscriptionType": subscription, "objectId": 123, "occurredAt": 1600112502000}
    if name:
        item |= {"propertyName": name, "propertyValue": value}
    event = one("hubspot", [item])
    assert (event.type, event.identifiers, event.occurred_at) == (type_, identifiers, 1_600_112_502_000)


def test_an_attempt_to_deliver_again_has_the_same_key():
    item = {"eventId": 100, "subscriptionType": "contact.creation", "objectId": 1, "occurredAt": 5}
    first, again = (
        one("hubspot", [{**item, "attemptNumber": 0}]),
        one("hubspot", [{**item, "attemptNumber": 3}]),
    )
    assert first == again


@pytest.mark.parametrize(
    "body",
    [
        {"type": "order.paid", "id": "o1", "data": {"email": "ada@example.com", "amount": 5}},
        {
            "type": "order.paid",
            "eventId": "o1",
            "identifiers": {"email": "ada@example.com"},
            "properties": {"amount": 5},
        },
        {
            "type": "order.paid",
            "id": "o1",
            "created": 5,
            "data": {"object": {"customer_email": "ada@example.com", "amount": 5}},
        },
    ],
)
def test_generic_events(body):
    event = one("stripe", body)
    assert (event.type, event.key, event.identifiers) == ("order.paid", "o1", {"email": "ada@example.com"})
    assert event.properties["amount"] == 5


def test_standard_webhooks_are_known_by_their_id():
    body = {"type": "contact.created", "timestamp": "2026-01-02T03:04:05Z", "data": {"userId": 7}}
    event = one("standard", body, headers={"webhook-id": "msg_1"})
    assert (event.key, event.identifiers, event.occurred_at) == ("msg_1", {"userId": "7"}, 1_767_323_045_000)


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["event", "type", "entry", "changes", "value", "messages", "statuses", "payload", "data", "id",
             "timestamp", "text", "from", "event-data", "RecordType", "FromFull", "Headers", "email", "status"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(provider=st.sampled_from([*PROVIDERS]), body=JSONS)
def test_whatever_json_comes_it_is_read_or_refused(provider, body):
    raw = json.dumps(body).encode()
    try:
        events = read(provider, raw)
    except Invalid:
        return
    assert all(event.type and event.key for event in events)


@given(
    provider=st.sampled_from([*PROVIDERS]),
    body=st.binary(max_size=60),
    content_type=st.sampled_from(
        [FORM, "multipart/form-data; boundary=b", "multipart/form-data", "", "text/plain"]
    ),
)
def test_whatever_bytes_come_they_are_read_or_refused(provider, body, content_type):
    for call in (PROVIDERS[provider].read, PROVIDERS[provider].once):
        try:
            call(HookRequest(body=body, headers={"content-type": content_type}))
        except Invalid:
            continue
