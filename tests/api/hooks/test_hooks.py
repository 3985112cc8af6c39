"""/v1/hooks/{provider}/{endpoint}: signed reports of providers become events, once; others are refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections import Counter
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.http_client import open_client

KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()


@pytest.fixture
def hook(api):
    """Creates an endpoint: `await hook("calendly", "secret")`."""

    async def hook(provider, secret=None):
        body = {"provider": provider, **({} if secret is None else {"secret": secret})}
        answer = await api.http.post("/api/hooks", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return hook


@pytest.fixture
def deliver(api):
    """A provider that has no key of ours: `await deliver(hook, body, **headers)`."""

    async def deliver(hook, body, query="", method="POST", **headers):
        path = f"/v1/hooks/{hook['provider']}/{hook['id']}{query}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with open_client(api.http.base_url) as http:
            return await http.request(method, path, content=body, headers=named)

    return deliver


def timestamped(api, secret, body):
    at = api.clock.at // 1000
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def sendgrid(api, items):
    body, at = json.dumps(items).encode() + b"\r\n", str(api.clock.at // 1000)
    signature = base64.b64encode(KEY.sign(at.encode() + body, ec.ECDSA(SHA256()))).decode()
    return body, {
        "x_twilio_email_event_webhook_signature": signature,
        "x_twilio_email_event_webhook_timestamp": at,
    }


async def events_of(api, **identifier):
    (name, value), = identifier.items()  # fmt: skip
    found = (await api.get(f"/api/leads?{name}={value}"))["items"]
    return (await api.get(f"/api/leads/{found[0]['leadId']}/events"))["items"] if found else []


BOOKED = json.dumps(
    {
        "event": "invitee.created",
        "created_at": "2026-11-22T11:59:00Z",
        "payload": {"email": "ada@example.com", "uri": "https://api.calendly.com/i/1", "name": "Ada"},
    }
).encode()


async def test_a_report_is_stored_once_on_the_lead_of_its_address(api, hook, deliver):
    await api.send({"identifiers": {"email": "Ada@example.com"}, "type": "page_view"})
    calendly = await hook("calendly", "cal_key")
    signature = timestamped(api, "cal_key", BOOKED)
    first = await deliver(calendly, BOOKED, calendly_webhook_signature=signature)
    again = await deliver(calendly, BOOKED, calendly_webhook_signature=signature)
    assert (first.status_code, first.json()) == (200, {"stored": 1, "duplicates": 0, "refused": 0})
    assert (again.status_code, again.json()) == (200, {"stored": 0, "duplicates": 1, "refused": 0})
    await api.work()
    stored = await events_of(api, email="ada@example.com")
    assert [one["type"] for one in stored if one["source"] != "lead-engine"] == [
        "meeting.booked",
        "page_view",
    ]
    booked = next(one for one in stored if one["type"] == "meeting.booked")
    assert (booked["source"], booked["occurredAt"]) == ("calendly", "2026-11-22T11:59:00Z")


@pytest.mark.parametrize("wrong", ["signature", "body", "time", "nothing"])
async def test_what_is_not_signed_right_is_refused_and_stores_nothing(api, hook, deliver, wrong):
    calendly = await hook("calendly", "cal_key")
    body, signature = BOOKED, timestamped(api, "cal_key", BOOKED)
    if wrong == "signature":
        signature = signature[:-1] + ("0" if signature[-1] != "0" else "1")
    elif wrong == "body":
        body = body.replace(b"Ada", b"Bob")
    elif wrong == "time":
        api.clock.at += 301_000
    headers = {} if wrong == "nothing" else {"calendly_webhook_signature": signature}
    answer = await deliver(calendly, body, **headers)
    assert api.problem(answer, 401)["code"] == "wrong-signature"
    assert await api.runtime.capture.log.count() == 0


async def reported(api):
    """What SendGrid has sent, by the figures."""
    found = re.findall(
        r'hook_events_total{outcome="([\w-]+)",provider="sendgrid"} (\d+)',
        (await api.http.get("/metrics")).text,
    )
    return Counter({outcome: int(number) for outcome, number in found})


async def test_of_many_reports_the_sound_ones_are_stored_and_the_others_counted(api, hook, deliver):
    endpoint = await hook("sendgrid", PUBLIC)
    items = [
        {
            "event": "delivered",
            "sg_event_id": f"e{number}",
            "email": f"p{number}@example.com",
            "timestamp": 1600112492,
        }
        for number in range(1200)
    ]
    items += [{"event": "open", "sg_event_id": "x", "email": "no address", "timestamp": 1600112492}]
    items += [items[0]]
    body, headers = sendgrid(api, items)
    before = await reported(api)
    answer = await deliver(endpoint, body, **headers)
    assert answer.json() == {"stored": 1200, "duplicates": 0, "refused": 1}
    shown = await api.get(f"/api/hooks/{endpoint['id']}")
    assert shown["refused"] == 1
    assert "email" in shown["problems"][0]["reason"]
    assert "no address" not in str(shown["problems"])
    assert (await deliver(endpoint, body + b" ", **headers)).status_code == 401
    assert await reported(api) - before == Counter({"stored": 1200, "refused": 1, "wrong-signature": 1})


async def test_a_deal_belongs_to_a_lead_that_is_known_by_it_and_makes_none(api, hook, deliver):
    hubspot = await hook("hubspot", "secret")

    async def won(deal, event_id):
        change = {
            "eventId": event_id,
            "subscriptionType": "deal.propertyChange",
            "objectId": deal,
            "propertyName": "dealstage",
            "propertyValue": "closedwon",
            "occurredAt": 1600112502000,
        }
        body, at = json.dumps([change]).encode(), str(api.clock.at)
        signed = b"POST" + hubspot["url"].encode() + body + at.encode()
        mac = base64.b64encode(hmac.digest(b"secret", signed, hashlib.sha256)).decode()
        headers = {"x_hubspot_signature_v3": mac, "x_hubspot_request_timestamp": at}
        return (await deliver(hubspot, body, **headers)).json()

    identifiers = {"email": "ada@example.com", "hubspotDealId": "7"}
    await api.send({"identifiers": identifiers, "type": "page_view"})
    assert await won(7, 1) == {"stored": 1, "duplicates": 0, "refused": 0}
    assert await won(8, 2) == {"stored": 0, "duplicates": 0, "refused": 1}
    await api.work()
    (lead,) = (await api.get("/api/leads"))["items"]
    assert lead["outcome"] == "won"


async def test_a_body_that_cannot_be_read_is_refused_in_the_providers_way(api, hook, deliver):
    stripe = await hook("stripe", "whsec")
    answer = await deliver(stripe, b"[1]", stripe_signature=timestamped(api, "whsec", b"[1]"))
    assert api.problem(answer, 400)

    at, token = str(api.clock.at // 1000), "tok"
    mac = hmac.new(b"mg", (at + token).encode(), hashlib.sha256).hexdigest()
    mailgun = await hook("mailgun", "mg")
    body = json.dumps({"signature": {"timestamp": at, "token": token, "signature": mac}}).encode()
    assert api.problem(await deliver(mailgun, body), 406)


async def test_a_token_of_mailgun_is_taken_once(api, hook, deliver):
    mailgun = await hook("mailgun", "mg")
    at, token = str(api.clock.at // 1000), "tok"
    mac = hmac.new(b"mg", (at + token).encode(), hashlib.sha256).hexdigest()

    def body(number):
        signature = {"timestamp": at, "token": token, "signature": mac}
        data = {"event": "opened", "id": f"e{number}", "recipient": "ada@example.com"}
        return json.dumps({"signature": signature, "event-data": data}).encode()

    assert (await deliver(mailgun, body(1))).json()["stored"] == 1
    assert (await deliver(mailgun, body(2))).json()["stored"] == 0
    assert await api.runtime.capture.log.count() == 1


async def test_twilio_signs_the_address_that_it_called(api, hook, deliver):
    twilio = await hook("twilio", "12345")
    fields = {"MessageSid": "SM1", "SmsStatus": "received", "From": "whatsapp:+15551234567", "Body": "Yes"}
    signed = twilio["url"] + "".join(name + value for name, value in sorted(fields.items()))
    signature = base64.b64encode(hmac.digest(b"12345", signed.encode(), hashlib.sha1)).decode()
    form = {"content_type": "application/x-www-form-urlencoded", "x_twilio_signature": signature}
    answer = await deliver(twilio, urlencode(fields).encode(), **form)
    assert (answer.status_code, answer.text) == (200, "<Response/>")
    assert answer.headers["content-type"].startswith("text/xml")
    await api.work()
    stored = await events_of(api, phone="%2B15551234567")
    assert (stored[0]["type"], stored[0]["properties"]["messageBody"]) == ("message.received", "Yes")


async def test_meta_verifies_the_address_and_delivers(api, hook, deliver):
    meta = await hook("meta", "app_secret_1")
    query = "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
    verified = await deliver(meta, b"", query + meta["verifyToken"], method="GET")
    assert (verified.status_code, verified.text) == (200, "1158201444")
    assert verified.headers["content-type"].startswith("text/plain")
    assert api.problem(await deliver(meta, b"", query + "other", method="GET"), 403)
    body = b'{"object":"whatsapp_business_account","entry":[]}'
    header = "sha256=" + hmac.new(b"app_secret_1", body, hashlib.sha256).hexdigest()
    assert (await deliver(meta, body, x_hub_signature_256=header)).json()["stored"] == 0


async def test_a_latin_1_field_of_an_inbound_mail_is_read(api, hook, deliver):
    inbound = await hook("sendgrid-inbound")
    body = (
        b'--b\r\nContent-Disposition: form-data; name="charsets"\r\n\r\n{"text":"iso-8859-1"}\r\n'
        b'--b\r\nContent-Disposition: form-data; name="from"\r\n\r\nzoe@example.com\r\n'
        b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nf\xfcr Dienstag\r\n--b--\r\n'
    )
    form = {"content_type": "multipart/form-data; boundary=b"}
    assert api.problem(await deliver(inbound, body, **form), 401)
    answer = await deliver(inbound, body, f"?key={inbound['secret']}", **form)
    assert answer.json()["stored"] == 1, answer.text
    await api.work()
    (stored,) = await events_of(api, email="zoe@example.com")
    assert stored["properties"]["messageBody"] == "für Dienstag"


async def test_endpoints_that_are_not_there_disabled_or_of_another_provider_are_not_found(api, hook, deliver):
    calendly = await hook("calendly", "cal_key")
    signature = timestamped(api, "cal_key", BOOKED)
    for other in ({**calendly, "provider": "stripe"}, {**calendly, "id": "hk_0"}):
        answer = await deliver(other, BOOKED, calendly_webhook_signature=signature)
        assert api.problem(answer, 404)
    await api.http.patch(f"/api/hooks/{calendly['id']}", json={"enabled": False})
    assert api.problem(await deliver(calendly, BOOKED, calendly_webhook_signature=signature), 404)


async def test_secrets_are_sealed_rotated_and_gone_with_their_endpoint(api, hook, deliver):
    calendly = await hook("calendly", "cal_key_that_nobody_sees")
    database = api.runtime.store.database
    assert calendly["secret"] is None
    for name in await database.list_collection_names():
        async for document in database[name].find({}):
            assert "cal_key_that_nobody_sees" not in repr(document), name
    path = f"/api/hooks/{calendly['id']}"
    body = {"secret": "another", "overlapHours": 1}
    rotated = await api.http.post(f"{path}/rotate-secret", json=body)
    assert rotated.json()["oldSecretsExpireAt"] == "2026-11-22T13:00:00Z"
    for secret in ("cal_key_that_nobody_sees", "another"):
        signature = timestamped(api, secret, BOOKED)
        assert (await deliver(calendly, BOOKED, calendly_webhook_signature=signature)).status_code == 200
    api.clock.at += 2 * 3_600_000
    signature = timestamped(api, "cal_key_that_nobody_sees", BOOKED)
    assert (await deliver(calendly, BOOKED, calendly_webhook_signature=signature)).status_code == 401
    assert (await api.http.delete(path)).status_code == 204
    assert await database["leadKeys"].count_documents({"_id": {"$regex": "^hooks/"}}) == 0
    assert [one["id"] for one in (await api.get("/api/hooks"))["items"]] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"provider": "calendly"}, "/secret"),
        ({"provider": "sendgrid", "secret": "no key"}, "/secret"),
        ({"provider": "nobody", "secret": "x"}, "/provider"),
    ],
)
async def test_an_endpoint_that_cannot_work_is_refused_by_its_field(api, body, pointer):
    problem = api.problem(await api.http.post("/api/hooks", json=body), 400)
    assert problem["errors"][0]["pointer"] == pointer
