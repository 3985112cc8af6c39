"""E-mails as they lie in a mailbox: replies, answers of machines, bounces, and what cannot be read."""

from __future__ import annotations

import pytest

from domain.hooks.mail_message import mail_events

OURS = "msg." + "a" * 32

REPLY = f"""Return-Path: <ada@example.com>
From: =?utf-8?q?Ada_L=C3=B6vel?= <Ada@Example.com>
To: Sam <sales@acme.test>
Subject: =?utf-8?b?UmU6IELDvGNoZXI=?=
Message-ID: <r1@example.com>
In-Reply-To: <{OURS}@acme.test>
References: <x@y.z>
 <{OURS}@acme.test>
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p>No</p>
--b
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe
--b--
"""

BOUNCE = f"""Return-Path: <>
From: MAILER-DAEMON@mx.test
To: sales@acme.test
Subject: Undelivered Mail Returned to Sender
Message-ID: <b1@mx.test>
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

I'm sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.test

Final-Recipient: rfc822; ada@example.com
Action: ACTION
Status: STATUS
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: RETURNED

Message-ID: <{OURS}@acme.test>
From: sales@acme.test
Subject: Hi

--b--
"""


def one(text):
    (event,) = mail_events(text.encode())
    return event


def test_a_reply_has_its_text_and_says_what_it_answers():
    event = one(REPLY)
    assert event.type == "message.received"
    assert event.identifiers == {"email": "ada@example.com"}
    properties = event.properties
    assert (properties["messageSubject"], properties["messageBody"]) == ("Re: Bücher", "Grüße")
    assert properties["inReplyTo"] == f"<{OURS}@acme.test>"
    assert f"<{OURS}@acme.test>" in properties["references"]


def test_html_alone_is_read_as_text():
    html = "From: a@b.test\nContent-Type: text/html\n\n<style>p{}</style><p>Tuesday &amp; ten</p>suits<br>me"
    assert one(html).properties["messageBody"] == "Tuesday & ten\nsuits\nme"


@pytest.mark.parametrize(
    "header",
    ["Auto-Submitted: auto-replied", "Precedence: bulk", "X-Autoreply: yes", "Return-Path: <>"],
)
def test_the_answer_of_a_machine_is_no_reply(header):
    assert one(f"From: ada@example.com\n{header}\n\nI am away").type == "email.auto_replied"


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
@pytest.mark.parametrize(("status", "kind"), [("5.1.1", "hard"), ("4.4.7", "soft"), ("", "hard")])
def test_a_bounce_says_which_mail_of_whom_came_back_and_whether_for_good(returned, status, kind):
    text = BOUNCE.replace("RETURNED", returned).replace("ACTION", "failed").replace("STATUS", status)
    event = one(text)
    assert (event.type, event.properties["type"]) == ("email.bounced", kind)
    assert event.identifiers == {"email": "ada@example.com"}
    assert event.properties["inReplyTo"] == f"<{OURS}@acme.test>"
    assert event.known_only


def test_a_delay_is_no_bounce():
    text = BOUNCE.replace("RETURNED", "text/rfc822-headers").replace("ACTION", "delayed")
    assert mail_events(text.encode()) == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"Subject: no sender\n\nx",
        b"From: \n\nx",
        b"From: <<<>>>, \xff\n\nx",
        b"Content-Type: multipart/mixed\n\nno boundary",
    ],
)
def test_what_has_no_sender_says_nothing(raw):
    assert mail_events(raw) == []


@pytest.mark.parametrize(
    "text",
    [
        "From: a@b.test\nContent-Type: text/plain; charset=klingon\n\nHello",
        "From: a@b.test\nContent-Transfer-Encoding: base64\n\n!!!",
        "From: a@b.test\nSubject: =?klingon?q?x?=\n\nHello",
        "From: a@b.test\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nHello",
        "From: a@b.test\nContent-Disposition: attachment\n\nHello",
    ],
)
def test_what_is_malformed_is_read_as_far_as_it_goes(text):
    assert one(text).type == "message.received"
