"""The bundle of forms."""

from __future__ import annotations

from dataclasses import dataclass

from engine.forms.form_store import FormStore
from engine.store.mongo import Database

__all__ = ["Forms", "open_forms"]


@dataclass(frozen=True)
class Forms:
    """The store of forms."""

    store: FormStore


def open_forms(database: Database) -> Forms:
    """Wire the store; nothing stays open."""
    return Forms(FormStore(database))
