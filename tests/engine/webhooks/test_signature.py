"""Receivers verify messages with any Standard Webhooks library, before, during and after a rotation."""

from __future__ import annotations

import base64
import json
import time

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from domain.instant import HOUR
from engine.access.rotating_secret import rotated
from engine.webhooks.secret import Secret, new_secret
from engine.webhooks.signature import signed_headers

BODY = b'{"type":"lead.qualified"}'


@pytest.fixture
def now():
    return time.time_ns() // 1_000_000


def test_the_published_vector_is_signed_as_published():
    secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = (
        b'{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z",'
        b'"data":{"id":"1f81eb52-5198-4599-803e-771906343485"}}'
    )
    assert signed_headers("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", body, 1_674_087_231_999, [secret]) == {
        "webhook-id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
        "webhook-timestamp": "1674087231",
        "webhook-signature": "v1,ARw42xaAApl/nxRo+iPGYwSaMQaOwMo2eyH5JBRA+bQ=",
    }


def test_the_library_verifies_what_we_sign_and_refuses_any_change(now):
    secret = new_secret()
    headers = signed_headers("msg_1", BODY, now, [secret])
    assert Webhook(secret.value).verify(BODY, headers) == json.loads(BODY)
    for wrong in (
        (BODY + b" ", headers),
        (BODY, {**headers, "webhook-id": "msg_2"}),
        (BODY, {**headers, "webhook-timestamp": str(now // 1000 - 1)}),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret.value).verify(*wrong)


def test_a_secret_is_32_random_bytes_in_base64_after_its_prefix():
    first, second = new_secret(), new_secret()
    assert first.value.startswith("whsec_")
    assert len(base64.b64decode(first.value.removeprefix("whsec_"), validate=True)) == 32
    assert first.value != second.value
    assert first.expires_at is None


def test_during_a_rotation_old_and_new_secret_verify_and_afterwards_only_the_new_one(now):
    old = (new_secret(),)
    both = rotated(old, new_secret(), now - 24 * HOUR + 1, 24 * HOUR, of="endpoint")
    headers = signed_headers("msg_1", BODY, now, both)
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in both:
        Webhook(secret.value).verify(BODY, headers)
    later = signed_headers("msg_1", BODY, now + 1, both)
    Webhook(both[0].value).verify(BODY, later)
    with pytest.raises(WebhookVerificationError):
        Webhook(old[0].value).verify(BODY, later)


def test_a_secret_does_not_show_itself_when_printed():
    secret = new_secret()
    assert secret.value not in f"{secret} {secret!r} {[secret]} {(secret,)!s}"
