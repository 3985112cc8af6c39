"""A replay in several processes: each works through one share of the leads and reports over a pipe."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import NamedTuple

from domain.errors import LeadEngineError, Unavailable
from domain.leads.share import Share
from domain.rulebooks.compiled import compile_rulebook
from engine.local.process import describe_exit
from engine.process.gc_tuning import freeze_heap
from engine.rulebooks.library import load_rulebook
from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.cli.command import run, set_up_logs_of
from workflows.replay.replay import Mode, replay
from workflows.replay.report import ReplayReport

__all__ = ["ReplayTask", "replay_in_processes"]

_POLL_SECONDS = 0.02
_spawn = multiprocessing.get_context("spawn")


class ReplayTask(NamedTuple):
    """The parameters of a replay; `rulebook` is the name or path of another one than the active rulebook."""

    settings: Settings
    mode: Mode
    rulebook: str | None = None


async def replay_in_processes(
    task: ReplayTask,
    processes: int,
    *,
    on_start: Callable[[], None] = lambda: None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> ReplayReport:
    """Replay all leads in so many processes. Returns their common report.

    `on_start` is called when all are connected and begin, `on_progress` with the number of leads that are done. The
    checkpoints of a rebuild stay: forget them when it is complete. Raises `Unavailable` if a process could not begin,
    or if one has failed, which the others do not mind.
    """
    with _running([Share(number, processes) for number in range(processes)], task) as workers:
        await _until(lambda: all(worker.is_ready or worker.failure for worker in workers), workers)
        _raise_failure(workers)
        on_start()
        for worker in workers:
            worker.begin()
        await _until(
            lambda: all(worker.report or worker.failure for worker in workers),
            workers,
            lambda: on_progress(sum(worker.leads for worker in workers)),
        )
        _raise_failure(workers)
        return ReplayReport.sum_of(worker.report for worker in workers if worker.report)


async def _until(
    done: Callable[[], bool], workers: Sequence[_Worker], on_poll: Callable[[], None] = lambda: None
) -> None:
    while not done():
        await asyncio.sleep(_POLL_SECONDS)
        for worker in workers:
            worker.receive()
        on_poll()


def _raise_failure(workers: Sequence[_Worker]) -> None:
    if failures := [worker.failure for worker in workers if worker.failure]:
        raise Unavailable(failures[0])


@contextlib.contextmanager
def _running(shares: Sequence[Share], task: ReplayTask) -> Iterator[list[_Worker]]:
    """A worker for each share; those that still run at the end are killed, which is safe at any instant."""
    workers: list[_Worker] = []
    try:
        workers.extend(_Worker(task, share) for share in shares)
        yield workers
    finally:
        for worker in workers:
            worker.kill()


class _Progress(NamedTuple):
    leads: int


class _Failure(NamedTuple):
    reason: str


class _Worker:
    """A process with its share, and what it has reported so far: progress, and in the end a report or a failure."""

    def __init__(self, task: ReplayTask, share: Share) -> None:
        self.is_ready = False
        self.leads = 0
        self.report: ReplayReport | None = None
        self.failure = ""
        self._share = share
        self._pipe, theirs = _spawn.Pipe()
        self._process = _spawn.Process(target=_work, args=(task, share, theirs), daemon=True)
        self._process.start()
        theirs.close()  # so that the end of the process is the end of the pipe

    def begin(self) -> None:
        """Let it begin."""
        with contextlib.suppress(OSError):  # it has ended, as `receive` will find
            self._pipe.send(None)

    def receive(self) -> None:
        """Take what it has sent since the last call."""
        while not self.report and not self.failure and self._pipe.poll():
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                self._process.join()
                ended = describe_exit(self._process.exitcode or 0)
                self.failure = (
                    f"The process of share {self._share} has ended without a report ({ended}). "
                    "Run the same command again: a rebuild continues from its checkpoints."
                )
                return
            match message:
                case None:
                    self.is_ready = True
                case _Progress():
                    self.leads = message.leads
                case ReplayReport():
                    self.leads, self.report = message.leads, message
                case _Failure():
                    self.failure = message.reason

    def kill(self) -> None:
        """End it, if it has not ended by itself."""
        self._process.kill()
        self._process.join()


def _work(task: ReplayTask, share: Share, pipe: Connection) -> None:
    """The process of one share. It ends when nobody reads its pipe any more."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C reaches all processes; this one need not say so
    set_up_logs_of(task.settings)
    with contextlib.suppress(BrokenPipeError):
        try:
            run(_replay_share(task, share, pipe))
        except LeadEngineError as error:
            pipe.send(_Failure(str(error)))


async def _replay_share(task: ReplayTask, share: Share, pipe: Connection) -> None:
    fields = task.settings.personal
    rules = compile_rulebook(load_rulebook(task.rulebook, fields)) if task.rulebook else None
    async with open_runtime(task.settings) as runtime:
        freeze_heap()
        pipe.send(None)
        pipe.recv()
        report = await replay(
            runtime,
            task.mode,
            rulebook=rules,
            share=share,
            on_progress=lambda so_far: pipe.send(_Progress(so_far.leads)),
        )
        pipe.send(report)
