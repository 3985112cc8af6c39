"""Headers of every response: nothing is cached, framed, sniffed or referred to, and no page loads from elsewhere."""

from __future__ import annotations

import asyncio
import re

import pytest

from api.app import create_framework
from api.transport.security_headers import SECURITY_HEADERS

EXPECTED = {name.decode(): value.decode() for name, value in SECURITY_HEADERS}


def gets():
    return sorted(
        {
            re.sub(r"{\w+:\w+}", "x", route.path)
            for route in create_framework(None).routes
            if "GET" in route.methods
        }
    )


@pytest.mark.parametrize("path", [*gets(), "/nowhere"])
async def test_every_address_that_a_browser_may_open_has_them(api, path):
    for shown in ({}, {"authorization": ""}):
        async with api.http.stream("GET", path, headers=shown) as answer:  # one of them never ends
            headers = answer.headers
        for name in ("x-content-type-options", "x-frame-options", "referrer-policy"):
            assert headers.get_list(name) == [EXPECTED[name]], (path, name)
        assert len(headers.get_list("content-security-policy")) == 1
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy or "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "http" not in policy  # nothing from another host
        assert len(headers.get_list("cache-control")) == 1
        is_open = path.startswith(("/docs", "/openapi.json", "/console"))
        assert is_open or headers["cache-control"] == "no-store", path


async def test_events_are_answered_with_them_by_either_way(api, cached_key):
    event = {"leadId": "ada", "type": "page_view"}
    for headers in ({}, {"x-a": "1", "origin": "https://x.example"}):
        answer = await api.send(event, **headers)
        assert answer.status_code == 202
        assert {name: answer.headers[name] for name in EXPECTED} == EXPECTED


async def test_a_refusal_of_the_connection_has_them_too(api):
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(b"no http\r\n\r\n")
    answer = (await reader.read()).decode().lower()
    writer.close()
    assert answer.startswith("http/1.1 400")
    assert all(f"{name}: {value}".lower() in answer for name, value in EXPECTED.items())
