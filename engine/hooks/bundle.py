"""The bundle of webhooks that providers send."""

from __future__ import annotations

from dataclasses import dataclass

from engine.hooks.endpoint_store import HookEndpointStore
from engine.hooks.token_store import HookTokenStore
from engine.privacy.lead_key_store import LeadKeyStore
from engine.store.mongo import Database

__all__ = ["Hooks", "open_hooks"]


@dataclass(frozen=True)
class Hooks:
    """Endpoints and taken tokens."""

    endpoints: HookEndpointStore
    tokens: HookTokenStore


def open_hooks(database: Database, keys: LeadKeyStore) -> Hooks:
    """Wire the stores; nothing stays open."""
    return Hooks(HookEndpointStore(database, keys), HookTokenStore(database))
