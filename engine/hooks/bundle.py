"""The bundle of webhooks that providers send."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from engine.hooks.endpoint_store import HookEndpointStore
from engine.hooks.token_store import HookTokenStore
from engine.privacy.lead_key_store import LeadKeyStore
from engine.store.mongo import Database

__all__ = ["HookOutcome", "Hooks", "open_hooks"]

HookOutcome = Literal["stored", "duplicate", "refused", "wrong-signature"]


@dataclass(frozen=True)
class Hooks:
    """Endpoints, taken tokens, and what this process was sent, by provider and outcome.

    The first three outcomes count events, the last one requests.
    """

    endpoints: HookEndpointStore
    tokens: HookTokenStore
    received: Counter[tuple[str, HookOutcome]] = field(default_factory=Counter)


def open_hooks(database: Database, keys: LeadKeyStore) -> Hooks:
    """Wire the stores; nothing stays open."""
    return Hooks(HookEndpointStore(database, keys), HookTokenStore(database))
