"""The schema of the database: every collection and document, each declared beside its store and collected here."""

from __future__ import annotations

from beanie import Document
from pymongo.errors import PyMongoError

from domain.errors import Unavailable
from engine.access.keys.key_store import API_KEYS, KEYS_WITH_FORMER_RIGHTS
from engine.accounts.account_store import ACCOUNTS
from engine.accounts.change_store import ACCOUNT_CHANGES
from engine.analytics.result_store import MESSAGE_RESULTS
from engine.assistant.budget_store import ASSISTANT_USAGE
from engine.automations.execution_store import EXECUTIONS
from engine.automations.migration import EXECUTIONS_TO_UNITS
from engine.automations.task_document import TASKS, Task
from engine.automations.task_owners import OwnersOnTasks
from engine.campaigns.campaign_store import CAMPAIGNS
from engine.campaigns.job import CAMPAIGN_JOBS
from engine.campaigns.member_store import CAMPAIGN_MEMBERS
from engine.capture.log.collection import EVENTS
from engine.drafts.draft_store import DRAFTS
from engine.forms.form_store import FORMS
from engine.hooks.endpoint_store import HOOK_ENDPOINTS
from engine.hooks.token_store import HOOK_TOKENS
from engine.identity.duplicate_store import POSSIBLE_DUPLICATES
from engine.identity.identity_store import IDENTITIES, IDENTITY_SECRETS
from engine.identity.name_store import LEAD_NAMES
from engine.identity.stream_store import LEAD_STREAMS
from engine.imports.file_store import IMPORT_FILES
from engine.imports.import_store import IMPORTS
from engine.imports.mapping_store import IMPORT_MAPPINGS
from engine.leads.checkpoint_store import LEAD_CHECKPOINTS
from engine.leads.history_store import SCORE_HISTORY
from engine.leads.lead_document import LEADS
from engine.operations.audit_log import AUDIT_LOG
from engine.operations.dead_letters import DEAD_LETTERS
from engine.operations.in_flight import IN_FLIGHT
from engine.operations.loop_health import LOOPS
from engine.outreach.limits import SENDING_LIMITS
from engine.outreach.mailbox_place import MAILBOX_PLACES
from engine.outreach.message_store import MESSAGES
from engine.outreach.suppression_store import SUPPRESSIONS
from engine.passes.share_store import PASS_SHARES
from engine.people.challenge_store import PASSKEY_CHALLENGES
from engine.people.invite_store import INVITES
from engine.people.person_store import PEOPLE
from engine.people.session_store import PERSON_SESSIONS
from engine.prediction.model_store import PREDICTION_MODELS
from engine.prediction.training_store import PREDICTION_TRAININGS
from engine.privacy.blocked_lead_store import BLOCKED_LEADS
from engine.privacy.lead_key_store import LEAD_KEYS
from engine.replies.reading_store import REPLY_READINGS
from engine.rule_lab.preview_leads import PREVIEW_LEADS
from engine.rule_lab.preview_store import RULEBOOK_PREVIEWS
from engine.rule_lab.shadow_store import SHADOW_FIRINGS, SHADOW_LEADS, SHADOW_RULEBOOKS
from engine.rule_lab.switch_store import KEPT_LEADS
from engine.rulebooks.rulebook_document import RULEBOOKS, PublishedRulebook
from engine.sequences.enrolment_store import ENROLMENTS, LEAD_TOUCHES, WOKEN_BY_READINGS
from engine.sequences.library import SEQUENCES
from engine.sources.rejected_store import REJECTED_ITEMS
from engine.sources.source_store import SOURCES
from engine.store.checkpoints import CHECKPOINTS
from engine.store.collection import CollectionSpec, create_collections
from engine.store.leases import LEASES
from engine.store.migrations import MIGRATIONS, Migration, migrate
from engine.store.mongo import Database
from engine.store.partitions import STORE_PROPERTIES, stored_partitions
from engine.teams.claim_store import LEAD_CLAIMS
from engine.teams.decision_store import ROUTING_DECISIONS, ROUTING_POOLS
from engine.teams.first_touch import FIRST_TOUCHES
from engine.teams.hand_over import HAND_OVERS
from engine.teams.routing_request import ROUTING_REQUESTS
from engine.teams.routing_rules_store import ROUTING_RULES
from engine.teams.saved_view_store import SAVED_VIEWS
from engine.teams.snooze_store import LEAD_SNOOZES
from engine.webhooks.delivery_store import WEBHOOK_DELIVERIES
from engine.webhooks.endpoint_document import WEBHOOK_ENDPOINTS, WebhookEndpoint
from engine.webhooks.migration import DELIVERIES_TO_UNITS

