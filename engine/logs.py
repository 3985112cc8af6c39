"""How the engine's processes log: one line each on standard error."""

from __future__ import annotations

import logging

__all__ = ["set_up_logs"]

_NOISY = ("apscheduler", "dramatiq", "pymongo", "httpx", "uvicorn.access")
_SKIPPED = "apscheduler.scheduler"
"""Warns each time that a timer comes round while its job still runs, every second as long as MongoDB is slow."""
_TELLTALE = "pymongo.command"
"""At DEBUG it writes out what is stored, secrets included."""


def set_up_logs(level: str) -> None:
    """Log from `level` up; libraries only from WARNING."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s", force=True)
    if level != "DEBUG":
        for name in _NOISY:
            logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(_SKIPPED).setLevel(logging.ERROR)
    logging.getLogger(_TELLTALE).setLevel(logging.INFO)
