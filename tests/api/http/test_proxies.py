"""`X-Forwarded-For` is believed of trusted reverse proxies only."""

from __future__ import annotations

import httpx
import pytest
from litestar import Litestar, get
from litestar.datastructures import State

from api.access.authenticator import Authenticator
from api.app import create_app
from api.http.parameters import HttpRequest

CLIENT = "198.51.100.7"


@get("/client")
async def client_of(request: HttpRequest) -> str:
    assert request.client is not None
    return request.client.host


@pytest.mark.parametrize(
    ("peer", "seen"), [("10.1.2.3", CLIENT), ("203.0.113.9", "203.0.113.9")], ids=["trusted", "not trusted"]
)
async def test_the_client_is_the_one_that_a_trusted_proxy_names(peer, seen):
    framework = Litestar([client_of], state=State({"authenticator": Authenticator()}))
    transport = httpx.ASGITransport(create_app(framework, "10.0.0.0/8, 192.0.2.1"), client=(peer, 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        answer = await http.get("/client", headers={"x-forwarded-for": CLIENT})
    assert answer.text == seen
