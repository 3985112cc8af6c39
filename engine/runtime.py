"""The composition root: wires every capability once, for the API, the workers and the commands alike."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

from domain.errors import Invalid
from domain.identity.person_name import NAME_FIELDS
from domain.instant import Millis
from domain.privacy.personal_fields import PersonalFields
from domain.rule_language.yaml_reader import LocatedError
from domain.rulebooks.compiled import CompiledRulebook
from domain.rulebooks.privacy_check import check_privacy
from domain.rulebooks.rulebook import Rulebook
from engine.access.bundle import Access, open_access
from engine.accounts.bundle import Accounts, open_accounts
from engine.analytics.bundle import Analytics, open_analytics
from engine.assistant.bundle import open_assistant
from engine.automations.bundle import Automations, open_automations
from engine.automations.execution import AUTOMATION
from engine.campaigns.bundle import Campaigns, open_campaigns
from engine.campaigns.campaign import CAMPAIGN
from engine.capture.bundle import Capture, open_capture
from engine.drafts.bundle import Drafts, open_drafts
from engine.forms.bundle import Forms, open_forms
from engine.hooks.bundle import Hooks, open_hooks
from engine.identity.bundle import Identity, open_identity
from engine.imports.bundle import Imports, open_imports
from engine.imports.import_store import IMPORT
from engine.leads.bundle import Leads, open_leads
from engine.notifications.channel import connect_notifications
from engine.operations.bundle import Operations, open_operations
from engine.outreach.bundle import Outreach, open_outreach
from engine.outreach.message import MESSAGE
from engine.passes.bundle import Passes, open_passes
from engine.passes.share_store import PASS_SHARE
from engine.people.bundle import People, open_people
from engine.personal_data import register_personal_data
from engine.prediction.bundle import Prediction, open_prediction
from engine.privacy.bundle import Privacy, open_privacy
from engine.privacy.personal_data import PersonalDataStore
from engine.process import clock
from engine.queue.broker import connect_broker
from engine.queue.work_queue import WorkQueue
from engine.replies.bundle import Replies, open_replies
from engine.replies.reading_store import REPLY
from engine.rule_lab.bundle import RuleLab, open_rule_lab
from engine.rulebooks.bundle import Rulebooks, open_rulebooks
from engine.schema import DOCUMENTS
from engine.sequences.bundle import Sequences, open_sequences
from engine.sequences.enrolment import SEQUENCE
from engine.settings import Settings
from engine.sources.bundle import Sources, open_sources
from engine.store.bound_documents import bind_documents
from engine.store.bundle import Store, open_store
from engine.store.partitions import settle_partitions
from engine.teams.bundle import Teams, open_teams
from engine.teams.first_touch import FIRST_TOUCH
from engine.teams.hand_over import HAND_OVER
from engine.teams.routing_request import ROUTING
from engine.webhooks.bundle import Webhooks, open_webhooks
from engine.webhooks.delivery import WEBHOOK
from engine.work.bundle import Work
from engine.work.wakeups import WorkWakeUps

__all__ = ["Runtime", "open_runtime"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Runtime:
    """One bundle per capability, each opened by its own folder. A workflow takes what it uses of them."""

    settings: Settings
    now: Callable[[], Millis]
    store: Store
    work_queue: WorkQueue
    capture: Capture
    identity: Identity
    leads: Leads
    accounts: Accounts
    rulebooks: Rulebooks
    rule_lab: RuleLab
    automations: Automations
    webhooks: Webhooks
    hooks: Hooks
    forms: Forms
    imports: Imports
    work: Work
    access: Access
    sources: Sources
    people: People
    teams: Teams
    prediction: Prediction
    outreach: Outreach
    sequences: Sequences
    campaigns: Campaigns
    drafts: Drafts
    analytics: Analytics
    replies: Replies
    passes: Passes
    privacy: Privacy
    operations: Operations
    personal_data: tuple[PersonalDataStore, ...]

    @property
    def rulebook(self) -> CompiledRulebook:
        """The active rulebook; a workflow takes it once and uses that to its end."""
        return self.rulebooks.active.current

    def with_settings(self, **changed: object) -> Runtime:
        """The same open runtime with some settings changed, for the workflows that read them at each use."""
        return replace(self, settings=self.settings.model_copy(update=changed))


@contextlib.asynccontextmanager
async def open_runtime(
    settings: Settings,
    *,
    rulebook: Rulebook | None = None,
    work_queue: WorkQueue | None = None,
    now: Callable[[], Millis] = clock.now,
) -> AsyncIterator[Runtime]:
    """Open a runtime on this event loop and close it cleanly. Raises `Invalid` for settings that cannot work.

    A `rulebook` that is given is active whatever was activated.
    """
    _require_addresses(settings)
    holder = _holder()
    async with contextlib.AsyncExitStack() as opened:
        store = await opened.enter_async_context(open_store(settings, holder))
        database = store.database
        redis = connect_notifications(settings)
        opened.push_async_callback(redis.aclose)
        documents = await bind_documents(database, DOCUMENTS)
        partitions = await settle_partitions(database, settings.log_partitions)
        webhooks = open_webhooks(settings, database, documents)
        privacy = open_privacy(settings, database, now)
        identity = open_identity(settings, database)
        leads = await opened.enter_async_context(open_leads(database, redis, settings))
        names_are_encrypted = all(field in privacy.fields for field in NAME_FIELDS)
        capture = await opened.enter_async_context(
            open_capture(
                settings, store, redis, partitions=partitions, names_are_encrypted=names_are_encrypted
            )
        )
        work_queue = work_queue or _work_queue(settings)
        rulebooks = await opened.enter_async_context(open_rulebooks(settings, database, documents, rulebook))
        _warn_of_rules_on_personal_fields(rulebooks.active.current, privacy.fields)
        wake_ups = WorkWakeUps(work_queue)
        automations = open_automations(database, documents, webhooks, wake_ups, privacy.keys)
        teams = await opened.enter_async_context(open_teams(database))
        prediction = await opened.enter_async_context(open_prediction(database))
        rule_lab = await opened.enter_async_context(open_rule_lab(database))
        operations = open_operations(settings, database, holder)
        imports = open_imports(database, privacy.keys)
        sources = open_sources(database)
        sequences = open_sequences(database)
        campaigns = open_campaigns(database)
        outreach = await opened.enter_async_context(
            open_outreach(settings, database, identity.identities, automations.tasks, now)
        )
        replies = open_replies(database)
        passes = open_passes(database)
        drafts = open_drafts(
            database, await opened.enter_async_context(open_assistant(settings, database, now))
        )
        analytics = open_analytics(database)
        yield Runtime(
            settings=settings,
            now=now,
            store=store,
            work_queue=work_queue,
            capture=capture,
            identity=identity,
            leads=leads,
            accounts=open_accounts(settings, database),
            rulebooks=rulebooks,
            rule_lab=rule_lab,
            automations=automations,
            work=Work(
                {
                    AUTOMATION: automations.executions,
                    WEBHOOK: webhooks.deliveries,
                    ROUTING: teams.requests,
                    FIRST_TOUCH: teams.touches,
                    HAND_OVER: teams.hand_overs,
                    IMPORT: imports.units,
                    MESSAGE: outreach.messages,
                    SEQUENCE: sequences.enrolments,
                    REPLY: replies.readings,
                    CAMPAIGN: campaigns.jobs,
                    PASS_SHARE: passes.shares,
                },
                wake_ups,
            ),
            webhooks=webhooks,
            forms=open_forms(database),
            imports=imports,
            hooks=open_hooks(database, privacy.keys),
            access=open_access(database),
            sources=sources,
            people=open_people(database),
            teams=teams,
            prediction=prediction,
            outreach=outreach,
            sequences=sequences,
            campaigns=campaigns,
            drafts=drafts,
            analytics=analytics,
            replies=replies,
            passes=passes,
            privacy=privacy,
            operations=operations,
            personal_data=register_personal_data(
                privacy=privacy,
                identity=identity,
                leads=leads,
                capture=capture,
                automations=automations,
                webhooks=webhooks,
                outreach=outreach,
                sequences=sequences,
                campaigns=campaigns,
                drafts=drafts,
                analytics=analytics,
                operations=operations,
                sources=sources,
                rule_lab=rule_lab,
            ),
        )


def _require_addresses(settings: Settings) -> None:
    for name in ("mongodb_uri", "redis_url"):
        if not getattr(settings, name):
            raise Invalid(
                f"{name.upper()} is not set and no engine runs on DATA_DIR: set it, or start `make up` first."
            )


def _warn_of_rules_on_personal_fields(rulebook: CompiledRulebook, fields: PersonalFields) -> None:
    """The rulebook was activated before the field became personal, and stopping every process would be worse."""
    try:
        check_privacy(rulebook.document.properties_read(), fields)
    except LocatedError as error:
        _log.warning(
            "Rulebook %s is active and some of its rules no longer fit new events: %s",
            rulebook.label,
            error,
        )


def _work_queue(settings: Settings) -> WorkQueue:
    return WorkQueue(connect_broker(settings), leads_at_a_time=settings.fold_batch_leads)


def _holder() -> str:
    """A name for this runtime that no other has, on any machine."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
