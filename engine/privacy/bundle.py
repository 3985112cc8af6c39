"""The privacy bundle: field-level encryption with one key per lead, so that deleting the key erases the person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from domain.instant import Millis
from domain.privacy.personal_fields import PersonalFields
from engine.privacy.blocked_lead_store import BlockedLeadStore
from engine.privacy.lead_key_store import LeadKeyStore
from engine.settings.leads.privacy import PrivacySettings
from engine.store.mongo import Database

__all__ = ["Privacy", "open_privacy"]


@dataclass(frozen=True)
class Privacy:
    """The keys of leads, which fields are encrypted with them, and the leads that are blocked since they were erased."""

    keys: LeadKeyStore
    blocked: BlockedLeadStore
    fields: PersonalFields


def open_privacy(settings: PrivacySettings, database: Database, now: Callable[[], Millis]) -> Privacy:
    """Wire the key store; nothing stays open."""
    return Privacy(LeadKeyStore(database, now), BlockedLeadStore(database, now), settings.personal)
