"""Attacks below JSON: endless or malformed HTTP. Time and memory are bounded."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from tests.hostile.wire import EVENT, JSON, MIB, POST, code, has_no_key, name_of, problem, status

# --- Without end ---


async def test_one_header_without_end_is_431_and_memory_stays_flat(attacked, flat):
    pieces = [b"GET /health/live HTTP/1.1\r\nX-Long: ", *([b"a" * MIB] * 100)]
    assert status(await attacked.raw(*pieces)) in (431, 0)
    assert status(await attacked.raw(pieces[0] + b"a" * 70_000)) == 431


async def test_headers_without_end_are_431_and_memory_stays_flat(attacked, flat):
    many = b"".join(b"X-%d: %s\r\n" % (n, b"v" * 100) for n in range(10_000))
    assert status(await attacked.raw(b"GET /health/live HTTP/1.1\r\n", *([many] * 50))) in (431, 0)


async def test_an_address_without_end_is_431_and_memory_stays_flat(attacked, flat):
    assert status(await attacked.raw(b"GET /", *([b"a" * MIB] * 50))) in (431, 0)


async def test_thousands_of_headers_within_the_limit_are_only_headers(attacked):
    many = [f"X-{n}: v" for n in range(4000)]
    assert status(await attacked.raw(attacked.head("GET /api/leads HTTP/1.1", *many))) == 200


async def test_the_limit_of_the_head_holds_for_each_request_on_a_connection(attacked):
    reader, writer = await asyncio.open_connection("127.0.0.1", attacked.port)
    for _ in range(5):  # 150 KiB in all, 30 KiB each
        writer.write(attacked.head("GET /health/live HTTP/1.1", "X-Long: " + "a" * 30_000))
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0]))
    writer.close()


@pytest.mark.parametrize("path", ["/api/events", "/api/keys", "/api/webhook-endpoints"])
async def test_chunks_without_end_are_413_and_memory_stays_flat(attacked, flat, path):
    before = await attacked.stored()
    chunk = b"40000\r\n" + b" " * 0x40000 + b"\r\n"
    head = attacked.head(f"POST {path} HTTP/1.1", JSON, "Transfer-Encoding: chunked")
    assert status(await attacked.raw(head, *([chunk] * 400))) in (413, 0)
    assert await attacked.stored() == before


async def test_extensions_of_chunks_without_end_end_in_time_and_memory_stays_flat(attacked, flat):
    head = attacked.head(POST, JSON, "Transfer-Encoding: chunked")
    endless = [b"a" * MIB] * 100_000
    assert status(await attacked.raw(head, b"1;x=", *endless)) in (400, 408, 413, 431, 0)


@pytest.mark.parametrize(
    "trailers",
    [b"X-Long: " + b"a" * MIB, b"".join(b"X-%d: v\r\n" % n for n in range(100_000))],
    ids=["one", "many"],
)
async def test_trailers_without_end_are_431_and_memory_stays_flat(attacked, flat, trailers):
    head = attacked.head(POST, JSON, "Transfer-Encoding: chunked", key=False)
    assert status(await attacked.raw(head + b"0\r\n", *([trailers] * 100))) in (401, 431, 0)
    few = trailers[:400_000]  # more than one read holds, in which counting begins
    answer = await attacked.raw(attacked.head(POST, JSON, "Transfer-Encoding: chunked") + b"0\r\n", few)
    assert (status(answer), code(answer)) == (431, "head-too-large")


async def test_a_chunked_body_whose_frame_is_larger_than_a_head_may_be_is_taken(attacked):
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in EVENT.ljust(20_000))
    answer = await attacked.raw(attacked.head(POST, JSON, "Transfer-Encoding: chunked"), chunks, b"0\r\n\r\n")
    assert status(answer) == 202


async def test_a_length_that_is_too_large_is_413_before_the_body_comes(attacked):
    for length in (MIB + 1, 2**40, 2**63 - 1):
        answer = await attacked.raw(attacked.head(POST, JSON, f"Content-Length: {length}"), seconds=60)
        assert status(answer) == 413


# --- No HTTP ---

NO_HTTP = {
    "noise": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 50,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\n\r\n",
    "a method that is none": b"G\0T / HTTP/1.1\r\n\r\n",
    "NUL in a header": b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n",
    "a space in the name of a header": b"GET /health/live HTTP/1.1\r\nHost: x\r\nX A: b\r\n\r\n",
    "a space before the colon": b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-A : b\r\n\r\n",
    "two lengths": POST.encode() + b"\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    "a length and chunks": POST.encode()
    + b"\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a negative length": POST.encode() + b"\r\nContent-Length: -1\r\n\r\n",
    "a length in letters": POST.encode() + b"\r\nContent-Length: 1e3\r\n\r\n",
    "a length beyond 64 bits": POST.encode() + b"\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    "a size of a chunk that is none": POST.encode() + b"\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "a negative size of a chunk": POST.encode() + b"\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
    "a size of a chunk beyond 64 bits": POST.encode()
    + b"\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    "an encoding after chunked": POST.encode() + b"\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("sent", NO_HTTP.values(), ids=NO_HTTP.keys())
async def test_malformed_http_is_400_and_the_connection_is_closed(attacked, sent):
    before = await attacked.stored()
    answer = await attacked.raw(sent)
    assert status(answer) in (400, 401)
    assert b"connection: close" in answer.lower()
    assert await attacked.stored() == before


async def test_a_request_behind_one_that_is_refused_is_not_carried_out(attacked):
    """Smuggling: what a proxy took for the body of the first must never be the second."""
    before = await attacked.stored()
    hidden = attacked.head(POST, JSON, f"Content-Length: {len(EVENT)}") + EVENT
    for framing in (
        ("Transfer-Encoding: chunked", f"Content-Length: {len(hidden) + 5}"),
        ("Transfer-Encoding: chunked, gzip", f"Content-Length: {len(hidden)}"),
        ("Content-Length: 0", f"Content-Length: {len(hidden)}"),
        ("Content-Length : 0", f"Content-Length: {len(hidden)}"),
    ):
        head = attacked.head("POST /api/keys HTTP/1.1", JSON, *framing)
        assert status(await attacked.raw(head + b"0\r\n\r\n" + hidden)) == 400
    assert await attacked.stored() == before


async def test_a_trailer_is_no_header(attacked):
    before = await attacked.stored()
    head = attacked.head(POST, JSON, "Transfer-Encoding: chunked", key=False)
    chunk = b"%x\r\n%b\r\n0\r\n" % (len(EVENT), EVENT)
    answer = await attacked.raw(
        head + chunk + f"X-API-Key: {attacked.key}\r\nX-Request-Id: t\r\n\r\n".encode()
    )
    assert status(answer) == 401
    assert problem(answer)["requestId"] != "t"
    assert await attacked.stored() == before


async def test_a_refusal_within_the_body_names_the_request_as_its_client_does(attacked):
    chunked = "Transfer-Encoding: chunked"
    for name, framing, body, expected in (
        ("slow-1", "Content-Length: 1000", b"{", 408),
        ("trailers-1", chunked, b"0\r\nX: " + b"a" * 400_000, 431),
        ("no-chunk-1", chunked, b"xyz\r\n", 400),
    ):
        answer = await attacked.raw(attacked.head(POST, JSON, framing, f"X-Request-Id: {name}") + body)
        assert (status(answer), name_of(attacked, answer)) == (expected, name)
        assert problem(answer)["instance"] == "/api/events"


async def test_a_refusal_before_the_head_is_complete_gets_an_id_that_is_in_the_log(attacked):
    begun = b"GET /health/live HTTP/1.1\r\nX-Request-Id: req-1\r\nX-Long: "
    answers = [
        await attacked.raw(sent) for sent in (begun, begun + b"a" * 70_000, b"G\0T / HTTP/1.1\r\n\r\n")
    ]
    assert [status(answer) for answer in answers] == [408, 431, 400]
    assert len({name_of(attacked, answer) for answer in answers} - {"req-1"}) == 3


async def test_a_name_that_could_break_the_log_is_not_repeated(attacked):
    answer = await attacked.raw(attacked.head(POST, JSON, "Content-Length: 9", "X-Request-Id: a b"))
    assert " " not in name_of(attacked, answer)


async def test_thousands_of_requests_at_once_on_one_connection_are_answered_one_by_one(attacked, flat):
    reader, writer = await asyncio.open_connection("127.0.0.1", attacked.port)
    one = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    writer.write(one * 2000 + last)
    answers = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    assert answers.count(b"HTTP/1.1 200 OK") == 2001


async def test_requests_without_end_on_one_connection_are_read_as_fast_as_they_are_answered(attacked, flat):
    many = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n" * 5000
    reader, writer = await asyncio.open_connection("127.0.0.1", attacked.port)
    reading = asyncio.create_task(_read_to_the_end(reader))
    writing = asyncio.create_task(_write_until_told(writer, many))
    await asyncio.wait({writing}, timeout=3)
    writing.cancel()
    writer.transport.abort()
    assert await reading > 0


async def _write_until_told(writer: asyncio.StreamWriter, part: bytes) -> None:
    while True:
        writer.write(part)
        await writer.drain()


async def _read_to_the_end(reader: asyncio.StreamReader) -> int:
    total = 0
    with contextlib.suppress(ConnectionError):
        while part := await reader.read(65536):
            total += len(part)
    return total


# --- Odd, but HTTP ---

PATHS = {
    "//api/leads": 200,  # another way to write the same path; the key is asked for by the call that it leads to
    "/api//leads": 200,
    "/api/leads/../keys": 404,
    "/api/leads/%2e%2e/keys": 404,
    "/api/leads/..%2fkeys": 404,
    "/api/leads/ada%2fhistory": 200,
    "/API/leads": 404,
    "/api/leads;x=1": 404,
    "/docs/../../../etc/passwd": 404,
    "/docs/..%2f..%2f..%2fetc%2fpasswd": 404,
    "/docs/%2e%2e/%2e%2e/pyproject.toml": 404,
    "/docs//etc/passwd": 404,
    "/docs/%00": 404,
    "/docs/" + "a" * 5000: 404,
    "/docs/" + "a/" * 5000: 404,
    "/%": 404,
    "/%zz": 404,
    "/%ff%fe": 404,
    "/%ed%a0%80": 404,
    "/?" + "&" * 10_000: 302,
    "*": 404,
}


@pytest.mark.parametrize(("path", "expected"), PATHS.items(), ids=lambda one: str(one)[:40])
async def test_tricks_with_paths_lead_nowhere(attacked, path, expected):
    answer = await attacked.raw(attacked.head(f"GET {path} HTTP/1.1"))
    assert status(answer) in {expected, 400}
    assert b"root:" not in answer
    assert b"[project]" not in answer
    without = await attacked.raw(attacked.head(f"GET {path} HTTP/1.1", key=False))
    assert status(without) == (401 if expected == 200 else status(answer))


async def test_an_address_of_another_machine_is_not_asked(attacked):
    answer = await attacked.raw(attacked.head("GET http://169.254.169.254/api/leads HTTP/1.1"))
    assert status(answer) in (200, 400, 404)  # it is answered here, as HTTP says
    answer = await attacked.raw(attacked.head("CONNECT 169.254.169.254:80 HTTP/1.1"))
    assert status(answer) in (400, 404, 405, 501)


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "PUT", "DELETE", "PURGE", "MERGE", "SUBSCRIBE"])
async def test_methods_that_no_call_has_are_405(attacked, method):
    for path in ("/api/leads", "/api/events", "/docs/", "/"):
        answer = await attacked.raw(attacked.head(f"{method} {path} HTTP/1.1", "X-Secret: s3cr3t"))
        assert status(answer) == 405
        assert b"s3cr3t" not in answer


HEADERS = [
    ("Authorization", "Bearer " + "x" * 50_000),
    ("Authorization", "Bearer \xff\xfe"),
    ("Authorization", "Basic !!!!"),
    ("Authorization", "Basic " + "QUFB" * 10_000),
    ("Authorization", 'Bearer {"$gt":""}'),
    ("Authorization", "Digest a=b"),
    ("X-API-Key", '{"$ne":null}'),
    ("X-API-Key", "le_" + "0" * 16 + "_" + "0" * 64),
    ("X-API-Key", "\xe9"),
]


@pytest.mark.parametrize(("name", "value"), HEADERS, ids=lambda one: repr(one)[:30])
async def test_what_is_no_key_is_401_and_not_repeated(attacked, name, value):
    answer = await attacked.raw(attacked.head("GET /api/leads HTTP/1.1", f"{name}: {value}", key=False))
    assert status(answer) == 401
    assert value.encode("latin-1")[-20:] not in answer


@pytest.mark.parametrize(
    "header",
    [
        "Origin: null",
        "Origin: \xff",
        "Origin: https://evil.example" + "x" * 10_000,
        "X-Forwarded-For: " + "1.2.3.4, " * 3000,
        "X-Forwarded-For: \xff\xfe, ::1%25, 999.999.999.999",
        "X-Forwarded-Proto: javascript",
        "X-Request-Id: a\tb",
        "X-Request-Id: " + "x" * 10_000,
        "Accept: \xff",
        "Accept-Encoding: " + "gzip;q=1," * 3000,
        "Range: bytes=0-,0-,0-",
        "If-None-Match: " + '"a",' * 5000,
        "Cookie: " + "a=b; " * 5000,
        "Cookie: \xff=\xff",
        "Expect: 100-continue",
        "Expect: the-unexpected",
        "Connection: upgrade\r\nUpgrade: websocket",
        "Connection: upgrade\r\nUpgrade: h2c",
        "Content-Type: \xff",
        "Content-Length: 0",
    ],
    ids=lambda one: ascii(one)[:40],
)
async def test_an_odd_header_changes_no_answer(attacked, header):
    answer = await attacked.raw(attacked.head("GET /api/leads?limit=1 HTTP/1.1", header))
    assert status(answer) in (200, 403)
    assert b"\xff" not in answer
    assert status(await attacked.raw(attacked.head("GET /docs/ HTTP/1.1", header))) in (200, 206, 304)


async def test_no_key_and_no_password_is_in_the_log_after_all_this(attacked):
    assert has_no_key(attacked)
