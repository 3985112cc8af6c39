"""Long queries and cookies: nothing is taken apart that nobody needs."""

from __future__ import annotations

import pytest

from tests.growth import assert_linear


@pytest.mark.parametrize("path", ["/api/leads", "/health/live", "/openapi.json", "/docs"])
async def test_a_query_beyond_eight_kilobytes_is_refused_unread(api, path, monkeypatch):
    problem = api.problem(await api.http.get(f"{path}?{'a=1&' * 4000}"), 400)
    assert "longer than 8192 bytes" in problem["errors"][0]["detail"]


async def test_more_cookies_than_a_browser_sends_are_not_taken_apart(api):
    browsers = api.authenticator.context.browsers
    name = browsers._cookie_bytes
    assert browsers.token_in(b"a=b; " * 1000 + name + b"=token") == "token"
    assert browsers.token_in(b"a=b; " * 12_000 + name + b"=token") is None
    assert_linear(lambda text: browsers.token_in(text.encode()), lambda length: "a=b; " * (length // 5))
