"""`X-Forwarded-For` is believed of trusted reverse proxies only."""

from __future__ import annotations

import httpx
import pytest
from litestar import Litestar, get
from litestar.datastructures import State

from api.access.authenticator import Authenticator
from api.app import create_app
from api.http.parameters import HttpRequest
from api.transport.proxies import TrustedProxies
from domain.errors import Invalid

CLIENT = "198.51.100.7"


@get("/client")
async def client_of(request: HttpRequest) -> str:
    assert request.client is not None
    return request.client.host


async def seen_from(peer, *forwarded, trusted="10.0.0.0/8, 192.0.2.1", **headers):
    framework = Litestar([client_of], state=State({"authenticator": Authenticator()}))
    transport = httpx.ASGITransport(create_app(framework, TrustedProxies(trusted)), client=(peer, 5000))
    given = [("x-forwarded-for", value) for value in forwarded] + list(headers.items())
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        return (await http.get("/client", headers=given)).text


@pytest.mark.parametrize(
    ("peer", "seen"), [("10.1.2.3", CLIENT), ("203.0.113.9", "203.0.113.9")], ids=["trusted", "not trusted"]
)
async def test_the_client_is_the_one_that_a_trusted_proxy_names(peer, seen):
    assert await seen_from(peer, CLIENT) == seen


async def test_nobody_is_trusted_by_default():
    for peer in ("127.0.0.1", "::1", "10.1.2.3"):
        assert await seen_from(peer, CLIENT, trusted="") == peer


@pytest.mark.parametrize(
    ("forwarded", "seen"),
    [
        (["198.51.100.7, 10.9.9.9"], CLIENT),
        (["6.6.6.6, 198.51.100.7"], CLIENT),  # what the client itself has written before it
        (["6.6.6.6", "198.51.100.7"], CLIENT),
        (["198.51.100.7:4711"], CLIENT),
        (["[2001:db8::7]:4711"], "2001:db8::7"),
        (["::ffff:198.51.100.7"], CLIENT),
        (["10.9.9.9, 10.8.8.8"], "10.9.9.9"),
        ([], "10.1.2.3"),
        ([""], "10.1.2.3"),
        (["unknown"], "10.1.2.3"),
        (["a" * 3000], "10.1.2.3"),
        (["198.51.100.7, _hidden"], "10.1.2.3"),
    ],
)
async def test_what_is_no_address_counts_as_the_address_of_the_peer(forwarded, seen):
    assert await seen_from("10.1.2.3", *forwarded) == seen


def test_a_proxy_that_is_no_address_is_refused():
    with pytest.raises(Invalid, match=r"TRUSTED_PROXIES: 'nginx'"):
        TrustedProxies("10.0.0.1, nginx")


def test_everybody_may_be_trusted():
    assert "203.0.113.9" in TrustedProxies("*")
    assert "203.0.113.9" not in TrustedProxies("")
