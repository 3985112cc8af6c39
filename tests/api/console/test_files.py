"""/console: the page and its files, from memory, under a strict policy, for everybody."""

from __future__ import annotations

import gzip
import re

import pytest

from api.console import DIST

SCRIPT = re.search(r'src="(/console/assets/index-[^"]+)"', (DIST / "index.html").read_text())[1]
STRICT = ("default-src 'none'", "script-src 'self'", "style-src 'self'", "require-trusted-types-for 'script'")


@pytest.mark.parametrize(
    "path",
    [
        "/console",
        "/console/",
        "/console/leads",
        "/console/leads/ada@example.com?list=stage%3Dhot",
        "/console/join",
    ],
)
async def test_the_address_of_any_screen_is_the_page(api, path):
    answer = await api.ask("get", path, None)
    assert answer.status_code == 200
    assert answer.text == (DIST / "index.html").read_text()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/console", SCRIPT, "/console/icon.svg", "/console/licences.md"])
async def test_every_file_comes_under_the_strict_policy(api, path):
    answer = await api.ask("get", path, None)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"].split("; ")
    assert set(STRICT) <= set(policy)
    assert "trusted-types 'none'" in policy
    assert not re.search(r"unsafe|\*|https?:|data:|blob:", "; ".join(policy))
    for name, value in {
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }.items():
        assert answer.headers[name] == value


async def test_files_with_a_hash_are_kept_for_ever_and_the_page_is_asked_for_each_time(api):
    script = await api.ask("get", SCRIPT, None)
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-type"].startswith("text/javascript")
    for path in ("/console", SCRIPT):
        tag = (await api.ask("get", path, None)).headers["etag"]
        again = await api.http.get(path, headers={"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b"")
        other = await api.http.get(path, headers={"if-none-match": '"another"'})
        assert other.status_code == 200


async def test_a_file_is_compressed_for_those_who_take_it(api):
    plain = (DIST / SCRIPT.removeprefix("/console/")).read_bytes()
    async with api.http.stream("GET", SCRIPT, headers={"accept-encoding": "br, gzip;q=0.8"}) as answer:
        raw = b"".join([piece async for piece in answer.aiter_raw()])
        assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
        assert gzip.decompress(raw) == plain
        assert len(raw) < len(plain) / 2
    for refused in ("identity", "gzip;q=0", "br"):
        answer = await api.http.get(SCRIPT, headers={"accept-encoding": refused})
        assert "content-encoding" not in answer.headers
        assert answer.content == plain


@pytest.mark.parametrize("path", ["/console/assets/index-gone.js", "/console/assets/../../pyproject.toml"])
async def test_an_unknown_file_is_no_page(api, path):
    assert (await api.ask("get", path, None)).status_code == 404


async def test_no_path_leads_out_of_the_folder(api):
    for path in (
        "/console/..%2f..%2fpyproject.toml",
        "/console/%2e%2e/%2e%2e/pyproject.toml",
        "/console//etc/passwd",
    ):
        assert "requires-python" not in (answer := await api.ask("get", path, None)).text
        assert "root:" not in answer.text
