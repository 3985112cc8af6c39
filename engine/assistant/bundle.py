"""Wiring of the assistant that the settings name."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

from domain.errors import Fault, Invalid
from domain.instant import Millis
from domain.replies.classifier import Weights
from engine.assistant.anthropic import API_VERSION, AnthropicModel
from engine.assistant.assistant import Assistant
from engine.assistant.budget_store import BudgetStore
from engine.assistant.divided import DividedAssistant
from engine.assistant.model import Model
from engine.assistant.model_assistant import ModelAssistant, Prices
from engine.assistant.model_client import ModelClient
from engine.assistant.offline import OfflineAssistant
from engine.assistant.openai import OpenAiModel
from engine.settings import Settings
from engine.store.mongo import Database

__all__ = ["open_assistant"]

_OPENAI, _ANTHROPIC = "https://api.openai.com/v1", "https://api.anthropic.com"


@contextlib.asynccontextmanager
async def open_assistant(
    settings: Settings, database: Database, now: Callable[[], Millis]
) -> AsyncIterator[Assistant]:
    """The assistant, whose connections end with the context. Raises `Invalid` for settings that cannot work."""
    assistant = _assistant(settings, database, now)
    try:
        yield assistant
    finally:
        await assistant.close()


def _assistant(settings: Settings, database: Database, now: Callable[[], Millis]) -> Assistant:
    offline = OfflineAssistant(_weights(settings.reply_weights_file))
    if settings.assistant == "offline":
        return offline
    hosts = [one.strip().casefold() for one in settings.assistant_link_hosts.split(",") if one.strip()]
    prices = Prices(
        settings.assistant_input_price, settings.assistant_output_price, settings.assistant_budget_per_day
    )
    asking = ModelAssistant(_model(settings), offline, BudgetStore(database), prices, hosts, now)
    if settings.assistant_for == "both":
        return asking
    if settings.assistant_for == "drafts":
        return DividedAssistant(drafts=asking, replies=offline)
    return DividedAssistant(drafts=offline, replies=asking)


def _model(settings: Settings) -> Model:
    key = settings.assistant_api_key
    names = ["assistant_model"] if settings.assistant_url else ["assistant_model", "assistant_api_key"]
    missing = tuple(
        Fault(name.upper(), f"is needed with ASSISTANT={settings.assistant}")
        for name in names
        if not getattr(settings, name)
    )
    if missing:
        raise Invalid("Settings of the assistant are missing.", missing)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    if settings.assistant == "openai":
        return OpenAiModel(_client(settings, _OPENAI, headers), settings.assistant_model)
    headers["anthropic-version"] = API_VERSION
    return AnthropicModel(_client(settings, _ANTHROPIC, headers), settings.assistant_model)


def _client(settings: Settings, default: str, headers: dict[str, str]) -> ModelClient:
    return ModelClient(
        settings.assistant_url or default,
        headers,
        settings.assistant_timeout_seconds,
        settings.assistant_attempts,
    )


def _weights(file: str) -> Weights | None:
    if not file:
        return None
    try:
        return msgspec.json.decode(Path(file).read_bytes(), type=Weights)
    except (OSError, msgspec.MsgspecError) as error:
        fault = Fault("REPLY_WEIGHTS_FILE", f"has no weights of the classifier: {error}")
        raise Invalid("Settings of the assistant cannot work.", (fault,)) from None
