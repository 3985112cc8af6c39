"""docker-compose.yml as its tests read it: whole, by kind of service, and with its variables filled in."""

from __future__ import annotations

import re
import tomllib
from functools import partial
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

every = partial(re.findall, flags=re.MULTILINE)


def ours(compose):
    """The services that run the image which is built here."""
    services = compose["services"]
    (image,) = {service["image"] for service in services.values() if "build" in service}
    return {name: service for name, service in services.items() if service["image"] == image}


def parts(compose):
    """Of ours, those that run `lead-engine`."""
    return {name: service for name, service in ours(compose).items() if "entrypoint" not in service}


def runs_once(service):
    return service.get("restart") == "no"


def resolve(text, **env):
    """The text as Compose hands it over. What is required and not in `env` becomes `a-NAME`."""

    def value(found):
        if found[0] == "$$":
            return "$"
        name, otherwise = found[1], found[2] or ""
        return env.get(name, otherwise.removeprefix(":-") if otherwise.startswith(":-") else f"a-{name}")

    return re.sub(r"\$\$|\$\{(\w+)(:[-?][^}]*)?\}", value, text)
