"""The built console fits its budget, names no other host, and holds nothing that its policy would refuse."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from api.console import DIST
from tests.deployment.compose_file import PROJECT, ROOT

KB = 1000
FIRST_SCRIPT_KB, STYLE_KB, SCREEN_KB = 150, 15, 40
PAGE = (DIST / "index.html").read_text()
FILES = sorted(file for file in DIST.rglob("*") if file.is_file())
CODE = [file for file in FILES if file.suffix in (".js", ".css", ".html")]


def loaded_first(page):
    """The files that the page names: what is loaded before any screen is."""
    return {DIST / name for name in re.findall(r'(?:src|href)="/console/([^"]+)"', page)}


def compressed(files):
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


def test_the_first_load_fits_its_budget():
    first = loaded_first(PAGE)
    assert compressed(f for f in first if f.suffix == ".js") <= FIRST_SCRIPT_KB * KB
    assert compressed(f for f in FILES if f.suffix == ".css") <= STYLE_KB * KB
    assert not [f for f in FILES if f.suffix in (".woff", ".woff2", ".ttf", ".map")]


def test_each_further_file_fits_its_budget():
    further = [f for f in FILES if f.suffix == ".js" and f not in loaded_first(PAGE)]
    assert further
    assert [f.name for f in further if compressed([f]) > SCREEN_KB * KB] == []


NAMED_ONLY = {
    "http://www.w3.org/1998/Math/MathML",
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/XML/1998/namespace",
    "https://react.dev/errors/",
    "http://localhost",
    "https://tanstack.com/router/latest/docs/errors",
    "https://example.com/hooks",
    "https://shop.example.com",
    "https://www.example.com",
}
"""Names of formats, texts of errors in libraries, and examples in empty fields: nothing loads them."""


def hosts(text):
    return {url.rstrip(".") for url in re.findall(r"https?://[^\s\"'`<>)\\?]+", text)}


@pytest.mark.parametrize("file", CODE, ids=lambda file: file.name)
def test_no_file_names_another_host(file):
    assert hosts(file.read_text()) <= NAMED_ONLY


def test_a_host_would_be_found():
    assert hosts('fetch("https://cdn.example.com/x.js")') == {"https://cdn.example.com/x.js"}


def test_the_page_has_no_inline_script_and_no_inline_style():
    assert re.findall(r"<script(?![^>]*\bsrc=)", PAGE) == []
    assert "<style" not in PAGE
    assert " style=" not in PAGE
    assert loaded_first(PAGE) <= set(FILES)


def test_every_file_is_in_the_wheel():
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["console"]
    packed = {file for pattern in patterns for file in (ROOT / "console").glob(pattern)}
    assert set(FILES) <= packed


def test_the_lock_names_no_host_and_pins_what_is_asked_for():
    lock = json.loads((ROOT / "console" / "package-lock.json").read_text())
    asked = json.loads((ROOT / "console" / "package.json").read_text())
    packages = lock["packages"]
    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert all(one.get("integrity") for name, one in packages.items() if name)
    for name, version in {**asked["dependencies"], **asked["devDependencies"]}.items():
        assert packages[f"node_modules/{name}"]["version"] == version


def test_what_is_bundled_ships_its_licence():
    licences = (DIST / "licences.md").read_text()
    bundled = json.loads((ROOT / "console" / "package.json").read_text())["dependencies"]
    assert [name for name in bundled if name not in licences] == []
