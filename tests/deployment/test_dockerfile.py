"""The image holds all of the engine, checks the hash of everything it installs, and does not run as root."""

from __future__ import annotations

import re

from tests.deployment.compose_file import DOCKERFILE, PROJECT, ROOT, every, ours


def unpinned(images):
    return [image for image in images if not re.fullmatch(r"[a-z/-]+:\d+\.\d+[\w.-]*", image)]


def test_every_image_names_its_version_down_to_the_minor_one(compose):
    bases = every(r"^FROM (\S+)", DOCKERFILE)
    assert len(set(bases)) == 1, "what the first stage installs refers to its Python"
    assert unpinned([*bases, *(service["image"] for service in compose["services"].values())]) == []
    loose = ["mongo", "mongo:latest", "mongo:8", "mongo:${TAG:-8.0}"]
    assert unpinned(loose) == loose


def test_no_service_runs_as_root(compose):
    final = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    assert every(r"^USER (.*)$", final) == ["10001"]
    assert "--uid 10001 " in final
    users = {name: service.get("user") for name, service in compose["services"].items()}
    assert {name for name, user in users.items() if user is None} == set(ours(compose))
    assert set(users.values()) == {None, "mongodb", "redis"}


def test_the_image_starts_the_engine_and_holds_all_of_it():
    assert every(r"^ENTRYPOINT (.*)$", DOCKERFILE) == ['["lead-engine"]']
    assert "lead-engine" in PROJECT["project"]["scripts"]
    packages = {name.rstrip("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert packages <= ({name.partition("/")[0] for name in every(r"^COPY ([\w/]+) \1$", DOCKERFILE)})
    let_in = every(r"^!(.*)$", (ROOT / ".dockerignore").read_text())
    copied = [name for line in every(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE) for name in line.split()]
    assert sorted(let_in) == sorted(copied)


def unchecked_installs(dockerfile):
    """Installations that neither check hashes nor stay away from the network."""
    commands = re.split(r"&&|\n(?=[A-Z])", dockerfile.replace("\\\n", " "))
    return [
        c.strip() for c in commands if " install" in c and not re.search("--require-hashes|--no-index", c)
    ]


def test_whatever_the_image_installs_has_its_hash_checked():
    assert unchecked_installs(DOCKERFILE) == []
    assert "--require-hashes --only-binary :all: -r requirements-production.lock" in DOCKERFILE
    assert len(unchecked_installs(DOCKERFILE.replace("--require-hashes", ""))) == 2
