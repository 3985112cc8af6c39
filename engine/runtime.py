"""Wires all machinery once, for the API, the workers and the commands alike. Tests pass other parts in here."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from pymongo.errors import PyMongoError

from domain.errors import Invalid, Unavailable
from domain.instant import Millis
from domain.privacy.personal_fields import NO_FIELDS, PersonalFields
from domain.rule_language.yaml_reader import LocatedError
from domain.rulebooks.privacy_check import check_privacy
from domain.rulebooks.rulebook import Rulebook
from engine.access.keys.key_store import KeyStore
from engine.automations.actions import Actions
from engine.automations.actions.event import AppendEvent
from engine.automations.actions.tag import AddTag
from engine.automations.actions.task import CreateTask
from engine.automations.actions.webhook import EnqueueWebhooks
from engine.automations.execution_store import ExecutionStore
from engine.automations.task_store import TaskStore
from engine.capture.appender import Appender
from engine.capture.discards import Discards
from engine.capture.event_store import EventStore
from engine.leads.history_store import HistoryStore
from engine.leads.lead_locks import LeadLocks
from engine.leads.lead_store import LeadStore
from engine.notifications.appended import AppendNotifications
from engine.notifications.applied import AppliedNotifications
from engine.notifications.channel import connect_notifications
from engine.operations.audit_log import AuditLog
from engine.operations.dead_letters import DeadLetters
from engine.operations.in_flight import InFlight
from engine.privacy.lead_key_store import LeadKeyStore
from engine.process import clock
from engine.queue.broker import WorkQueue, connect_broker
from engine.rulebooks.active import ActiveRulebook
from engine.rulebooks.library import load_rulebook
from engine.settings import Settings
from engine.store.checkpoints import Checkpoints
from engine.store.documents import bind_documents
from engine.store.leases import Leases
from engine.store.mongo import Client, Database, connect, database_of
from engine.webhooks import Webhooks, open_webhooks

__all__ = ["Runtime", "open_runtime"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Runtime:
    """The parts that workflows work with."""

    settings: Settings
    rules: ActiveRulebook
    now: Callable[[], Millis]
    client: Client
    database: Database
    work_queue: WorkQueue
    appender: Appender
    events: EventStore
    leads: LeadStore
    history: HistoryStore
    executions: ExecutionStore
    tasks: TaskStore
    webhooks: Webhooks
    keys: KeyStore
    lead_keys: LeadKeyStore
    personal_fields: PersonalFields
    audit: AuditLog
    actions: Actions
    dead_letters: DeadLetters
    discards: Discards
    checkpoints: Checkpoints
    leases: Leases
    news: AppendNotifications
    applied_notifications: AppliedNotifications
    turns: LeadLocks
    in_flight: InFlight

    @property
    def rulebook(self) -> Rulebook:
        """The rulebook in force now; a workflow takes it once and uses that to its end."""
        return self.rules.current


@contextlib.asynccontextmanager
async def open_runtime(
    settings: Settings,
    *,
    rulebook: Rulebook | None = None,
    work_queue: WorkQueue | None = None,
    now: Callable[[], Millis] = clock.now,
) -> AsyncIterator[Runtime]:
    """Open a runtime on this event loop and close it cleanly. Raises `Invalid` for settings that cannot work.

    A `rulebook` that is given is in force whatever was activated.
    """
    for name in ("mongodb_uri", "redis_url"):
        if not getattr(settings, name):
            raise Invalid(
                f"{name.upper()} is not set and no engine runs on DATA_DIR: set it, or start `make up` first."
            )
    client = connect(settings.mongodb_uri)
    database = database_of(client, settings.mongodb_database)
    events, tasks = EventStore(database), TaskStore()
    personal_fields = PersonalFields.named(settings.personal_fields)
    webhooks = open_webhooks(settings, database)
    redis = connect_notifications(settings)
    news, applied_notifications = (
        AppendNotifications(redis, database.name),
        AppliedNotifications(redis, database.name),
    )
    appender = Appender(
        client,
        events,
        batch_events=settings.append_batch_events,
        linger_seconds=settings.append_linger_ms / 1000,
        queue_events=settings.append_queue_events,
        stored=news.tell,
    )
    holder = _holder()
    rules = ActiveRulebook(database, rulebook or load_rulebook(settings.rulebook, NO_FIELDS))
    try:
        await _bind(database)
        appender.start()
        work_queue = work_queue or _doorbell(settings)
        async with contextlib.nullcontext() if rulebook else rules.kept_fresh():
            _warn_of_a_look_inside(rules.current, personal_fields)
            yield Runtime(
                settings=settings,
                rules=rules,
                now=now,
                client=client,
                database=database,
                work_queue=work_queue,
                appender=appender,
                events=events,
                leads=LeadStore(database),
                history=HistoryStore(database),
                executions=ExecutionStore(database),
                tasks=tasks,
                webhooks=webhooks,
                keys=KeyStore(database),
                lead_keys=LeadKeyStore(database, now),
                personal_fields=personal_fields,
                audit=AuditLog(database),
                actions={
                    "task": CreateTask(tasks),
                    "tag": AddTag(),
                    "event": AppendEvent(),
                    "webhook": EnqueueWebhooks(webhooks, work_queue),
                },
                dead_letters=DeadLetters(database, settings.fold_attempts),
                discards=Discards(database),
                checkpoints=Checkpoints(database),
                leases=Leases(database, holder, settings.lease_seconds),
                news=news,
                applied_notifications=applied_notifications,
                turns=LeadLocks(),
                in_flight=InFlight(database, holder, settings.worker_heartbeat_seconds),
            )
    finally:
        await appender.close()
        await news.close()
        await applied_notifications.close()
        await redis.aclose()
        await client.close()


async def _bind(database: Database) -> None:
    try:
        await bind_documents(database)
    except PyMongoError as error:
        raise Unavailable(f"MongoDB does not answer; is MONGODB_URI right? {error}") from error


def _warn_of_a_look_inside(rulebook: Rulebook, fields: PersonalFields) -> None:
    """It was put in force before the field became personal, and stopping every process would be worse."""
    try:
        check_privacy(rulebook.score_model, fields)
    except LocatedError as error:
        _log.warning(
            "Rulebook %s is in force and some of its rules no longer fit new events: %s",
            rulebook.label,
            error,
        )


def _doorbell(settings: Settings) -> WorkQueue:
    return WorkQueue(connect_broker(settings), leads_at_a_time=settings.fold_batch_leads)


def _holder() -> str:
    """A name for this runtime that no other has, on any machine."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
