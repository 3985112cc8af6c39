"""Requests to change the protocol: served as if they had not asked, and a body is never run as a request."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess

import pytest

from tests.hostile.wire import EVENT, JSON, POST, code, status

KINDS = ("foo", "h2c", "websocket")
INNER = b"GET /api/leads HTTP/1.1\r\nHost: x\r\n\r\n"


def framed(body: bytes, *, chunked: bool) -> tuple[str, bytes]:
    """The header that frames a body, and the body in that frame."""
    if chunked:
        return "Transfer-Encoding: chunked", b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    return f"Content-Length: {len(body)}", body


async def answers(attacked, *segments: bytes) -> list[bytes]:
    """Send segments apart from each other, then end. Returns every answer, with its body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", attacked.port)
    for segment in segments:
        writer.write(segment)
        await writer.drain()
        await asyncio.sleep(0.05)
    found = []
    async with asyncio.timeout(10):
        while head := await _head(reader):
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0])
            found.append(head + await reader.readexactly(length))
    writer.close()
    return found


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
@pytest.mark.parametrize("cut", ["whole", "head and body", "within the body", "within the head"])
async def test_the_event_in_the_body_is_stored_however_it_arrives(attacked, kind, chunked, cut):
    before = await attacked.stored()
    framing, body = framed(EVENT, chunked=chunked)
    upgrade = ("Connection: Upgrade, HTTP2-Settings", f"Upgrade: {kind}", "HTTP2-Settings: AAEAAEAA")
    head = attacked.head(POST, JSON, *upgrade, framing)
    at = {"whole": 0, "head and body": len(head), "within the body": len(head) + 5, "within the head": 30}[
        cut
    ]
    sent = head + body
    last = attacked.head("GET /health/live HTTP/1.1", "Connection: close")
    found = await answers(attacked, *filter(None, (sent[:at], sent[at:])), last)
    assert [status(one) for one in found] == [202, 200]
    assert await attacked.stored() == before + 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
async def test_a_body_that_looks_like_a_request_is_not_run(attacked, kind, chunked):
    framing, body = framed(INNER, chunked=chunked)
    head = attacked.head(POST, JSON, "Connection: Upgrade", f"Upgrade: {kind}", framing)
    last = attacked.head("GET /nowhere HTTP/1.1", "Connection: close")
    found = await answers(attacked, head, body, last)
    assert [status(one) for one in found] == [400, 404]
    assert b"stage" not in found[0]


async def test_pipelined_requests_behind_an_upgrade_are_answered_in_their_order(attacked):
    upgrade = attacked.head("GET /nowhere HTTP/1.1", "Connection: Upgrade", "Upgrade: h2c")
    live = attacked.head("GET /health/live HTTP/1.1")
    last = attacked.head("GET /elsewhere HTTP/1.1", "Connection: close")
    found = await answers(attacked, upgrade + live + upgrade + last)
    assert [status(one) for one in found] == [404, 200, 404, 404]


async def test_a_tunnel_is_refused_and_nothing_behind_it_is_read(attacked):
    before = await attacked.stored()
    framing, body = framed(EVENT, chunked=False)
    found = await answers(
        attacked, b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n" + attacked.head(POST, JSON, framing) + body
    )
    assert [(status(one), code(one)) for one in found] == [(501, "no-proxy")]
    assert await attacked.stored() == before


async def test_thousands_of_upgrades_in_one_read_take_linear_time(attacked):
    """Each of them replaces the parser; what is left of the read is not copied each time."""
    one = b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
    last = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    found = await answers(attacked, one * 2000 + last)
    assert len(found) == 2001


@pytest.mark.skipif(not shutil.which("java"), reason="JAVA IS NOT INSTALLED: ITS HTTP CLIENT IS NOT TRIED")
async def test_the_http_client_of_java_sends_events_with_its_defaults(attacked, tmp_path):
    """It asks for HTTP/2 by an upgrade with each first request on a connection without TLS."""
    source = tmp_path / "Send.java"
    source.write_text(
        """
        import java.net.URI;
        import java.net.http.*;

        class Send {
            public static void main(String[] given) throws Exception {
                var client = HttpClient.newHttpClient();
                for (int i = 0; i < 3; i++) {
                    var request = HttpRequest.newBuilder(URI.create(given[0]))
                        .header("Content-Type", "application/json").header("X-API-Key", given[1])
                        .POST(HttpRequest.BodyPublishers.ofString(given[2])).build();
                    System.out.println(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
                }
            }
        }
        """
    )
    event = json.dumps({"leadId": "java", "type": "page_view"})
    before = await attacked.stored()
    ran = await asyncio.to_thread(
        subprocess.run,
        ["java", str(source), f"{attacked.url}/api/events", attacked.key, event],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ran.stdout.split() == ["202"] * 3, ran.stderr
    assert await attacked.stored() == before + 3
