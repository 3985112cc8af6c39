"""Problem responses outside of any one call: unknown paths, wrong methods, odd requests, internal errors."""

from __future__ import annotations

import asyncio
import warnings

import pytest
from pymongo.errors import ServerSelectionTimeoutError

from api.app import create_framework


async def raw(api, *lines):
    """Send a request as it is written here. Returns the status line and the rest of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(b"\r\n".join([*lines, api.key_header, b"Connection: close"]) + b"\r\n\r\n")
    answer = await reader.read()
    writer.close()
    status, _, rest = answer.partition(b"\r\n")
    return status, rest


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/api",
        "/api/lead",
        "/api/leads/ada/score",
        "/api/leads/ada/events/1",
        "/api/leads/a%2Fb",
        "/health",
        "/favicon.ico",
        "/openapi.yaml",
        "/schema",
        "/docs/assets/nope.js",
        "/docs/assets/..%2f..%2f__init__.py",
        "/docs/assets/../../app.py",
        "/wp-login.php",
    ],
)
async def test_an_unknown_address_is_a_problem_too(api, path):
    assert api.problem(await api.http.get(path), 404)["code"] == "not-found"


async def test_an_unknown_address_is_unknown_whatever_is_asked_of_it(api):
    api.problem(await api.http.get("/nope?x=1"), 404)
    api.problem(await api.http.post("/nope", json={}), 404)
    api.problem(await api.http.put("/api/nope/x"), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/events", {"POST", "OPTIONS"}),
        ("PUT", "/api/events", {"POST", "OPTIONS"}),
        ("DELETE", "/api/leads/ada", {"GET", "OPTIONS"}),
        ("PUT", "/api/leads", {"GET", "POST", "OPTIONS"}),
        ("PATCH", "/api/tasks", {"GET", "OPTIONS", "POST"}),
        ("GET", "/api/tasks/1/done", {"POST", "OPTIONS"}),
        ("POST", "/health/ready", {"GET", "OPTIONS"}),
    ],
)
async def test_a_wrong_method_is_405_and_the_right_ones_are_named(api, method, path, allowed):
    answer = await api.http.request(method, path)
    assert api.problem(answer, 405)["code"] == "method-not-allowed"
    assert set(answer.headers["allow"].split(", ")) == allowed


async def test_options_names_the_methods(api):
    answer = await api.http.options("/api/events")
    assert answer.status_code == 204
    assert set(answer.headers["allow"].split(", ")) == {"POST", "OPTIONS"}


@pytest.mark.parametrize("host", [b"", b"[", b"[::1", b"x:y:z", b"x:99999999", b"a_b", b"x,y"])
@pytest.mark.parametrize("path", [b"/api/leads/nobody", b"/nope", b"/api/leads?x=1", b"/api/leads"])
async def test_an_odd_host_breaks_nothing(api, host, path):
    status, answer = await raw(api, b"GET %s HTTP/1.1" % path, b"Host: " + host)
    assert status.split()[1] in (b"404", b"400", b"200")
    assert b"application/" in answer


async def test_the_instance_is_the_path_as_it_stands_in_an_address(api):
    for path, instance in [
        ("/api/leads/two%20words", "/api/leads/two%20words"),
        ("/api/leads/Zo%C3%AB", "/api/leads/Zo%C3%AB"),
        ("/api/leads/%2541", "/api/leads/%2541"),
        ("/api/leads/%3Cb%3E", "/api/leads/%3Cb%3E"),
        ("/api/leads/%0d%0aX", "/api/leads/%0D%0AX"),
    ]:
        assert api.problem(await api.http.get(path), 404)["instance"] == instance


async def test_a_path_that_is_not_utf_8_is_a_name_that_nothing_has(api):
    for part in (b"%ff", b"%ED%A0%80", b"%c0%af", b"%00"):
        status, answer = await raw(api, b"GET /api/leads/%s HTTP/1.1" % part, b"Host: x")
        assert status.split()[1] == b"404"
        assert b"application/problem+json" in answer


async def test_a_fault_of_our_own_is_500_without_its_inner_life(api, monkeypatch, caplog):
    async def broken(*_):
        raise ZeroDivisionError("the secret reason")

    monkeypatch.setattr(api.runtime.leads.lists, "summary", broken)
    answer = await api.http.get("/api/leads/ada")
    assert api.problem(answer, 500)["code"] == "internal"
    assert "secret" not in answer.text
    assert "the secret reason" in caplog.text


async def test_a_store_that_cannot_be_reached_is_503_without_its_inner_life(api, monkeypatch, caplog):
    async def away(*_):
        raise ServerSelectionTimeoutError("mongodb.internal:27017: connection refused")

    monkeypatch.setattr(api.runtime.leads.lists, "summary", away)
    answer = await api.http.get("/api/leads/ada")
    assert api.problem(answer, 503)["code"] == "unavailable"
    assert int(answer.headers["retry-after"]) >= 1
    assert "27017" not in answer.text
    assert "27017" in caplog.text


def test_the_application_uses_nothing_that_its_libraries_will_drop():
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        create_framework(None)
