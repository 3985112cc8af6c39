"""CORS: keys for web pages let browsers of their origins send events, and no others."""

from __future__ import annotations

import json

import pytest

from tests.http_client import open_client

SHOP, BLOG, OTHER = "https://shop.example", "http://localhost:3000", "https://evil.example"
VIEW = {"leadId": "ada", "type": "page_view"}


@pytest.fixture
async def key(api):
    """A key for two origins, known to the process."""
    issued = await api.new_key("ingest", origins=(SHOP, BLOG))
    await api.authenticator.context.keyring.refresh()
    return issued.token.text


async def preflight(api, origin, path="/api/events", **headers):
    asked = {"origin": origin, "access-control-request-method": "POST", **headers}
    return await api.ask("options", path, None, **asked)


async def post(api, key, **headers):
    return await api.send(VIEW, authorization=f"Bearer {key}", **headers)


@pytest.mark.parametrize("origin", [SHOP, BLOG])
async def test_a_browser_that_asks_first_is_told_that_pages_of_the_origin_may_call(api, key, origin):
    answer = await preflight(api, origin, **{"access-control-request-headers": "authorization,content-type"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == origin
    assert "POST" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert {"authorization", "content-type", "x-api-key", "x-retry-count"} <= set(allowed)
    assert answer.headers["access-control-max-age"] == "600"
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", [OTHER, "null", SHOP + ".evil.example", SHOP.upper(), SHOP + ":8443"])
async def test_a_browser_that_asks_for_another_origin_is_told_no(api, key, origin):
    answer = await preflight(api, origin)
    assert api.problem(answer, 403)["code"] == "forbidden"
    assert "access-control-allow-origin" not in answer.headers


async def test_only_sending_events_is_for_web_pages(api, key):
    for path in ("/api/leads", "/api/keys", "/api/leads/ada/intelligence"):
        assert (await preflight(api, SHOP, path)).status_code == 403


@pytest.mark.parametrize("origin", [SHOP, BLOG])
async def test_a_page_of_the_origin_sends_events_and_reads_the_answer(api, key, origin):
    answer = await post(api, key, origin=origin)
    assert answer.status_code == 202
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["vary"] == "Origin"
    assert "retry-after" in answer.headers["access-control-expose-headers"]


async def test_a_page_reads_why_its_events_were_refused(api, key):
    answer = await api.send({"leadId": "ada"}, authorization=f"Bearer {key}", origin=SHOP)
    api.problem(answer, 400)
    assert answer.headers["access-control-allow-origin"] == SHOP
    answer = await post(api, key[:-1], origin=SHOP)
    api.problem(answer, 401)
    assert answer.headers["access-control-allow-origin"] == SHOP


@pytest.mark.parametrize("headers", [{"origin": OTHER}, {}])
async def test_a_key_for_web_pages_is_for_those_of_its_origins_only(api, key, headers):
    answer = await post(api, key, **headers)
    assert SHOP in api.problem(answer, 403)["detail"]
    assert "access-control-allow-origin" not in answer.headers
    assert await api.stored() == 0


async def test_a_key_of_another_page_is_refused_although_its_browser_may_ask(api, key):
    other = (await api.new_key("ingest", origins=(OTHER,))).token.text
    assert (await post(api, other, origin=OTHER)).status_code == 202
    assert (await post(api, other, origin=SHOP)).status_code == 403


async def test_a_key_without_origins_works_from_everywhere_but_browsers_are_told_nothing(api):
    plain = (await api.new_key("ingest")).token.text
    answer = await post(api, plain, origin=OTHER)
    assert answer.status_code == 202
    assert "access-control-allow-origin" not in answer.headers
    assert (await preflight(api, OTHER)).status_code == 403


async def test_a_question_that_no_browser_asks_is_answered_as_ever(api):
    answer = await api.ask("options", "/api/events", None)
    assert (answer.status_code, answer.headers["allow"]) == (204, "OPTIONS, POST")


async def test_pages_of_a_revoked_key_are_told_no_as_soon_as_it_is_gone(api):
    issued = await api.new_key("ingest", origins=(SHOP,))
    await api.authenticator.context.keyring.refresh()
    assert (await preflight(api, SHOP)).status_code == 204
    await api.http.post(f"/api/keys/{issued.key.key_id}/revoke")
    await api.authenticator.context.keyring.refresh()
    assert (await preflight(api, SHOP)).status_code == 403


class TestBeacons:
    """`navigator.sendBeacon` sends text, an origin and no other header; so the key stands in the URL."""

    async def beacon(self, api, key, path="/api/events", **headers):
        """A request as a browser makes it when a page is left."""
        sent = {"content-type": "text/plain;charset=UTF-8", "origin": SHOP, **headers}
        url = f"{api.http.base_url}{path}?key={key}".replace("//api", "/api")
        async with open_client(api.http.base_url) as http:
            return await http.post(url, content=json.dumps(VIEW), headers=sent)

    async def test_a_page_sends_events_with_its_key_in_the_url(self, api, key):
        answer = await self.beacon(api, key)
        assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
        assert answer.headers["access-control-allow-origin"] == SHOP

    async def test_the_key_of_a_server_may_not_stand_in_a_url(self, api):
        for headers in ({}, {"origin": ""}):
            answer = await self.beacon(api, api.key.token.text, **headers)
            assert "may stand in a URL" in api.problem(answer, 403)["detail"]
        assert await api.stored() == 0

    async def test_another_origin_an_unknown_key_and_another_call_are_refused(self, api, key):
        api.problem(await self.beacon(api, key, origin=OTHER), 403)
        api.problem(await self.beacon(api, "nonsense%FF"), 401)
        api.problem(await self.beacon(api, f"{key}&" + "&".join(f"k{n}=1" for n in range(5000))), 401)
        answer = await api.ask("get", f"/api/leads?key={key}", None)
        assert answer.status_code == 401
        assert await api.stored() == 0

    async def test_a_header_comes_before_the_url(self, api, key):
        answer = await self.beacon(api, "nonsense", authorization=f"Bearer {key}")
        assert answer.status_code == 202
