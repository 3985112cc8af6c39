"""Calls of the clients of other systems, with hostile bodies, parameters and headers, and the write key of a source."""

from __future__ import annotations

import gzip
import json

import pytest

from api.capture.wire import MAX_WIRE_BYTES
from tests.http_client import open_client

PATHS = ("/v1/batch", "/v1/t", "/batch", "/e", "/i/v1/analytics/events", "/v1/events")
NOT_JSON = {
    "nothing": b"",
    "half": b'{"batch":[',
    "zeros": b"\0" * 1000,
    "not UTF-8": b'{"batch":["\xff"]}',
    "UTF-16": '{"batch":[]}'.encode("utf-16"),
    "half a gzip": gzip.compress(b'{"batch":[]}')[:-9],
    "nested": b'{"batch":' + b"[" * 100_000,
    "nested and closed": b"[" * 50_000 + b"]" * 50_000,
    "many lists": b'{"batch":[' + b"[]," * 300_000 + b"1]}",
    "form without base64": b"data=%%%",
}
HOSTILE_ITEMS = [
    {"$gt": ""},
    {"type": {"$ne": None}, "userId": {"$gt": ""}},
    {"type": "track", "event": "$where", "userId": {"$gt": ""}},
    {"type": "track", "event": "x\0y", "userId": "eve"},
    {"type": "track", "event": "x", "userId": "eve", "messageId": {"$gt": ""}},
    {"type": "track", "event": "x", "userId": "eve", "timestamp": 1e300},
    {"type": "track", "event": "x", "userId": "eve", "properties": {"n": 2**64}},
    {"type": "track", "event": "x", "userId": "eve", "properties": {"\0": 1}},
    {"type": "identify", "userId": "eve", "traits": {"email": {"$gt": ""}}},
    [[[]]],
    None,
    "text",
    {"type": "track", "event": "x", "userId": "u" * 100_000},
]


@pytest.fixture
async def source(attacked):
    """A sender with the write key of the source that is there."""
    headers = {"x-api-key": attacked.names["write_key"]}
    async with open_client(attacked.http.base_url, headers=headers) as http:
        yield http


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
async def test_what_is_no_json_is_refused_in_time_and_stores_nothing(attacked, source, path, body):
    before = await attacked.stored()
    answer = await source.post(
        path, content=body, headers={"content-type": "application/cloudevents-batch+json"}
    )
    assert len(attacked.problem(answer, 400)["detail"]) < 8000
    assert await attacked.stored() == before


@pytest.mark.parametrize("path", PATHS)
async def test_a_bomb_is_refused(attacked, source, path):
    bomb = gzip.compress(bytes(100 * 1024 * 1024), compresslevel=9)
    answer = await source.post(path, content=bomb, headers={"content-type": "application/cloudevents+json"})
    attacked.problem(answer, 413)
    answer = await source.post(path, content=b" " * (MAX_WIRE_BYTES + 1))
    attacked.problem(answer, 413)


async def test_hostile_items_are_kept_as_they_are_or_taken_literally(attacked, source):
    answer = await source.post("/v1/batch", content=json.dumps({"batch": HOSTILE_ITEMS}).encode())
    assert (answer.status_code, answer.content) == (200, b'{"success":true}')
    listed = (await attacked.http.get(f"/api/sources/{attacked.names['source_id']}/rejected")).json()["items"]
    kept = [item["content"] for item in listed]
    taken = [item for item in HOSTILE_ITEMS if item not in kept]
    assert [item["userId"] for item in taken if item] == ["eve"] * len([item for item in taken if item])
    assert len(kept) >= len(HOSTILE_ITEMS) - 3


@pytest.mark.parametrize("path", ["/e", "/batch"])
async def test_parameters_of_clients_are_never_read(attacked, source, path):
    before = await attacked.stored()
    for query in ("x[$gt]=1", "&".join(f"k{n}=1" for n in range(500)), "ip=%ff", "key=le_wrong"):
        answer = await source.post(f"{path}?{query}", json={"batch": []})
        assert answer.status_code in {200, 400}
    assert await attacked.stored() == before
