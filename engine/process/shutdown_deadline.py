"""Ends a process that was told to stop and cannot, because MongoDB or Redis does not answer."""

from __future__ import annotations

import logging
import os
import threading

__all__ = ["ShutdownDeadline"]

_log = logging.getLogger(__name__)


class ShutdownDeadline:
    """Once begun, cuts the process off when its time is up, as if killed, which loses nothing."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def begin(self, exit_code: int = 0) -> None:
        """Begin to count, once. The code is not 0 when the process ends because something failed."""
        timer = threading.Timer(self._seconds, self.cut_off, ("it takes too long", exit_code))
        timer.daemon = True
        timer.start()

    @staticmethod
    def cut_off(reason: str, exit_code: int = 0) -> None:
        """End the process now."""
        _log.warning("The process cannot end in peace and is cut off, which is safe: %s", reason)
        logging.shutdown()
        os._exit(exit_code)
