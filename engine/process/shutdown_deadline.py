"""The shutdown deadline: force-exits a process that cannot stop because MongoDB or Redis does not answer."""

from __future__ import annotations

import logging
import os
import threading

__all__ = ["ShutdownDeadline"]

_log = logging.getLogger(__name__)


class ShutdownDeadline:
    """Force-exits the process so many seconds after `begin`, as a kill would, which loses nothing."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def begin(self, exit_code: int = 0) -> None:
        """Start the countdown, once. `exit_code` is not 0 when the process stops because something failed."""
        timer = threading.Timer(self._seconds, self.force_exit, ("it takes too long", exit_code))
        timer.daemon = True
        timer.start()

    @staticmethod
    def force_exit(reason: str, exit_code: int = 0) -> None:
        """Exit now, without cleaning up."""
        _log.warning("The process cannot shut down and is forced to exit, which is safe: %s", reason)
        logging.shutdown()
        os._exit(exit_code)
