"""One message is sent in bounded time, to where it may go, and its response is returned as it was."""

from __future__ import annotations

import asyncio
import time

import pytest

from engine.webhooks.egress_policy import EgressPolicy, Refused
from engine.webhooks.sender import Sender

SECONDS = 5.0
HASTE = 0.3


@pytest.fixture
def sender():
    """Allowed to send to this machine."""
    return Sender(EgressPolicy(allowed_hosts="127.0.0.1"), SECONDS)


@pytest.fixture
def hasty():
    """Allowed as well, and soon gives up."""
    return Sender(EgressPolicy(allowed_hosts="127.0.0.1"), HASTE)


async def test_the_body_arrives_byte_for_byte_with_its_headers(sender, receiver):
    body = '{"data": "ä \\u0041"}'.encode()
    answer = await sender.post(f"{receiver.url}?token=a%2Fb", {"webhook-id": "msg_1"}, body)
    (request,) = receiver.requests
    assert answer.status == 200
    assert answer.is_success
    assert request.line == "POST /hooks?token=a%2Fb HTTP/1.1"
    assert request.body == body
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == "msg_1"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["user-agent"].startswith("lead-engine/")


@pytest.mark.parametrize("status", [200, 201, 204, 299])
async def test_only_2xx_is_success(sender, receiver, status):
    receiver.will(receiver.answer(status))
    assert (await sender.post(receiver.url, {}, b"{}")).is_success


@pytest.mark.parametrize("status", [300, 304, 400, 404, 410, 429, 500, 503, 599])
async def test_everything_else_is_a_response_without_success(sender, receiver, status):
    receiver.will(receiver.answer(status, b"no"))
    answer = await sender.post(receiver.url, {}, b"{}")
    assert (answer.status, answer.is_success) == (status, False)


async def test_a_redirect_is_not_followed(sender, receiver):
    receiver.will(receiver.answer(302, location=receiver.url))
    answer = await sender.post(receiver.url, {}, b"{}")
    assert (answer.status, answer.is_success) == (302, False)
    assert len(receiver.requests) == 1


async def test_the_first_500_characters_of_a_response_are_kept(sender, receiver):
    receiver.will(receiver.answer(400, ("ä" * 501).encode()))
    assert (await sender.post(receiver.url, {}, b"{}")).text == "ä" * 500


async def test_a_response_that_is_not_utf_8_is_kept_with_replacement_characters(sender, receiver):
    receiver.will(receiver.answer(400, b"\xff\x00ok"))
    assert (await sender.post(receiver.url, {}, b"{}")).text == "\ufffd\x00ok"


async def test_of_a_response_without_end_only_the_beginning_is_read(sender, receiver):
    receiver.will(receiver.flood)
    began = time.monotonic()
    answer = await sender.post(receiver.url, {}, b"{}")
    assert time.monotonic() - began < SECONDS
    assert (answer.status, answer.text) == (200, "x" * 500)


async def test_retry_after_is_returned_as_it_was_sent(sender, receiver):
    receiver.will(receiver.answer(429, retry_after="120"), receiver.answer(429))
    assert (await sender.post(receiver.url, {}, b"{}")).retry_after == "120"
    assert (await sender.post(receiver.url, {}, b"{}")).retry_after is None


@pytest.mark.parametrize("way", ["hang", "drip"])
async def test_a_receiver_that_is_too_slow_is_given_up_in_time(hasty, receiver, way):
    receiver.will(getattr(receiver, way))
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await hasty.post(receiver.url, {}, b"{}")
    assert HASTE <= time.monotonic() - began < HASTE + 30


async def test_a_status_counts_though_its_text_never_ends(hasty, receiver):
    receiver.will(receiver.hang_in_body)
    answer = await hasty.post(receiver.url, {}, b"{}")
    assert (answer.status, answer.text) == (200, "so far")


@pytest.mark.parametrize("way", ["close", "talk_nonsense"])
async def test_a_receiver_that_does_not_speak_http_is_a_failure(sender, receiver, way):
    receiver.will(getattr(receiver, way))
    with pytest.raises(Exception, match=r"disconnected|illegal") as failed:
        await sender.post(receiver.url, {}, b"{}")
    assert type(failed.value).__module__ == "httpcore"


async def test_nobody_at_the_port_is_a_failure(sender, receiver):
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    with pytest.raises(Exception, match="attempts failed"):
        await sender.post(f"http://127.0.0.1:{port}", {}, b"{}")


async def test_a_url_that_is_no_longer_allowed_is_refused_before_any_connection(receiver):
    with pytest.raises(Refused, match="https"):
        await Sender(EgressPolicy(), SECONDS).post(receiver.url, {}, b"{}")
    assert receiver.connections == 0


async def test_a_proxy_of_the_environment_is_ignored(sender, receiver, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await sender.post(receiver.url, {}, b"{}")).is_success


async def test_a_name_server_that_hangs_is_given_up_in_time(receiver):
    async def resolve(host, port):
        await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        await Sender(EgressPolicy(), HASTE, resolve=resolve).post("https://hooks.example.com", {}, b"{}")
