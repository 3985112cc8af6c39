"""How the engine's processes log: one line each on standard error, for people or for programs, never with a secret."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

import msgspec

from engine.process.log_context import context_of
from engine.process.redaction import Redactor

__all__ = ["JsonLines", "LogFormat", "TextLines", "set_up_logs"]

LogFormat = Literal["text", "json"]

_NOISY = ("apscheduler", "dramatiq", "pymongo", "httpx", "uvicorn.access")
_SKIPPED = "apscheduler.scheduler"
"""Warns each time that a timer comes round while its job still runs, every second as long as MongoDB is slow."""
_TELLTALE = "pymongo.command"
"""At DEBUG it writes out what is stored, secrets included."""


def set_up_logs(level: str, form: LogFormat = "text", secrets: Iterable[str] = ()) -> None:
    """Log from `level` up; libraries only from WARNING. The given secrets are hidden wherever they stand."""
    handler = logging.StreamHandler(sys.stderr)
    redact = Redactor(secrets)
    handler.setFormatter(JsonLines(redact) if form == "json" else TextLines(redact))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    if level != "DEBUG":
        for name in _NOISY:
            logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(_SKIPPED).setLevel(logging.ERROR)
    logging.getLogger(_TELLTALE).setLevel(logging.INFO)


class TextLines(logging.Formatter):
    """Lines for people; what they are about stands at the end in brackets. An error adds its traceback."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._redact = redact

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - named by the library
        about = " ".join(f"{name}={value}" for name, value in context_of(record).items())
        return super().formatMessage(record) + (f" [{about}]" if about else "")

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line, whatever the message holds. Names are in camelCase, as everywhere outside the code."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **context_of(record),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return msgspec.json.encode({name: self._redact(value) for name, value in line.items()}).decode()
