"""The frame of every command: settings, logs, the event loop, and exit codes."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec

import click
import uvloop

from domain.errors import LeadEngineError
from engine.local.services_file import with_running_services
from engine.process.logs import set_up_logs
from engine.process.printable import printable
from engine.process.redaction import passwords_in
from engine.settings import Settings, load_settings, retired_warnings

__all__ = ["MOMENT", "exits", "in_utc", "run", "set_up_logs_of", "settings_with_logs"]

_log = logging.getLogger(__name__)

P = ParamSpec("P")

MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"])
"""The type of an option that takes an instant in UTC."""


def exits(body: Callable[P, int | None]) -> Callable[P, None]:
    """Exit with the code that the body returns; an expected failure is one message and exit code 1."""

    @wraps(body)
    def command(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = body(*args, **kwargs)
        except LeadEngineError as error:
            click.echo("\n".join(map(printable, str(error).split("\n"))), err=True)
            sys.exit(1)
        sys.exit(code or 0)

    return command


def settings_with_logs() -> Settings:
    """The settings of this process, on the services that `lead-engine up` runs here if none are named; sets up logs."""
    settings = with_running_services(load_settings())
    set_up_logs_of(settings)
    for warning in retired_warnings():
        _log.warning("%s", warning)
    return settings


def set_up_logs_of(settings: Settings) -> None:
    """Log as the settings say, without their secrets."""
    secrets = [settings.api_key, *passwords_in(settings.mongodb_uri), *passwords_in(settings.redis_url)]
    set_up_logs(settings.log_level, settings.log_format, secrets)


def run(work: Coroutine[Any, Any, int | None]) -> int | None:
    """Run a command's coroutine on uvloop. Returns its exit code."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def in_utc(moment: datetime | None) -> datetime | None:
    """The instant that an option of type `MOMENT` names."""
    return moment.replace(tzinfo=UTC) if moment else None
