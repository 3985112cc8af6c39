"""The logs of a process, by structlog: one line per entry on standard error, with its context and without secrets.

Modules log with the standard library's `logging`. What an entry is about (requestId, leadId, ...) is bound with
`structlog.contextvars` around the call.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, MutableMapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from structlog.contextvars import merge_contextvars
from structlog.processors import format_exc_info
from structlog.stdlib import ProcessorFormatter
from structlog.typing import Processor

from engine.process.redaction import Redactor

__all__ = ["LogFormat", "set_up_logs"]

LogFormat = Literal["text", "json"]

_Entry = MutableMapping[str, Any]

_MAX_CHARACTERS = 4_000
"""Of each part of an entry, but for a traceback: foreign text must not swell a log."""
_MAX_TRACEBACK = 32_000
_MAX_REDACTED = 128_000
"""Redaction reads no more of it. What is cut off there is far from what is shown, so half a secret never is."""

_OWN_NAMES = ("at", "level", "logger", "message", "error")
"""All other names of an entry are its context."""
_NOISY = ("apscheduler", "dramatiq", "pymongo", "httpx", "uvicorn.access")
_SKIPPED_RUNS = "apscheduler.scheduler"
"""Warns each time a job is still running when it is due again: every second as long as MongoDB is slow."""
_LOGS_DOCUMENTS = "pymongo.command"
"""At DEBUG it logs the documents that are stored, secrets included."""


def set_up_logs(level: str, form: LogFormat = "text", secrets: Iterable[str] = ()) -> None:
    """Log from `level` up; libraries only from WARNING. The given secrets are masked wherever they occur."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(_json if form == "json" else _text, Redactor(secrets)))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    if level != "DEBUG":
        for name in _NOISY:
            logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(_SKIPPED_RUNS).setLevel(logging.ERROR)
    logging.getLogger(_LOGS_DOCUMENTS).setLevel(logging.INFO)


def _formatter(renderer: Processor, redact: Redactor) -> ProcessorFormatter:
    def redacted(_logger: object, _method: str, entry: _Entry) -> _Entry:
        return {name: _shown(name, str(value), redact) for name, value in entry.items()}

    return ProcessorFormatter(
        foreign_pre_chain=[merge_contextvars],
        processors=[format_exc_info, _described, redacted, renderer],
        keep_exc_info=False,
    )


def _shown(name: str, text: str, redact: Redactor) -> str:
    """The text without secrets, and without its middle if it is too long."""
    most = _MAX_TRACEBACK if name == "error" else _MAX_CHARACTERS
    return _without_middle(redact(_without_middle(text, _MAX_REDACTED)), most)


def _without_middle(text: str, most: int) -> str:
    """A message begins with what matters, a traceback ends with it."""
    if len(text) <= most:
        return text
    return f"{text[: most // 2]} ... {len(text) - most} characters left out ... {text[-most // 2 :]}"


def _described(_logger: object, _method: str, entry: _Entry) -> _Entry:
    """The entry by the names under which it is printed, context last; a context without a value is left out."""
    record: logging.LogRecord = entry.pop("_record")
    del entry["_from_structlog"]
    described = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": entry.pop("event"),
    }
    error = entry.pop("exception", "")
    context = {name: value for name, value in entry.items() if value}
    return described | context | ({"error": error} if error else {})


def _json(_logger: object, _method: str, entry: _Entry) -> str:
    """One JSON object per line."""
    return msgspec.json.encode(entry).decode()


def _text(_logger: object, _method: str, entry: _Entry) -> str:
    """A line for people, its context in brackets at the end; an error adds its traceback."""
    context = " ".join(f"{name}={value}" for name, value in entry.items() if name not in _OWN_NAMES)
    line = f"{entry['at']} {entry['level']:7} {entry['logger']}: {entry['message']}"
    line += f" [{context}]" if context else ""
    return f"{line}\n{entry['error']}" if "error" in entry else line
