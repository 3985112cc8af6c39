"""The process that trains prediction models by night: a child of the scheduler, so that its memory is given back.

It has the lowest priority, and ends with the scheduler. A training that it leaves unfinished is gone on with.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
from multiprocessing import get_context

import uvloop

from domain.errors import LeadEngineError, Unavailable
from engine.process.logs import set_up_logs
from engine.process.redaction import passwords_in
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from workflows.prediction.nightly import train_nightly

__all__ = ["train_in_child"]

_log = logging.getLogger(__name__)

_NICE = 10


async def train_in_child(runtime: Runtime) -> None:
    """Train what is due in a process of its own, and wait for it. Raises `Unavailable` if it has failed."""
    if importlib.util.find_spec("numpy") is None:
        _log.info("No models are trained: the engine is installed without its extra `prediction`.")
        return
    child = get_context("spawn").Process(target=_train, args=(runtime.settings,), name="training")
    child.daemon = True
    child.start()
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_reader(child.sentinel, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(child.sentinel)
        if child.is_alive():
            child.kill()
        child.join()
    if child.exitcode:
        raise Unavailable(f"The process that trains prediction models ended with code {child.exitcode}.")


def _train(settings: Settings) -> None:
    os.nice(_NICE)
    secrets = [settings.api_key, *passwords_in(settings.mongodb_uri), *passwords_in(settings.redis_url)]
    set_up_logs(settings.log_level, settings.log_format, secrets)
    try:
        uvloop.run(_train_once(settings))
    except LeadEngineError as error:
        _log.warning("Prediction models cannot be trained: %s", error)
        raise SystemExit(1) from None


async def _train_once(settings: Settings) -> None:
    async with open_runtime(settings) as runtime:
        await train_nightly(runtime)
