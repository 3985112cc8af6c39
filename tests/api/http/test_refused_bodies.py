"""POST /api/events: bodies that are not JSON, or lack its media type, are refused and nothing is stored."""

from __future__ import annotations

import gzip
import json

import pytest

GOOD = b'{"leadId":"ada","type":"page_view"}'
WRONG_FIRST = b'{"leadId":5,"type":"page_view","properties":{"a":%s}}'
"""A fault that the strict decoder meets before it comes to the rest."""

NOT_JSON = {
    "nothing": b"",
    "blanks": b"  \n ",
    "a letter": b"x",
    "truncated in an object": GOOD[:-1],
    "truncated in a string": GOOD[:12],
    "truncated in an array": b"[" + GOOD,
    "truncated word": b"nul",
    "trailing letter": GOOD + b" x",
    "trailing brace": GOOD + b"}",
    "two values": GOOD + GOOD,
    "trailing NUL": GOOD + b"\0",
    "trailing comma": b"[" + GOOD + b",]",
    "two byte order marks": b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD,
    "byte order mark within": b"[\xef\xbb\xbf" + GOOD + b"]",
    "UTF-16": GOOD.decode().encode("utf-16"),
    "UTF-16 without a mark": GOOD.decode().encode("utf-16-le"),
    "latin-1 in a value": '{"leadId":"Zoë","type":"t"}'.encode("latin-1"),
    "invalid UTF-8 in a key": b'{"leadId":"a","type":"t","properties":{"\xff":1}}',
    "overlong UTF-8": b'{"leadId":"\xc0\xaf","type":"t"}',
    "surrogate as UTF-8": b'{"leadId":"\xed\xa0\x80","type":"t"}',
    "lone high surrogate": b'{"leadId":"\\ud800","type":"page_view"}',
    "lone low surrogate": b'{"leadId":"a","type":"t","properties":{"a":"\\udc00 and more text"}}',
    "surrogates swapped": b'{"leadId":"a","type":"t","properties":{"a":"\\udc00\\ud800"}}',
    "lone surrogate in a key": b'{"leadId":"a","type":"t","properties":{"\\ud800":"and more text"}}',
    "raw newline in a string": b'{"leadId":"a\nb","type":"t"}',
    "unknown escape": b'{"leadId":"\\x41","type":"t"}',
    "single quotes": b"{'leadId':'a','type':'t'}",
    "comment": b'{"leadId":"a",/* */"type":"t"}',
    "NaN": b'{"leadId":"a","type":"t","properties":{"a":NaN}}',
    "Infinity": b'{"leadId":"a","type":"t","properties":{"a":Infinity}}',
    "minus Infinity": b'{"leadId":"a","type":"t","properties":{"a":-Infinity}}',
    "leading zero": b'{"leadId":"a","type":"t","properties":{"a":01}}',
    "hexadecimal": b'{"leadId":"a","type":"t","properties":{"a":0x1}}',
    "form": b"leadId=ada&type=page_view",
    "XML": b"<event/>",
    "5,000 levels": b"[" * 5000 + b"]" * 5000,
    "100,000 levels": b"[" * 100_000 + b"]" * 100_000,
    "100,000 levels, open": b"[" * 100_000,
    "5,000 levels in properties": b'{"leadId":"a","type":"t","properties":%s1%s}'
    % (b'{"a":' * 5000, b"}" * 5000),
    "100,000 levels in properties": b'{"leadId":"a","type":"t","properties":%s1%s}'
    % (b'{"a":' * 100_000, b"}" * 100_000),
    "100,000 levels in an unknown field": b'{"leadId":"a","type":"t","x":%s%s}'
    % (b"[" * 100_000, b"]" * 100_000),
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
async def test_what_is_not_json_in_utf_8_is_refused(api, body):
    problem = await api.refuses(body, "")
    assert problem["detail"] in ("The body is not JSON.", "Some fields are wrong; nothing was stored.")


@pytest.mark.parametrize(
    "rest",
    [
        b"",
        b"x",
        b"01",
        b"NaN",
        b'"\xff"',
        b'"\\ud800 and more text"',
        b"[" * 5000 + b"]" * 5000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"1}} x",
    ],
    ids=lambda rest: repr(rest[:12]),
)
async def test_a_wrong_field_before_what_is_not_json_changes_nothing_about_that(api, rest):
    problem = await api.refuses(WRONG_FIRST % rest, "")
    assert problem["detail"] == "The body is not JSON."
    await api.refuses(b"[%s]" % (WRONG_FIRST % rest), "")


@pytest.mark.parametrize("body", [b"5", b'"text"', b"null", b"true", b"1e5", b"1e400"])
async def test_json_that_is_neither_an_object_nor_an_array_is_refused(api, body):
    await api.refuses(body, "")


@pytest.mark.parametrize("body", [b"[[]]", b"[null]", b"[5]", b'["x"]'])
async def test_an_array_of_anything_else_is_refused_at_the_item(api, body):
    await api.refuses(body, "/0")


async def test_the_detail_says_where_the_json_breaks_off(api):
    assert "trailing characters (byte 3" in (await api.refuses(GOOD + b" x"))["errors"][0]["detail"]
    assert "UTF-8" in (await api.refuses(b'{"leadId":"a\xff"}'))["errors"][0]["detail"]
    assert "deep" in (await api.refuses(b"[" * 5000))["errors"][0]["detail"]


async def test_only_json_by_name_is_taken_for_json(api):
    for given in (
        "text/html",
        "text/plainx",
        "application/jsonx",
        "application/json, text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "; charset=utf-8",
        "",
    ):
        answer = await api.http.post("/api/events", content=GOOD, headers={"content-type": given})
        problem = api.problem(answer, 415)
        assert problem["code"] == "unsupported-media-type"
        assert "application/json" in problem["detail"]
    assert await api.stored() == 0


async def test_a_body_without_a_media_type_is_415(api):
    request = api.http.build_request("POST", "/api/events", content=GOOD)
    assert "content-type" not in request.headers
    api.problem(await api.http.send(request), 415)
    assert await api.stored() == 0


async def test_forms_are_415(api):
    api.problem(await api.http.post("/api/events", data={"leadId": "ada", "type": "page_view"}), 415)
    api.problem(await api.http.post("/api/events", files={"file": GOOD}), 415)
    assert await api.stored() == 0


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, br", "gzip, gzip"])
async def test_a_body_compressed_otherwise_than_by_gzip_is_415_and_the_answer_says_why(api, encoding):
    answer = await api.send(gzip.compress(GOOD), **{"content-encoding": encoding})
    assert encoding.lower() in api.problem(answer, 415)["detail"]
    assert await api.stored() == 0


async def test_the_content_encoding_identity_is_accepted(api):
    assert (await api.send(GOOD, **{"content-encoding": "identity"})).status_code == 202


async def test_a_query_is_refused_before_the_body_is_looked_at(api):
    answer = await api.http.post(
        "/api/events?dryRun=true", content=GOOD, headers={"content-type": "application/json"}
    )
    assert api.problem(answer, 400)["errors"][0]["pointer"] == "?dryRun"
    assert await api.stored() == 0


async def test_a_body_cut_off_by_its_sender_stores_nothing(api):
    body = json.dumps([{"leadId": "ada", "type": "page_view"}] * 3).encode()
    await api.refuses(body[: len(body) // 2], "")
