"""POST /api/events at its size limits, and under back-pressure."""

from __future__ import annotations

import asyncio
import json

import pytest

import engine.capture.log.admission

VIEW = {"leadId": "ada", "type": "page_view"}
MIB = 1024 * 1024


def sized(properties_bytes):
    """An event whose properties are of this size as JSON."""
    return {**VIEW, "properties": {"p": "x" * (properties_bytes - len('{"p":""}'))}}


async def test_a_thousand_events_are_taken(api):
    answer = await api.send([VIEW] * 1000)
    assert answer.status_code == 202
    assert [one["position"] for one in answer.json()["results"]] == list(range(1, 1001))
    assert await api.stored() == 1000


async def test_one_event_more_is_refused(api):
    problem = await api.refuses([VIEW] * 1001, "")
    assert "1 to 1000 events, not 1001" in problem["errors"][0]["detail"]


async def test_too_many_wrong_events_are_refused_for_their_number(api):
    await api.refuses([{}] * 1001, "")


async def test_no_event_at_all_is_refused(api):
    problem = await api.refuses([], "")
    assert "not 0" in problem["errors"][0]["detail"]


async def test_a_body_of_one_mebibyte_is_taken(api):
    assert (await api.send(json.dumps(VIEW).encode().ljust(MIB))).status_code == 202


async def test_one_byte_more_is_413(api):
    problem = await api.refuses(json.dumps(VIEW).encode().ljust(MIB + 1), status=413)
    assert problem["code"] == "too-large"
    assert "1 MiB" in problem["detail"]


async def test_a_body_that_does_not_say_its_length_is_413_as_soon_as_it_is_too_long(api):
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(
        b"POST /api/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n" + api.key_header + b"\r\n\r\n"
    )
    for _ in range(17):
        writer.write(b"10000\r\n" + b" " * 65536 + b"\r\n")
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)  # though the body goes on
    writer.close()
    assert head.startswith(b"HTTP/1.1 413 ")
    assert await api.stored() == 0


async def test_a_body_in_chunks_within_the_limit_is_taken(api):
    async def chunks():
        for byte in json.dumps(VIEW).encode():
            yield bytes([byte])

    answer = await api.http.post(
        "/api/events", content=chunks(), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 202


async def test_the_server_answers_others_after_a_body_that_was_too_large(api):
    await api.refuses(b" " * (MIB + 1), status=413)
    assert await api.store(VIEW) == [1]


async def test_properties_of_32_kib_are_taken(api):
    await api.store(sized(32 * 1024))


async def test_properties_of_one_byte_more_are_refused_by_name(api):
    problem = await api.refuses(sized(32 * 1024 + 1), "/properties")
    assert "32768" in problem["errors"][0]["detail"]
    await api.refuses([VIEW, sized(33 * 1024), VIEW, sized(40 * 1024)], "/1/properties", "/3/properties")


async def test_properties_may_be_16_levels_deep_whatever_lies_at_the_bottom(api):
    for bottom in (1, 2.5, "x", None, True):
        value = bottom
        for _ in range(15):
            value = [value]
        await api.store({**VIEW, "properties": {"deep": value}})
        await api.refuses({**VIEW, "properties": {"deep": [value]}}, "/properties/deep" + "/0" * 15)


async def test_ids_types_and_sources_may_be_as_long_as_documented(api):
    await api.store(
        {"leadId": "ä" * 200, "type": "t" * 100, "eventId": "\U0001f600" * 200, "source": "s" * 100}
    )


async def test_a_full_queue_answers_503_with_retry_after_and_takes_nothing_of_the_request(api):
    async with api.failing("insert", blockConnection=True, blockTimeMS=400):
        first = asyncio.create_task(api.send([VIEW]))
        await asyncio.sleep(0.1)  # it is being written
        waiting = asyncio.create_task(api.send([VIEW] * 1000))
        while api.runtime.capture.appender.waiting_events < 1000:
            await asyncio.sleep(0.005)
        answer = await api.send(VIEW)
        assert api.problem(answer, 503)["code"] == "unavailable"
        assert int(answer.headers["retry-after"]) >= 1
        assert (await first).status_code == 202
    assert (await waiting).status_code == 202
    assert await api.stored() == 1001


async def test_a_store_that_refuses_is_503_with_retry_after_and_nothing_is_stored(api):
    async with api.failing("insert", errorCode=8):
        answer = await api.send([VIEW, VIEW])
    assert api.problem(answer, 503)["code"] == "unavailable"
    assert int(answer.headers["retry-after"]) >= 1
    assert await api.stored() == 0
    assert await api.store(VIEW) == [1]


async def test_a_store_that_does_not_answer_is_503_and_the_same_request_again_is_safe(api, monkeypatch):
    monkeypatch.setattr(engine.capture.log.admission, "APPEND_SECONDS", 0.2)
    events = [{**VIEW, "eventId": "e1"}, {**VIEW, "eventId": "e2"}]
    async with api.failing("commitTransaction", blockConnection=True, blockTimeMS=600):
        answer = await api.send(events)
        assert "same event ids" in api.problem(answer, 503)["detail"]
        assert int(answer.headers["retry-after"]) >= 1
    monkeypatch.undo()
    assert {one["position"] for one in (await api.send(events)).json()["results"]} == {1, 2}
    assert await api.stored() == 2


@pytest.mark.parametrize("path", ["/api/leads", "/api/leads/ada/intelligence", "/api/tasks", "/metrics"])
async def test_reading_while_the_store_is_down_is_503_with_retry_after(api, path):
    async with api.failing("find", errorCode=8):
        answer = await api.http.get(path)
    assert api.problem(answer, 503)["code"] == "unavailable"
    assert int(answer.headers["retry-after"]) >= 1
    assert "errorCode" not in answer.text
