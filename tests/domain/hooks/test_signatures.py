"""Signatures of providers: every known one is accepted, and with one byte flipped anywhere it is not."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.errors import Invalid
from domain.hooks.meta import challenge
from domain.hooks.providers import PROVIDERS
from domain.hooks.request import HookRequest, Secrets, WrongSignature

VECTORS = json.loads((Path(__file__).parent / "signature_vectors.json").read_text(encoding="utf-8"))
TOLERANCE = 300_000
FORM = "application/x-www-form-urlencoded"
STANDARD_BODY = (
    b'{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z",'
    b'"data":{"id":"1f81eb52-5198-4599-803e-771906343485"}}'
)
STANDARD = {
    "webhook-id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
    "webhook-timestamp": "1674087231",
    "webhook-signature": "v1,ARw42xaAApl/nxRo+iPGYwSaMQaOwMo2eyH5JBRA+bQ=",
}


def svix(headers):
    return {name.replace("webhook", "svix"): value for name, value in headers.items()}


def request(body, headers, at=1_600_112_502, url=""):
    body = body.encode() if isinstance(body, str) else body
    return HookRequest(body=body, headers=headers, urls=(url,), received_at=at * 1000)


def twilio_form():
    one = VECTORS["twilio_form"]
    headers = {"x-twilio-signature": one["signature"], "content-type": FORM}
    return "twilio", one["auth_token"], request(urlencode(one["params"]), headers, url=one["url"])


def twilio_json():
    one = VECTORS["twilio_json"]
    headers = {"x-twilio-signature": one["signature"], "content-type": "application/json"}
    return "twilio", "12345", request(one["body"], headers, url=one["url"])


def sendgrid():
    one = VECTORS["sendgrid"]
    headers = {
        "x-twilio-email-event-webhook-signature": one["signature"],
        "x-twilio-email-event-webhook-timestamp": one["timestamp"],
    }
    return "sendgrid", one["public_key_b64"], request(one["payload"], headers)


def mailgun():
    one = VECTORS["mailgun"]
    signature = {name: one[name] for name in ("timestamp", "token", "signature")}
    body = json.dumps({"signature": signature, "event-data": {"event": "opened", "id": "e1"}})
    return "mailgun", one["signing_key"], request(body, {}, at=int(one["timestamp"]))


def hubspot():
    one = VECTORS["hubspot_v3"]
    headers = {"x-hubspot-signature-v3": one["fixed_sig"], "x-hubspot-request-timestamp": one["fixed_ts"]}
    return "hubspot", "secret", request(one["body"], headers, url=one["uri"])


def by_header(name, header):
    def made():
        one = VECTORS[name]
        return name, one.get("key") or one["app_secret"], request(one["body"], {header: one["header"]})

    return made


def stripe():
    one = VECTORS["calendly"]
    return "stripe", one["key"], request(one["body"], {"stripe-signature": one["header"]})


def standard(names=lambda headers: headers):
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    return "standard", secret, request(STANDARD_BODY, names(STANDARD), at=1_674_087_231)


SIGNED = {
    "twilio form": twilio_form,
    "twilio json": twilio_json,
    "sendgrid": sendgrid,
    "mailgun": mailgun,
    "hubspot": hubspot,
    "meta": by_header("meta", "x-hub-signature-256"),
    "calendly": by_header("calendly", "calendly-webhook-signature"),
    "stripe": stripe,
    "standard": standard,
    "svix": lambda: standard(svix),
}
UNTIMED = {"twilio", "meta"}
"""Providers that sign no time."""
BODY_UNSIGNED = {"mailgun"}
"""Only the token and the time are signed, and each token is taken once."""


def verify(provider, received, *secrets):
    PROVIDERS[provider].verify(received, Secrets(values=secrets, tolerance=TOLERANCE))


@pytest.mark.parametrize("name", SIGNED)
def test_every_known_signature_is_accepted(name):
    provider, secret, received = SIGNED[name]()
    verify(provider, received, secret)


@pytest.mark.parametrize("name", [name for name in SIGNED if SIGNED[name]()[0] not in BODY_UNSIGNED])
def test_a_body_with_any_byte_flipped_is_refused(name):
    provider, secret, received = SIGNED[name]()
    for at in range(len(received.body)):
        body = bytearray(received.body)
        body[at] ^= 1
        flipped = bytes(body)
        with pytest.raises((WrongSignature, Invalid)):
            verify(provider, replace(received, body=flipped), secret)


@given(data=st.data())
def test_a_signature_with_a_character_changed_is_refused(data):
    provider, secret, received = SIGNED[data.draw(st.sampled_from([*SIGNED]))]()
    names = [name for name in received.headers if "signature" in name and "timestamp" not in name]
    if provider == "mailgun":
        changed = received.body.replace(b"2df0e54f", b"2df0e54e")
        with pytest.raises(WrongSignature):
            verify(provider, replace(received, body=changed), secret)
        return
    name = data.draw(st.sampled_from(names))
    value = received.headers[name]
    at = data.draw(st.integers(0, len(value) - 1))
    other = data.draw(st.sampled_from("Aa0b/").filter(lambda letter: letter != value[at]))
    headers = {**received.headers, name: value[:at] + other + value[at + 1 :]}
    with pytest.raises(WrongSignature):
        verify(provider, replace(received, headers=headers), secret)


@pytest.mark.parametrize("name", SIGNED)
def test_another_secret_no_secret_and_no_signature_are_refused(name):
    provider, secret, received = SIGNED[name]()
    other = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    for secrets in ((other,), ()):
        with pytest.raises(WrongSignature):
            verify(provider, received, *secrets)
    empty = replace(received, headers={"content-type": received.header("content-type")})
    if provider != "mailgun":
        with pytest.raises(WrongSignature):
            verify(provider, empty, secret)


@pytest.mark.parametrize("name", SIGNED)
def test_one_of_several_secrets_is_enough(name):
    provider, secret, received = SIGNED[name]()
    verify(provider, received, secret[:-2] + "AA", secret)


@pytest.mark.parametrize("name", [name for name in SIGNED if SIGNED[name]()[0] not in UNTIMED])
def test_signatures_are_good_for_some_minutes_around_their_time(name):
    provider, secret, received = SIGNED[name]()
    for off in (-TOLERANCE, TOLERANCE):
        verify(provider, replace(received, received_at=received.received_at + off), secret)
        too_far = replace(received, received_at=received.received_at + off + (1 if off > 0 else -1))
        with pytest.raises(WrongSignature, match="too old"):
            verify(provider, too_far, secret)


def test_sendgrid_signs_the_last_line_break():
    provider, secret, received = sendgrid()
    with pytest.raises(WrongSignature):
        verify(provider, replace(received, body=received.body.rstrip()), secret)


def test_a_key_that_was_just_made_signs_for_sendgrid():
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signature = base64.b64encode(key.sign(b"1600112502[]", ec.ECDSA(SHA256()))).decode()
    headers = {
        "x-twilio-email-event-webhook-signature": signature,
        "x-twilio-email-event-webhook-timestamp": "1600112502",
    }
    verify("sendgrid", request("[]", headers), base64.b64encode(public).decode())


@pytest.mark.parametrize(
    "headers",
    [
        {"x-hook-key": "s3cret"},
        {"authorization": "Basic " + base64.b64encode(b"postmark:s3cret").decode()},
    ],
)
def test_a_shared_secret_comes_in_a_header_or_as_a_password(headers):
    for provider in ("postmark", "sendgrid-inbound"):
        verify(provider, HookRequest(headers=headers), "s3cret")
        with pytest.raises(WrongSignature):
            verify(provider, HookRequest(headers=headers), "s3creT")


def test_a_shared_secret_may_stand_in_the_address():
    verify("postmark", HookRequest(query="key=s3cret"), "s3cret")
    for query in ("", "key=", "key=other"):
        with pytest.raises(WrongSignature):
            verify("postmark", HookRequest(query=query), "s3cret")


def test_meta_gets_its_challenge_for_the_right_token_only():
    query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=T"
    assert challenge(HookRequest(query=query), "T") == "1158201444"
    for wrong in (query.replace("token=T", "token=S"), query.replace("subscribe", "other"), ""):
        with pytest.raises(WrongSignature):
            challenge(HookRequest(query=wrong), "T")


@pytest.mark.parametrize(("provider", "secret"), [("sendgrid", "no key"), ("standard", "whsec_!")])
def test_a_secret_that_cannot_be_the_providers_is_refused(provider, secret):
    with pytest.raises(Invalid) as refused:
        PROVIDERS[provider].check_secret(secret)
    assert refused.value.faults[0].pointer == "/secret"
