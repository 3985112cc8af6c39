"""The accounts bundle: listed accounts, and those that are to be projected again."""

from __future__ import annotations

from dataclasses import dataclass

from engine.accounts.account_store import AccountStore
from engine.accounts.change_store import AccountChanges
from engine.settings.leads.accounts import AccountSettings
from engine.store.mongo import Database

__all__ = ["Accounts", "open_accounts"]


@dataclass(frozen=True)
class Accounts:
    """The stores of accounts, and domains of free mail beside the built-in list."""

    listed: AccountStore
    changes: AccountChanges
    free_mail: frozenset[str]


def open_accounts(settings: AccountSettings, database: Database) -> Accounts:
    """Wire the stores; nothing stays open."""
    return Accounts(AccountStore(database), AccountChanges(database), settings.further_free_mail)
