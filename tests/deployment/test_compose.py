"""docker-compose.yml fits the engine: its commands, its settings, its order of starts, its limits and privileges."""

from __future__ import annotations

import pytest
from pymongo.uri_parser import parse_uri

from engine.local.mongod import TRANSACTION_LIFETIME_SECONDS
from engine.settings import Settings
from scripts.cli import cli
from tests.deployment.compose_file import PROJECT, ours, parts, resolve, runs_once

GRACEFUL_STOP_SECONDS = 20


def unwatched(compose):
    return [
        n
        for n, s in compose["services"].items()
        if not runs_once(s) and "test" not in s.get("healthcheck", {})
    ]


def test_every_service_has_a_health_check_or_runs_once(compose):
    assert unwatched(compose) == []
    del compose["services"]["worker"]["healthcheck"]
    assert unwatched(compose) == ["worker"]


def test_our_image_is_tagged_with_the_version_of_the_project(compose):
    assert {service["image"] for service in ours(compose).values()} == {
        f"lead-engine:{PROJECT['project']['version']}"
    }


def test_our_image_is_built_by_one_service_and_pulled_by_none(compose):
    assert sum("build" in service for service in compose["services"].values()) == 1
    assert {service["pull_policy"] for service in ours(compose).values()} == {"never"}


def unknown_commands(compose):
    return [
        s["command"]
        for s in parts(compose).values()
        if len(s["command"]) != 1 or s["command"][0] not in cli.subcommands
    ]


def test_every_command_that_a_service_runs_exists(compose):
    assert {"setup", "api", "worker", "dispatcher", "scheduler"} == {
        s["command"][0] for s in parts(compose).values()
    }
    assert unknown_commands(compose) == []
    compose["services"]["api"]["command"] = ["serve"]
    assert unknown_commands(compose) == [["serve"]]


def strangers(compose):
    """Environment names of the engine's parts that are no settings."""
    known = {name.upper() for name in Settings.model_fields}
    return {name for service in parts(compose).values() for name in service["environment"]} - known


def test_everything_in_the_environment_of_our_services_is_a_setting(compose):
    assert strangers(compose) == set()
    compose["services"]["worker"]["environment"]["WORKER_THREAD"] = "4"
    assert strangers(compose) == {"WORKER_THREAD"}


@pytest.mark.parametrize("name", ["setup", "api", "worker", "dispatcher", "scheduler"])
def test_the_settings_of_a_service_are_accepted_and_lead_to_the_services_beside_it(compose, name):
    given = {
        k.lower(): resolve(v) for k, v in compose["services"][name]["environment"].items() if v is not None
    }
    settings = Settings(_env_file=None, **given)
    uri = parse_uri(settings.mongodb_uri)
    members = {
        (member, 27017) for member, s in compose["services"].items() if s["image"].startswith("mongo:")
    }
    assert len(members) == 3
    assert set(uri["nodelist"]) == members
    assert f"--replSet={uri['options']['replicaSet']}" in compose["services"]["mongo-1"]["command"]
    assert settings.redis_url == "redis://:a-REDIS_PASSWORD@redis:6379/0"
    assert settings.host == ("0.0.0.0" if name == "api" else "127.0.0.1")  # noqa: S104


def test_mongodb_ends_abandoned_transactions_as_soon_as_the_embedded_one_does(compose):
    limit = f"--setParameter=transactionLifetimeLimitSeconds={TRANSACTION_LIFETIME_SECONDS}"
    members = [s["command"] for s in compose["services"].values() if s["image"].startswith("mongo:")]
    assert [command.count(limit) for command in members] == [1, 1, 1]


def unscalable(service):
    return [
        key for key in ("container_name", "hostname", "ports", "network_mode", "volumes") if key in service
    ]


def test_the_worker_can_be_scaled(compose):
    worker = compose["services"]["worker"]
    assert unscalable(worker) == []
    worker |= {"container_name": "worker", "ports": ["9000:9000"]}
    assert unscalable(worker) == ["container_name", "ports"]


def soft(service):
    """What is missing of: read-only, a place for temporary files, no capabilities, none to gain."""
    return [
        what
        for what, there in {
            "read_only": service.get("read_only") is True,
            "tmpfs": any(mount.startswith("/tmp:size=") for mount in service.get("tmpfs", [])),
            "cap_drop": service.get("cap_drop") == ["ALL"] and "cap_add" not in service,
            "security_opt": service.get("security_opt") == ["no-new-privileges:true"],
            "privileged": not service.get("privileged"),
            "mem_limit": "mem_limit" in service,
        }.items()
        if not there
    ]


def test_every_service_runs_read_only_without_privileges_and_within_a_memory_limit(compose):
    assert {name: soft(service) for name, service in compose["services"].items() if soft(service)} == {}
    compose["services"]["api"] |= {"read_only": False, "cap_add": ["NET_ADMIN"]}
    assert soft(compose["services"]["api"]) == ["read_only", "cap_drop"]


def impatient(compose):
    return [
        name
        for name, service in compose["services"].items()
        if int(service.get("stop_grace_period", "10s").removesuffix("s")) <= GRACEFUL_STOP_SECONDS
    ]


def test_every_service_is_given_longer_to_stop_than_a_graceful_stop_takes(compose):
    assert impatient(compose) == []
    del compose["services"]["api"]["stop_grace_period"]
    assert impatient(compose) == ["api"]


def waits_wrongly(compose):
    """Who starts before what it needs is healthy, or done if it runs once."""
    services = compose["services"]
    return {
        name
        for name, service in services.items()
        for needed, how in service.get("depends_on", {}).items()
        if how["condition"]
        != ("service_completed_successfully" if runs_once(services[needed]) else "service_healthy")
    }


def test_a_service_starts_when_what_it_needs_is_healthy_or_done(compose):
    assert waits_wrongly(compose) == set()
    assert {name for name, service in parts(compose).items() if "redis" in service["depends_on"]} == {
        "api",
        "worker",
        "dispatcher",
        "scheduler",
    }
    compose["services"]["setup"]["depends_on"]["mongo-init"]["condition"] = "service_started"
    assert waits_wrongly(compose) == {"setup"}


def test_what_must_outlive_a_container_is_in_a_named_volume(compose):
    stores = [name for name, service in compose["services"].items() if name not in ours(compose)]
    kept = {f"{name}:/data{'/db' if name.startswith('mongo') else ''}" for name in stores}
    assert kept == {v for name in stores for v in compose["services"][name]["volumes"] if isinstance(v, str)}
    assert set(compose["volumes"]) == set(stores)


def test_the_api_is_published_to_this_machine_only_by_default(compose):
    published = {
        name: service["ports"] for name, service in compose["services"].items() if "ports" in service
    }
    assert published == {"api": ["${PUBLISH_ADDRESS:-127.0.0.1}:${PORT:-8000}:8000"]}
