"""The bundle of forms."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from engine.forms.form_store import FormStore
from engine.store.mongo import Database

__all__ = ["FormOutcome", "Forms", "open_forms"]

FormOutcome = Literal["stored", "trapped", "refused"]


@dataclass(frozen=True)
class Forms:
    """The store of forms, and the submissions that this process has answered, by outcome."""

    store: FormStore
    submitted: Counter[FormOutcome] = field(default_factory=Counter)


def open_forms(database: Database) -> Forms:
    """Wire the store; nothing stays open."""
    return Forms(FormStore(database))
