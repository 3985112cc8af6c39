"""Every call of the OpenAPI document, with hostile values in each place that takes one."""

from __future__ import annotations

import contextlib
import gzip
import json
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from api.app import create_framework
from tests.sweeps import sweep

DOCUMENT = create_framework(contextlib.nullcontext()).openapi_schema.to_schema()


class Call(NamedTuple):
    """One described call."""

    method: str
    path: str
    in_path: tuple[str, ...]
    in_query: tuple[str, ...]
    body: dict[str, Any] | None
    """An example of a body."""
    fields: tuple[str, ...]
    of_clients: bool = False
    """Whether clients of other systems make it, with any content type: `test_wire_formats.py` has what they may send."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def resolved(schema):
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def described(method, path, call):
    names = {"path": [], "query": []}
    for parameter in call.get("parameters", ()):
        names[parameter["in"]].append(parameter["name"])
    content = call.get("requestBody", {}).get("content", {}).get("application/json")
    body, fields = None, {}
    if content:
        schema = resolved(content["schema"])
        schema = next(
            (resolved(one) for one in schema.get("oneOf", ()) if resolved(one)["type"] == "object"), schema
        )
        fields = schema["properties"]
        body = EXAMPLES[method, path]
        assert body.keys() <= fields.keys()
    media_types = call.get("requestBody", {}).get("content", {})
    of_clients = "*/*" in media_types or path.startswith(("/f/", "/u/", "/c/", "/v1/hooks/"))
    return Call(method, path, tuple(names["path"]), tuple(names["query"]), body, tuple(fields), of_clients)


RULES = {"rules": [{"id": "all", "pool": "p"}], "pools": [{"id": "p", "members": [{"rep": "x"}]}]}
CREDENTIAL = {"id": "aWQ", "rawId": "aWQ", "type": "public-key", "response": {}}
EXAMPLES = {
    ("post", "/api/events"): {"leadId": "eve", "type": "page_view"},
    ("post", "/api/webhook-endpoints"): {"url": "https://8.8.8.8/hook"},
    ("patch", "/api/webhook-endpoints/{endpoint_id}"): {"description": "mine"},
    ("post", "/api/webhook-endpoints/{endpoint_id}/rotate-secret"): {"overlapHours": 1},
    ("post", "/api/leads"): {"email": "eve@example.com"},
    ("put", "/api/import-mappings/{mapping_name}"): {"text": "source: crm"},
    ("post", "/api/forms"): {"name": "Contact"},
    ("patch", "/api/forms/{form_key}"): {"name": "Contact"},
    ("post", "/api/hooks"): {"provider": "stripe", "secret": "x"},
    ("patch", "/api/hooks/{hook_id}"): {"description": "mine"},
    ("post", "/api/hooks/{hook_id}/rotate-secret"): {"secret": "y"},
    ("post", "/api/keys"): {"name": "x", "scopes": ["read"]},
    ("post", "/api/keys/{key_id}/rotate"): {"overlapHours": 1},
    ("post", "/api/sources"): {"name": "website"},
    ("patch", "/api/sources/{source_id}"): {"name": "website"},
    ("post", "/api/sources/{source_id}/rejected/replay"): {"ids": []},
    ("post", "/api/dead-letters/{lead_id}/discard"): {"eventId": "e-1", "reason": "why"},
    ("post", "/api/work/{kind}/{unit_id}/hold"): {"because": "why"},
    ("post", "/api/work/{kind}/{unit_id}/discard"): {"why": "why"},
    ("post", "/api/leads/{lead_id}/calls"): {"outcome": "connected"},
    ("post", "/api/leads/{lead_id}/notes"): {"note": "x"},
    ("post", "/api/tasks/{task_id}/assign"): {"assigneeId": None},
    ("post", "/api/tasks/{task_id}/done"): {"outcome": "demo-booked"},
    ("post", "/api/tasks/{task_id}/snooze"): {"until": "2099-01-01T00:00:00Z"},
    ("post", "/api/leads/{lead_id}/snooze"): {"until": "2099-01-01T00:00:00Z"},
    ("post", "/api/rulebooks/check"): {"text": "name: mine"},
    ("post", "/api/rulebooks/explain"): {"text": "name: mine"},
    ("post", "/api/rulebooks/diff"): {"text": "name: mine"},
    ("post", "/api/rulebooks/preview"): {"name": "nothing", "version": 1},
    ("put", "/api/rulebooks/shadow"): {"name": "nothing", "version": 1},
    ("post", "/api/rulebooks/publish"): {"preview": "none", "expect": "none"},
    ("post", "/api/rulebooks/activate"): {"name": "nothing", "version": 1},
    ("post", "/api/session/password"): {"email": "ada@example.com", "password": "x"},
    ("post", "/api/session/recovery"): {"email": "ada@example.com", "code": "x"},
    ("post", "/api/session/passkey"): {"credential": CREDENTIAL},
    ("patch", "/api/me"): {"name": "Ada"},
    ("put", "/api/me/absence"): {"until": None},
    ("put", "/api/me/password"): {"password": "a long password"},
    ("post", "/api/me/passkeys"): {"name": "laptop", "credential": CREDENTIAL},
    ("put", "/api/people/{person_id}/role"): {"role": "rep"},
    ("put", "/api/people/{person_id}/absence"): {"until": None},
    ("put", "/api/people/{person_id}/team"): {"team": "North"},
    ("post", "/api/leads/{lead_id}/retractions"): {"eventId": "e-1", "why": "a bot"},
    ("post", "/api/leads/{lead_id}/merge"): {"into": "sick", "why": "one person"},
    ("post", "/api/leads/{lead_id}/unmerge"): {"why": "two people"},
    ("post", "/api/leads/{lead_id}/messages"): {
        "channel": "email",
        "to": "eve@example.com",
        "subject": "Hi",
        "text": "Hello",
    },
    ("post", "/api/leads/{lead_id}/replies"): {"text": "Yes"},
    ("post", "/api/leads/{lead_id}/replies/{reply_id}/judgement"): {"optOut": True},
    ("post", "/api/messages/{message_id}/resolve"): {"found": "sent"},
    ("post", "/api/sequences/check"): {"text": "name: mine"},
    ("post", "/api/sequences/explain"): {"text": "name: mine"},
    ("post", "/api/sequences/activate"): {"name": "mine", "version": 1},
    ("post", "/api/leads/{lead_id}/enrolments"): {"sequence": "mine"},
    ("post", "/api/sequences/{name}/enrolments"): {"filter": {"stage": "cold"}, "limit": 1, "dryRun": True},
    ("post", "/api/enrolments/{enrolment_id}/stop"): {"why": "x"},
    ("post", "/api/campaigns"): {
        "name": "Fair",
        "mode": "broadcast",
        "audience": {"tag": "fair"},
        "message": {"channel": "email", "subject": "Hi", "text": "Hello"},
    },
    ("patch", "/api/campaigns/{campaign_id}"): {"name": "Fair"},
    ("post", "/api/campaigns/{campaign_id}/start"): {"digest": "x"},
    ("post", "/api/campaigns/{campaign_id}/pause"): {"why": "x"},
    ("post", "/api/campaigns/{campaign_id}/resume"): {"why": "x"},
    ("post", "/api/campaigns/{campaign_id}/finish"): {"why": "x"},
    ("post", "/api/messages/{message_id}/discard"): {"why": "x"},
    ("post", "/api/leads/{lead_id}/drafts"): {"purpose": "follow-up", "instructions": "Mention the demo"},
    ("patch", "/api/drafts/{draft_id}"): {"text": "Hello"},
    ("post", "/api/drafts/{draft_id}/reject"): {"why": "x"},
    ("post", "/api/suppressions"): {"entries": [{"value": "eve@example.com"}]},
    ("post", "/api/lead-changes"): {"leads": ["eve"], "addTag": "fair"},
    ("post", "/api/tasks"): {"leadId": "eve", "title": "Call", "dueAt": "2026-12-03T09:00:00Z"},
    ("post", "/api/task-changes"): {"tasks": ["task_1"], "done": {}},
    ("post", "/api/views"): {"name": "Fair"},
    ("patch", "/api/views/{view_id}"): {"name": "Fair"},
    ("put", "/api/leads/{lead_id}/owner"): {"ownerId": None},
    ("post", "/api/people/{person_id}/hand-over"): {"ownerId": None},
    ("post", "/api/people/{person_id}/deactivate"): {"leads": {"to": "nobody"}},
    ("post", "/api/routing/versions"): {"rules": RULES},
    ("post", "/api/routing/simulate"): {"rules": RULES},
    ("post", "/api/invites"): {"email": "ben@example.com", "role": "rep"},
    ("post", "/api/invites/open"): {"token": "x"},
    ("post", "/api/invites/accept"): {"token": "x", "name": "Ben", "password": "a long password"},
}
CALLS = [
    described(method, path, call)
    for path, methods in sorted(DOCUMENT["paths"].items())
    for method, call in methods.items()
]
WITH_BODY = [call for call in CALLS if call.body is not None]


def swept(calls, kind):
    """Parameters for a test of all these calls, of which one of each kind is no sweep."""
    return sweep([(call,) for call in calls], kind)


def capability(call):
    """The part of the engine that has the call."""
    return tuple(call.path.split("/")[1:3])


OPERATORS = ['{"$gt":""}', '{"$ne":null}', "$where", "[$ne]", ".*", "'||'1'=='1", "$$ROOT", "a.$[]"]
ODD_WORDS = ["%00", "a%00b", "%ff", "%c0%af", "%ed%a0%80", "%0d%0aX-Evil:%201", "%E2%80%AE", "%F0%9F", "%"]
LONG = "9" * 5000

EVERY_WORD = [*(quote(one, safe="") for one in OPERATORS), *ODD_WORDS, LONG, quote("ä" * 300)]
NUMBERS = ["9223372036854775808", "-9223372036854775809", "1e400", "NaN", "-Infinity", "0x10", "1_0", "-1"]


def test_every_call_with_a_body_has_an_example_here():
    assert len(WITH_BODY) == len(EXAMPLES)
    assert len(CALLS) > 25


@pytest.mark.parametrize(
    "call", swept((call for call in CALLS if call.in_path), lambda call: call.in_path), ids=str
)
async def test_a_hostile_name_in_a_path_is_only_a_name_that_nothing_has(attacked, call):
    for word in EVERY_WORD:
        for name in call.in_path:
            path = attacked.address(call.path, **{name: word})
            body = {} if call.body is None else {"json": call.body}
            answer = await attacked.http.request(call.method, path, **body)
            if call.path.startswith(("/u/", "/c/")) and answer.headers["content-type"].startswith(
                "text/html"
            ):
                assert (answer.status_code, word in answer.text) == (404, False)  # a page for people
                continue
            assert len(attacked.problem(answer, 404)["detail"]) < 8000


@pytest.mark.parametrize("call", swept((call for call in CALLS if call.in_query), capability), ids=str)
async def test_a_hostile_parameter_finds_nothing_or_is_refused_by_name(attacked, call):
    path = attacked.address(call.path).replace("sick", "ada")
    body = {} if call.body is None else {"json": call.body}
    # The key of a web page, which the header of these tests precedes; names that come with a file, of which there is none; and a reason.
    for name in set(call.in_query) - {"key", "fileName", "mappingName", "why"}:
        for word in [*EVERY_WORD, *NUMBERS]:
            answer = await attacked.http.request(call.method, f"{path}?{name}={word}", **body)
            if answer.status_code == 200:
                if name == "minScore" or (name, word) == ("without", "NaN"):
                    continue  # a number, or the name of a type that no event has
                assert name in {
                    "stage",
                    "risk",
                    "owner",
                    "tag",
                    "account",
                    "name",
                    "assignee",
                    "ids",
                    "leadId",
                    "ruleId",
                    "target",
                    "email",
                    "phone",
                    "userId",
                    "anonymousId",
                    "value",
                    "automation",
                    *("sequence", "step", "variant", "channel", "campaign", "reason", "intent"),
                }
                if answer.headers["content-type"].startswith("text/csv"):
                    assert len(answer.text.splitlines()) == 1  # the names of columns
                    continue
                found = answer.json()
                assert found.get("items", []) == []
                assert not any(one["count"] for one in found.get("stages", ()))
            else:
                (fault,) = attacked.problem(answer, 400)["errors"]
                assert fault["pointer"] == f"?{name}"


@pytest.mark.parametrize("call", swept((call for call in CALLS if not call.of_clients), capability), ids=str)
async def test_an_operator_in_the_name_of_a_parameter_is_refused(attacked, call):
    if call.path.startswith("/health"):
        return
    path = attacked.address(call.path)
    for name in call.in_query or ("x",):
        for operator in ("[$gt]", "[$ne]", "[]", ".$where", "%00", ""):
            again = f"{name}=a&{name}{operator}=b"
            answer = await attacked.http.request(call.method, f"{path}?{again}", json=call.body)
            assert attacked.problem(answer, 400)["errors"]
    many = "&".join(f"k{n}=1" for n in range(5000))
    answer = await attacked.http.request(call.method, f"{path}?{many}", json=call.body)
    assert len(attacked.problem(answer, 400)["errors"]) <= 101


WRONG_VALUES = {
    "operator": '{"$gt":""}',
    "nested operator": '[{"$where":"sleep(1000)"}]',
    "reference": '{"$ref":"leads","$id":"ada"}',
    "extended JSON": '{"$numberLong":"1"}',
    "2^63": "9223372036854775808",
    "2^64": "18446744073709551616",
    "1e400": "1e400",
    "5,000 digits": LONG,
    "a list of lists": "[[[]]]",
}


@pytest.mark.parametrize(
    ("call", "field"),
    sweep([(call, field) for call in WITH_BODY for field in call.fields], lambda _, field: field),
    ids=str,
)
async def test_a_hostile_value_of_a_field_is_refused_with_a_pointer_to_it(attacked, call, field):
    before = await attacked.stored()
    for value in WRONG_VALUES.values():
        if field in {"properties", "events", "attributes", "variables"} and value.startswith("{"):
            continue  # an object of any names, which are escaped in the store or stored as text
        body = json.dumps({**call.body, field: "?"}).replace('"?"', value)
        answer = await attacked.http.request(
            call.method,
            attacked.address(call.path),
            content=body,
            headers={"content-type": "application/json"},
        )
        for fault in attacked.problem(answer, 400)["errors"]:
            # Numbers that no double can hold break the decoding itself, except where events are decoded.
            assert fault["pointer"].startswith(f"/{field}") or (
                value in {"1e400", LONG} and not fault["pointer"]
            )
    assert await attacked.stored() == before


def body_with(call, field: str, value: str) -> bytes:
    """The example with a field more, or in place of the same, that is written like this."""
    rest = json.dumps({name: said for name, said in call.body.items() if name != field})[1:-1]
    return b"{" + b",".join(part for part in (rest.encode(), f'"{field}":{value}'.encode()) if part) + b"}"


def bodies(call):
    """What is no JSON object of the call."""
    good, some = json.dumps(call.body).encode(), next(iter(call.body))
    yield from (b"x", b"[", good[:-1], good + b"}", good + b"\0", b"nul")
    if call.path != "/api/events":  # where many programs write a byte order mark
        yield b"\xef\xbb\xbf" + good
    yield from (b"5", b'"x"', b"null", b"true", LONG.encode(), b"1e400")
    yield from (good.decode().encode("utf-16"), b"\xff\xfe", b"\0" * 1000, b"<?xml version='1.0'?>")
    for value in ("NaN", "Infinity", "-Infinity", "01", "0x10", "'x'", '"\\ud800"', '"\\udc00\\ud800"'):
        yield body_with(call, some, value)
    yield body_with(call, some, '"\\x00"')
    yield good.replace(b'"', b"\xff", 1)
    yield b"[" * 5000 + b"]" * 5000
    yield b"[" * 500_000
    yield body_with(call, some, "[" * 5000 + "]" * 5000)
    yield body_with(call, some, '{"a":' * 100_000 + "1" + "}" * 100_000)
    yield body_with(call, "extra", "1")
    yield body_with(call, "$set", '{"scopes":["manage"]}')
    yield body_with(call, "__proto__", "{}")
    yield b"{%s}" % b",".join(b'"%x":1' % n for n in range(100_000))


@pytest.mark.parametrize("call", swept(WITH_BODY, capability), ids=str)
async def test_a_body_that_is_no_object_of_the_call_is_refused(attacked, call):
    before = await attacked.stored()
    path = attacked.address(call.path)
    for body in bodies(call):
        answer = await attacked.http.request(
            call.method, path, content=body, headers={"content-type": "application/json"}
        )
        assert attacked.problem(answer, 400)["errors"], body[:80]
    assert await attacked.stored() == before


@pytest.mark.parametrize("call", swept(WITH_BODY, capability), ids=str)
async def test_a_body_without_the_media_type_of_json_is_refused_unread(attacked, call):
    path, good = attacked.address(call.path), json.dumps(call.body).encode()
    bomb = gzip.compress(bytes(50 * 1024 * 1024), compresslevel=9)
    takes_more = call.path == "/api/events"  # text of beacons, and gzip
    plain = () if takes_more else ("text/plain",)
    for said in (*plain, "application/xml", "multipart/form-data; boundary=x", "a" * 5000, "ä"):
        answer = await attacked.http.request(
            call.method, path, content=good, headers={"content-type": said.encode()}
        )
        assert len(attacked.problem(answer, 415)["detail"]) < 8000
    for encoding in ("gzip", "br", "zstd", "gzip, gzip", "x" * 5000):
        headers = {"content-type": "application/json", "content-encoding": encoding}
        answer = await attacked.http.request(call.method, path, content=bomb, headers=headers)
        attacked.problem(answer, 413 if takes_more and encoding == "gzip" else 415)


@pytest.mark.parametrize("call", swept(WITH_BODY, capability), ids=str)
async def test_a_body_over_the_limit_is_413(attacked, call):
    good = json.dumps(call.body).encode().ljust(1024 * 1024 + 1)
    answer = await attacked.http.request(
        call.method,
        attacked.address(call.path),
        content=good,
        headers={"content-type": "application/json"},
    )
    attacked.problem(answer, 413)


async def test_of_a_name_that_stands_twice_one_value_counts_and_no_mixture(attacked):
    body = b'{"leadId":"twice","leadId":"once","type":"page_view","type":"signup","eventId":"dup-1"}'
    answer = await attacked.http.post(
        "/api/events", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 202
    (result,) = answer.json()["results"]
    stored = await attacked.runtime.store.database["events"].find_one({"eventId": "dup-1"})
    assert (stored["leadId"], stored["type"]) == (result["leadId"], "signup") == ("once", "signup")


@pytest.mark.parametrize(
    "call",
    [
        call
        for call in CALLS
        if call.body is None
        and call.method == "post"
        and not call.of_clients
        and not call.path.startswith("/api/imports")  # these take a file
    ],
    ids=str,
)
async def test_a_body_that_nobody_asked_for_changes_nothing(attacked, call):
    path = attacked.address(call.path, lead_id="nobody", key_id="nobody", endpoint_id="nobody")
    await attacked.prove()
    for body in (b'{"$set":{}}', b"\xff" * 1000, b"[" * 100_000):
        answer = await attacked.http.request(call.method, path, content=body)
        if call.in_path:
            attacked.problem(answer, 404)
        elif call.path in {"/api/models/rollback", "/api/rulebooks/rollback"}:
            attacked.problem(answer, 409)  # no model is active, and no rulebook was before
        else:
            assert answer.status_code in {200, 204}
