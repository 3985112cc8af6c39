"""The registry of personal data: every store that holds data about leads, in the order in which exports show them."""

from __future__ import annotations

from engine.analytics.bundle import Analytics
from engine.analytics.personal_data import ResultData
from engine.automations.bundle import Automations
from engine.automations.personal_data import ExecutionData, TaskData
from engine.campaigns.bundle import Campaigns
from engine.campaigns.personal_data import CampaignMemberData
from engine.capture.bundle import Capture
from engine.capture.personal_data import EventData
from engine.drafts.bundle import Drafts
from engine.drafts.personal_data import DraftData
from engine.identity.bundle import Identity
from engine.identity.personal_data import DuplicateData, IdentityData, NameData, StreamData
from engine.leads.bundle import Leads
from engine.leads.personal_data import HistoryData, LeadData
from engine.operations.bundle import Operations
from engine.operations.personal_data import AuditData, DeadLetterData
from engine.outreach.bundle import Outreach
from engine.outreach.personal_data import MessageData, SuppressionData
from engine.privacy.block_data import BlockData
from engine.privacy.bundle import Privacy
from engine.privacy.key_data import LeadKeyData
from engine.privacy.personal_data import PersonalDataStore
from engine.rule_lab.bundle import RuleLab
from engine.rule_lab.preview_leads import PreviewLeadData
from engine.rule_lab.shadow_store import ShadowData
from engine.rule_lab.switch_store import KeptLeadData
from engine.sequences.bundle import Sequences
from engine.sequences.personal_data import EnrolmentData
from engine.sources.bundle import Sources
from engine.sources.personal_data import RejectedData
from engine.webhooks.bundle import Webhooks
from engine.webhooks.personal_data import DeliveryData

__all__ = ["register_personal_data"]


def register_personal_data(
    *,
    privacy: Privacy,
    identity: Identity,
    leads: Leads,
    capture: Capture,
    automations: Automations,
    webhooks: Webhooks,
    outreach: Outreach,
    sequences: Sequences,
    campaigns: Campaigns,
    drafts: Drafts,
    analytics: Analytics,
    operations: Operations,
    sources: Sources,
    rule_lab: RuleLab,
) -> tuple[PersonalDataStore, ...]:
    """Register every store. Exports, erasures and the test with canaries go through what is listed here."""
    return (
        LeadKeyData(privacy.keys),
        BlockData(privacy.blocked),
        RejectedData(sources.rejected, identity.identities, privacy.keys),
        IdentityData(identity.identities, privacy.blocked),
        NameData(identity.names),
        StreamData(identity.streams),
        DuplicateData(identity.duplicates),
        LeadData(leads.states, leads.lists, privacy.keys, identity.streams),
        EventData(capture.events, privacy.keys),
        HistoryData(leads.history),
        TaskData(automations.tasks),
        ExecutionData(automations.executions),
        DeliveryData(webhooks.deliveries),
        MessageData(outreach.messages, privacy.keys, outreach.outbox),
        ResultData(analytics.results),
        DraftData(drafts.store, privacy.keys),
        EnrolmentData(sequences.enrolments),
        CampaignMemberData(campaigns.members, campaigns.campaigns),
        SuppressionData(outreach.suppressions),
        PreviewLeadData(rule_lab.leads),
        ShadowData(rule_lab.shadow),
        KeptLeadData(rule_lab.switch),
        DeadLetterData(operations.dead_letters),
        AuditData(operations.audit),
    )
