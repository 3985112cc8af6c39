"""Every call that leaves the process has a time limit."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = ("api", "domain", "engine", "jobs", "scripts", "workflows")

LIMITS = {
    "AsyncMongoClient": {"serverSelectionTimeoutMS", "socketTimeoutMS"},
    "MongoClient": {"serverSelectionTimeoutMS", "socketTimeoutMS"},
    "Redis": {"socket_timeout"},
    "Redis.from_url": {"socket_timeout"},
    "httpx.AsyncClient": {"timeout"},
    "httpx.Client": {"timeout"},
}
"""What makes a connection, and the limits that it must be given."""

UNLIMITED = {
    "httpx": {"get", "post", "put", "patch", "delete", "head", "request", "stream"},
    "socket": {"create_connection"},
    "asyncio": {"open_connection", "open_unix_connection"},
    "urllib.request": {"urlopen"},
    "requests": None,
    "smtplib": None,
    "ftplib": None,
    "http.client": None,
    "aiohttp": None,
}
"""Other ways out of the process, which nobody has taken: some functions of a module, or all of it."""

WITHIN_A_TIMEOUT = {"httpcore.AsyncConnectionPool"}
"""What has no limit for all of it, and so must be opened below an `asyncio.timeout`."""


def calls_out(source: str) -> Iterator[tuple[int, str, str]]:
    """Each call that makes a connection: its line, its name, and what is wrong with it, or nothing."""
    tree = ast.parse(source)
    aliases = dict(_aliases(tree))
    limited = {id(call) for block in ast.walk(tree) for call in _calls_below_a_timeout(block)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
            )
            yield from ((node.lineno, name, "no limit") for name in names if UNLIMITED.get(name, "") is None)
        if not isinstance(node, ast.Call):
            continue
        name = _name(node.func)
        name = aliases.get(name, name)
        module, _, function = name.rpartition(".")
        if name in LIMITS:
            missing = LIMITS[name] - {keyword.arg for keyword in node.keywords}
            yield node.lineno, name, f"without {', '.join(sorted(missing))}" if missing else ""
        elif name in WITHIN_A_TIMEOUT:
            yield node.lineno, name, "" if id(node) in limited else "not within a timeout"
        elif function in (UNLIMITED.get(module) or ()) or function in {"urlopen", "create_connection"}:
            yield node.lineno, name, "" if id(node) in limited else "no limit"


def _aliases(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Names that a module gives to the classes, such as `Client = AsyncMongoClient[Document]`."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript | ast.Name | ast.Attribute):
            value = node.value.value if isinstance(node.value, ast.Subscript) else node.value
            for target in node.targets:
                yield _name(target), _name(value)


def _calls_below_a_timeout(block: ast.AST) -> Iterator[ast.Call]:
    """The calls in an `async with asyncio.timeout(...), ...:` and in its body."""
    if isinstance(block, ast.AsyncWith):
        opened = [item.context_expr for item in block.items]
        if any(isinstance(one, ast.Call) and _name(one.func) == "asyncio.timeout" for one in opened):
            yield from (node for node in ast.walk(block) if isinstance(node, ast.Call))


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _files() -> list[Path]:
    return [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]


def test_whatever_connects_to_mongodb_redis_or_http_says_how_long_it_waits():
    found = [
        (f"{file.relative_to(ROOT)}:{line} {name}", fault)
        for file in _files()
        for line, name, fault in calls_out(file.read_text())
    ]
    assert [f"{call}: {fault}" for call, fault in found if fault] == []
    assert len(found) >= 7, "the control: they are found at all"


@pytest.mark.parametrize(
    "source",
    [
        "AsyncMongoClient(uri, serverSelectionTimeoutMS=1)",
        "Client = AsyncMongoClient[dict]\nClient(uri, socketTimeoutMS=1)",
        "Redis.from_url(url)",
        "httpx.AsyncClient(base_url=url)",
        "httpx.get(url)",
        "urllib.request.urlopen(url)",
        "import smtplib",
        "from http.client import HTTPConnection",
        "async def call():\n    async with httpcore.AsyncConnectionPool() as pool:\n        pass",
        "asyncio.open_connection(host, port)",
    ],
)
def test_control_a_call_without_a_limit_is_found(source):
    assert [fault for _, _, fault in calls_out(source) if fault]


@pytest.mark.parametrize(
    "source",
    [
        "AsyncMongoClient(uri, serverSelectionTimeoutMS=1, socketTimeoutMS=1)",
        "Redis.from_url(url, socket_timeout=1)",
        "async def call():\n    async with asyncio.timeout(1), httpcore.AsyncConnectionPool() as pool:\n        pass",
    ],
)
def test_a_call_with_its_limits_passes(source):
    assert [fault for _, _, fault in calls_out(source)] == [""]
