"""Heads that are known need no reading: which are remembered, and for what they are taken."""

from __future__ import annotations

from api.capture.known_heads import Head, KnownHeads

START = b"POST /api/events HTTP/1.1\r\nContent-Length: 4\r\n\r\n"
HEAD = Head(((b"content-length", b"4"),), {b"content-length": b"4"}, 4)


def knowing(data: bytes = START + b"body", head: Head = HEAD) -> KnownHeads:
    heads = KnownHeads()
    heads.remember(data, head)
    return heads


def test_the_same_head_with_another_body_of_its_length_is_known():
    assert knowing().split(START + b"\r\n\r\n") == (HEAD, b"\r\n\r\n")


def test_only_one_whole_request_is_taken_and_only_if_its_head_is_the_same_to_the_last_byte():
    heads = knowing()
    for other in (
        START,
        START + b"bod",
        START + b"body" + START + b"body",
        START[:-1],
        b"",
        START.replace(b"events", b"Events") + b"body",
        START.replace(b"\r\n\r\n", b"\r\nX: y\r\n\r\n") + b"body",
    ):
        assert heads.split(other) is None


def test_a_head_is_remembered_only_from_a_whole_request():
    for data in (START + b"bod", START + b"bodybody", START[5:-3] + b"body", b"body", b"\r\n\r\nbody"):
        assert knowing(data)._heads == {}


def test_large_heads_are_not_remembered_and_many_are_forgotten_together():
    large = START.replace(b"\r\n\r\n", b"\r\nX: %b\r\n\r\n" % (b"x" * 2048))
    assert knowing(large + b"body").split(large + b"body") is None
    heads = KnownHeads()
    for number in range(1001):
        heads.remember(START.replace(b"\r\n\r\n", b"\r\nX: %d\r\n\r\n" % number) + b"body", HEAD)
    assert len(heads._heads) == 1
