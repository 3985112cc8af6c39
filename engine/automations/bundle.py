"""The bundle of automations: executions, the tasks they make, and what each kind of action does."""

from __future__ import annotations

from dataclasses import dataclass

from engine.automations.actions import Actions
from engine.automations.actions.event import AppendEvent
from engine.automations.actions.tag import AddTag
from engine.automations.actions.task import CreateTask
from engine.automations.actions.webhook import EnqueueWebhooks
from engine.automations.execution_store import ExecutionStore
from engine.automations.task_owners import TaskOwners
from engine.automations.task_store import TaskStore
from engine.leads.lead_store import LeadStore
from engine.privacy.lead_key_store import LeadKeyStore
from engine.store.bound_documents import BoundDocuments
from engine.store.mongo import Database
from engine.webhooks.bundle import Webhooks
from engine.work.wakeups import WorkWakeUps

__all__ = ["Automations", "open_automations"]


@dataclass(frozen=True)
class Automations:
    """Executions of the automations that fired, the tasks they made with the owners of their leads, and the actions by their type."""

    executions: ExecutionStore
    tasks: TaskStore
    task_owners: TaskOwners
    actions: Actions


def open_automations(
    database: Database,
    documents: BoundDocuments,
    webhooks: Webhooks,
    wake_ups: WorkWakeUps,
    keys: LeadKeyStore,
) -> Automations:
    """Wire the stores and one performer per kind of action; nothing stays open."""
    owners = TaskOwners(database, LeadStore(database))
    tasks = TaskStore(documents, keys, owners)
    actions: Actions = {
        "task": CreateTask(tasks),
        "tag": AddTag(),
        "event": AppendEvent(),
        "webhook": EnqueueWebhooks(webhooks, wake_ups),
    }
    return Automations(ExecutionStore(database), tasks, owners, actions)
