"""The bundle of campaigns: their store, their members, and their jobs."""

from __future__ import annotations

from dataclasses import dataclass

from engine.campaigns.campaign_store import CampaignStore
from engine.campaigns.job import CampaignJobStore
from engine.campaigns.member_store import MemberStore
from engine.store.mongo import Database

__all__ = ["Campaigns", "open_campaigns"]


@dataclass(frozen=True)
class Campaigns:
    """What campaigns there are, who is in them, and what is due."""

    campaigns: CampaignStore
    members: MemberStore
    jobs: CampaignJobStore


def open_campaigns(database: Database) -> Campaigns:
    """Wire the stores; nothing stays open."""
    return Campaigns(CampaignStore(database), MemberStore(database), CampaignJobStore(database))
