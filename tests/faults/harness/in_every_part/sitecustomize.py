"""Loaded by Python as every part starts: on SIGUSR2 a part says what its tasks and threads are waiting for."""

import asyncio
import faulthandler
import gc
import signal
import sys


def _say(*_: object) -> None:
    for task in _tasks():
        task.print_stack(file=sys.stderr)
    sys.stderr.flush()
    faulthandler.dump_traceback(all_threads=True)


def _tasks() -> set[asyncio.Task[object]]:
    """Those of this thread's loop, and of others what the garbage collector knows: not what was there at its start."""
    of_others = {one for one in gc.get_objects() if isinstance(one, asyncio.Task) and not one.done()}
    try:
        return of_others | asyncio.all_tasks()
    except RuntimeError:  # no loop runs here
        return of_others


signal.signal(signal.SIGUSR2, _say)