__all__ = ["COLLECTIONS", "DATA_MIGRATIONS", "DOCUMENTS", "create_schema"]

COLLECTIONS: tuple[CollectionSpec, ...] = (
    EVENTS,
    LEAD_KEYS,
    BLOCKED_LEADS,
    IDENTITIES,
    IDENTITY_SECRETS,
    LEAD_NAMES,
    LEAD_STREAMS,
    POSSIBLE_DUPLICATES,
    LEADS,
    LEAD_CHECKPOINTS,
    SCORE_HISTORY,
    ACCOUNTS,
    ACCOUNT_CHANGES,
    EXECUTIONS,
    TASKS,
    WEBHOOK_ENDPOINTS,
    WEBHOOK_DELIVERIES,
    HOOK_ENDPOINTS,
    HOOK_TOKENS,
    FORMS,
    IMPORTS,
    IMPORT_FILES,
    IMPORT_MAPPINGS,
    API_KEYS,
    SOURCES,
    REJECTED_ITEMS,
    AUDIT_LOG,
    CHECKPOINTS,
    LEASES,
    DEAD_LETTERS,
    RULEBOOKS,
    RULEBOOK_PREVIEWS,
    PREVIEW_LEADS,
    SHADOW_RULEBOOKS,
    SHADOW_LEADS,
    KEPT_LEADS,
    SHADOW_FIRINGS,
    IN_FLIGHT,
    PEOPLE,
    PERSON_SESSIONS,
    INVITES,
    PASSKEY_CHALLENGES,
    LEAD_CLAIMS,
    LEAD_SNOOZES,
    ROUTING_RULES,
    ROUTING_REQUESTS,
    ROUTING_DECISIONS,
    ROUTING_POOLS,
    FIRST_TOUCHES,
    SAVED_VIEWS,
    HAND_OVERS,
    PREDICTION_MODELS,
    PREDICTION_TRAININGS,
    MESSAGES,
    SUPPRESSIONS,
    MAILBOX_PLACES,
    SENDING_LIMITS,
    SEQUENCES,
    ENROLMENTS,
    LEAD_TOUCHES,
    MESSAGE_RESULTS,
    CAMPAIGNS,
    CAMPAIGN_MEMBERS,
    CAMPAIGN_JOBS,
    DRAFTS,
    REPLY_READINGS,
    PASS_SHARES,
    ASSISTANT_USAGE,
    LOOPS,
    MIGRATIONS,
    STORE_PROPERTIES,
)
"""Every collection of the engine."""

DOCUMENTS: tuple[type[Document], ...] = (Task, PublishedRulebook, WebhookEndpoint)
"""Every collection that is read and written through Beanie."""


DATA_MIGRATIONS: tuple[Migration, ...] = (
    EXECUTIONS_TO_UNITS,
    DELIVERIES_TO_UNITS,
    KEYS_WITH_FORMER_RIGHTS,
    OwnersOnTasks(),
    WOKEN_BY_READINGS,
)
"""Every migration of stored documents, oldest first."""


async def create_schema(database: Database) -> None:
    """Create missing collections and indexes, and migrate what an earlier release stored. Idempotent, safe in parallel.

    Raises `Unavailable` when MongoDB cannot be reached, `Invalid` when it is not a replica set.
    """
    try:
        partitions = await stored_partitions(database) or 1
    except PyMongoError as error:
        raise Unavailable(f"MongoDB cannot be set up: {error}") from error
    await create_collections(database, COLLECTIONS, partitions=partitions)
    await migrate(database, DATA_MIGRATIONS)
