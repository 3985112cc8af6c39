"""Wiring of the assistant that the settings name."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from engine.assistant.assistant import Assistant
from engine.assistant.offline import OfflineAssistant
from engine.settings import Settings

__all__ = ["open_assistant"]


@contextlib.asynccontextmanager
async def open_assistant(settings: Settings) -> AsyncIterator[Assistant]:  # noqa: ARG001 - no adapter yet
    """The assistant, whose connections end with the context."""
    assistant = OfflineAssistant()
    try:
        yield assistant
    finally:
        await assistant.close()
