"""Proofs of identity, passwords and passkeys, for the processes in which people sign in: their libraries cost memory."""

from __future__ import annotations

from dataclasses import dataclass

from engine.people.passkeys import Passkeys
from engine.people.passwords import Passwords
from engine.settings import Settings
from engine.store.mongo import Database

__all__ = ["Proofs", "open_proofs"]


@dataclass(frozen=True)
class Proofs:
    """What verifies that people are who they say they are."""

    passwords: Passwords
    passkeys: Passkeys


def open_proofs(settings: Settings, database: Database) -> Proofs:
    """Wire the verifiers; passkeys are bound to the origin of the console."""
    return Proofs(Passwords(), Passkeys(database, settings.console_url))
