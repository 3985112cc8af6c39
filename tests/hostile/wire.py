"""Requests and answers as bytes: what attacks below JSON send, and the parts of a raw answer."""

from __future__ import annotations

import json

MIB = 1024 * 1024
EVENT = json.dumps({"leadId": "eve", "type": "page_view"}).encode()
JSON = "Content-Type: application/json"
POST = "POST /api/events HTTP/1.1"


def status(answer: bytes) -> int:
    """The status of a raw answer, 0 if the connection was closed without one."""
    return int(answer.split(b" ", 2)[1]) if answer else 0


def problem(answer: bytes) -> dict:
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def code(answer: bytes) -> str:
    return problem(answer)["code"]


def name_of(attacked, answer: bytes) -> str:
    """The id of a refused request, which its answer must say twice and the log in one line."""
    name = problem(answer)["requestId"]
    assert f"x-request-id: {name}\r\n".encode() in answer
    (line,) = (one for one in attacked.log.entries() if one.get("requestId") == name)
    assert str(status(answer)) in line["message"]
    return name


def has_no_key(attacked) -> bool:
    """Whether neither the key nor its secret part is in the log."""
    text = attacked.log.path.read_text()
    return attacked.key not in text and attacked.key[-64:] not in text
