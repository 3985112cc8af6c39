"""`lead-engine up`: all processes of the engine in one terminal, with embedded MongoDB and Valkey by default."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress

import click
import httpx

from domain.errors import LeadEngineError, Unavailable
from engine.access.keys.key_file import key_file_of, read_key_file
from engine.local.data_dir import hold_data_dir
from engine.local.mongod import start_mongod
from engine.local.process import describe_exit
from engine.local.process_output import ProcessOutput
from engine.local.server import Server
from engine.local.services_file import Services, publish_services
from engine.local.supervisor import (
    ProcessSpec,
    RestartPolicy,
    Supervisor,
    run_process,
    run_until_signal,
    together,
)
from engine.local.valkey import start_valkey
from engine.settings import Settings, load_settings, retired_warnings
from scripts.cli.command import exits
from scripts.terminal.welcome import FIRST_OWNER, FirstStart, local_url, welcome

__all__ = ["run_up", "up"]

CLI = (sys.executable, "-m", "scripts.cli")
READY = 200
READY_SECONDS = 60.0
POLL_SECONDS = 0.2


@click.command()
@exits
def up() -> int:
    """Run the whole engine here, on embedded services unless MONGODB_URI and REDIS_URL are set.

    Runs until Ctrl-C. The data of the embedded services is in DATA_DIR and stays there.
    """
    return run_up(load_settings())


def run_up(settings: Settings, *, cli: Sequence[str] = CLI) -> int:
    """Run everything until Ctrl-C. Returns the exit code. `cli` is the command whose sub-commands are the processes."""
    commands = _commands(settings.worker_processes)
    try:
        _check_port(settings.host, settings.port)
        with ProcessOutput(list(commands)) as output:
            for warning in retired_warnings():
                output.say(f"WARNING: {warning}")
            run_until_signal(_up(settings, cli, commands, output))
            output.say("The lead engine has stopped.")
    except LeadEngineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _commands(workers: int) -> dict[str, str]:
    """Sub-command of each process, by process name."""
    single = {name: name for name in ("api", "dispatcher", "scheduler")}
    names = [f"worker-{number}" for number in range(1, workers + 1)] if workers > 1 else ["worker"]
    return single | dict.fromkeys(names, "worker")


def _check_port(host: str, port: int) -> None:
    """Raise `Unavailable` unless the API can listen there."""
    try:
        for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as error:
        raise Unavailable(
            f"The API cannot listen on {host} port {port} ({error.strerror}): "
            f"stop what runs there, or choose another port, e.g. PORT={port % 65535 + 1} make up"
        ) from error


async def _up(
    settings: Settings, cli: Sequence[str], commands: dict[str, str], output: ProcessOutput
) -> None:
    async with AsyncExitStack() as stack:
        settings, servers = await _with_services(settings, stack)
        # The processes get exactly these settings, whether from the environment or from .env.
        env = {name.upper(): str(value) for name, value in settings.model_dump(mode="json").items()}
        found = await _set_up(settings, cli, env, output, servers)
        parts = [ProcessSpec(name, (*cli, command), env) for name, command in commands.items()]
        await together(
            Supervisor(parts, output).run(),
            *(server.keep_running(output.say) for server in servers),
            _announce(settings, output, embedded=bool(servers), found=found),
        )


async def _with_services(settings: Settings, stack: AsyncExitStack) -> tuple[Settings, list[Server]]:
    """Start the services that `settings` does not name. Returns the settings with every address, and the servers."""
    if settings.mongodb_uri and settings.redis_url:
        return settings, []
    folder = stack.enter_context(hold_data_dir(settings.data_dir, address=local_url(settings)))
    found: dict[str, object] = {"data_dir": folder}
    servers: list[Server] = []
    for setting, start in (("mongodb_uri", start_mongod), ("redis_url", start_valkey)):
        if not getattr(settings, setting):
            server = await start(folder)
            stack.push_async_callback(server.stop)
            servers.append(server)
            found[setting] = server.uri
    settings = settings.model_copy(update=found)
    stack.enter_context(publish_services(folder, Services(settings.mongodb_uri, settings.redis_url)))
    return settings, servers


async def _set_up(
    settings: Settings,
    cli: Sequence[str],
    env: Mapping[str, str],
    output: ProcessOutput,
    servers: Sequence[Server],
) -> FirstStart:
    """Run `setup`; on embedded services it also creates an API key. Returns what is shown on a first start only."""
    file = key_file_of(settings.data_dir)
    before = read_key_file(file)
    keep_key = ("--key-file", str(file)) if servers else ()
    ending = await run_process(
        ProcessSpec("setup", (*cli, "setup", *keep_key, "--first-owner"), env),
        output,
        RestartPolicy().stop_seconds,
    )
    if ending.code != 0:
        for server in servers:
            server.check()
        last_error = next((line for line in reversed(ending.last_lines) if line.strip()), "no output")
        raise Unavailable(f"Setting up the collections failed ({describe_exit(ending.code)}): {last_error}")
    after = read_key_file(file)
    links = [line.removeprefix(FIRST_OWNER) for line in ending.last_lines if line.startswith(FIRST_OWNER)]
    return FirstStart(after if servers and after != before else "", links[-1] if links else "")


async def _announce(settings: Settings, output: ProcessOutput, *, embedded: bool, found: FirstStart) -> None:
    """Wait until the API is ready, then print the addresses. Raises `Unavailable` after a minute."""
    answer = 0
    async with httpx.AsyncClient(base_url=local_url(settings), timeout=5, trust_env=False) as client:
        try:
            async with asyncio.timeout(READY_SECONDS):
                while True:
                    with suppress(httpx.HTTPError):
                        answer = (await client.get("/health/ready")).status_code
                    if answer == READY:
                        break
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            said = f"/health/ready answers {answer}" if answer else "it does not answer"
            raise Unavailable(f"The API was not ready within {READY_SECONDS:.0f} s: {said}.") from None
    output.say(welcome(settings, embedded=embedded, found=found))
