"""docker-compose.sharded.yml on top of docker-compose.yml: what holds of the one file holds of both together."""

from __future__ import annotations

import ast
from copy import deepcopy

import pytest
import yaml
from pymongo.uri_parser import parse_uri

from engine.settings import Settings
from tests.deployment.compose_file import ROOT, ours, resolve, runs_once
from tests.deployment.test_compose import impatient, soft, unwatched, waits_wrongly
from tests.deployment.test_dockerfile import unpinned
from tests.deployment.test_env_example import (
    ENV_EXAMPLE,
    every,
    optional_secrets,
    variables,
    written_passwords,
)

TEXT = (ROOT / "docker-compose.sharded.yml").read_text()
SETS = {
    "config": {"config-1", "config-2", "config-3"},
    "rs0": {"mongo-1", "mongo-2", "mongo-3"},
    "rs1": {"shard-1", "shard-2", "shard-3"},
}


def merged(base, over):
    """The services as Compose merges two files: mappings are joined, and what is no mapping is replaced."""
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    return {
        key: merged(base[key], over[key]) if key in base and key in over else {**base, **over}[key]
        for key in {**base, **over}
    }


@pytest.fixture
def cluster(compose):
    """Both files, for a test to spoil."""
    both = merged(deepcopy(compose), yaml.safe_load(TEXT))
    return {"services": both["services"], "volumes": both["volumes"]}


def test_every_service_keeps_what_is_asked_of_those_of_one_replica_set(cluster):
    assert unwatched(cluster) == []
    assert {name: soft(service) for name, service in cluster["services"].items() if soft(service)} == {}
    assert impatient(cluster) == []
    assert waits_wrongly(cluster) == set()
    assert unpinned([service["image"] for service in cluster["services"].values()]) == []
    cluster["services"]["mongos"] |= {"cap_add": ["NET_ADMIN"], "healthcheck": {}}
    assert unwatched(cluster) == ["mongos"]
    assert soft(cluster["services"]["mongos"]) == ["cap_drop"]


def test_members_run_the_image_and_the_entry_of_those_of_one_replica_set(cluster, compose):
    (image, entry) = (compose["services"]["mongo-1"][key] for key in ("image", "entrypoint"))
    for name in ("mongos", *(name for members in SETS.values() for name in members)):
        assert (cluster["services"][name]["image"], cluster["services"][name]["entrypoint"]) == (image, entry)
    assert len({service["image"] for service in ours(cluster).values()}) == 1


@pytest.mark.parametrize("name", SETS)
def test_members_of_a_set_are_started_as_such_and_made_one(cluster, name):
    role = "--configsvr" if name == "config" else "--shardsvr"
    made = dict(one.split("/") for one in cluster["services"]["cluster-init"]["environment"]["SETS"].split())
    assert {host.removesuffix(":27017") for host in made[name].split(",")} == SETS[name]
    assert set(made) == set(SETS)
    for member in SETS[name]:
        command = cluster["services"][member]["command"]
        assert {role, f"--replSet={name}", "--port=27017"} <= set(command)
        limit = "--setParameter=transactionLifetimeLimitSeconds=5"
        assert (limit in command) == (name != "config")


def test_shards_that_are_added_are_sets_that_are_made_and_the_router_knows_the_config_servers(cluster):
    services = cluster["services"]
    made = services["cluster-init"]["environment"]["SETS"].split()
    assert set(services["shards-init"]["environment"]["SHARDS"].split()) == {
        one for one in made if not one.startswith("config/")
    }
    (config,) = (one for one in made if one.startswith("config/"))
    assert f"--configdb={config}" in services["mongos"]["command"]


@pytest.mark.parametrize("name", ["setup", "api", "worker", "dispatcher", "scheduler", "shard"])
def test_every_part_of_the_engine_goes_through_the_router(cluster, name):
    service = cluster["services"][name]
    given = {
        key.lower(): resolve(value) for key, value in service["environment"].items() if value is not None
    }
    uri = parse_uri(Settings(_env_file=None, **given).mongodb_uri)
    assert uri["nodelist"] == [("mongos", 27017)]
    assert "replicaSet" not in uri["options"]
    assert uri["username"] == ("root" if name == "shard" else "lead_engine")


def test_what_must_outlive_a_container_is_in_a_volume_of_its_own(cluster):
    kept = [
        volume
        for name in (member for members in SETS.values() for member in members)
        for volume in cluster["services"][name]["volumes"]
        if isinstance(volume, str)
    ]
    assert sorted(kept) == sorted(f"{name}:/data/db" for members in SETS.values() for name in members)
    assert {volume.split(":")[0] for volume in kept} | {"redis"} == set(cluster["volumes"])


def test_what_runs_once_is_python_that_compiles(cluster):
    for name in ("cluster-init", "shards-init", "mongo-init"):
        assert runs_once(cluster["services"][name])
        ast.parse(resolve(cluster["services"][name]["command"][0]))


def test_it_needs_no_variable_that_env_example_has_not_and_holds_no_secret():
    assert variables(TEXT) <= set(every(r"^(?:# )?([A-Z_]+)=", ENV_EXAMPLE))
    assert optional_secrets(TEXT) == set()
    assert written_passwords(TEXT) == []
