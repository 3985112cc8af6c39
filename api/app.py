"""The HTTP application: every route on one runtime, and the ingest routes in front of the framework."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.types import ASGIApp

from api.access.actor import current_actor, current_principal
from api.access.authenticator import Authenticator, open_auth_context
from api.access.keys import KEYS
from api.access.scopes import requires, scoped
from api.access.visible import visible_leads
from api.accounts.accounts import ACCOUNTS
from api.analytics.analytics import ANALYTICS
from api.automations.automations import list_executions, list_tasks
from api.automations.create_task import post_task
from api.automations.task_changes import post_task_changes
from api.automations.tasks import CHANGE_TASKS
from api.campaigns.campaigns import (
    MANAGE_CAMPAIGNS,
    READ_CAMPAIGNS,
    patch_campaign,
    post_campaign,
)
from api.capture.app import CaptureApp
from api.capture.cloudevents import post_cloudevents
from api.capture.events import post_events
from api.capture.posthog import POSTHOG
from api.capture.segment import SEGMENT
from api.console import CONSOLE
from api.contact.contact import CONTACT
from api.documentation import DOCUMENTATION, openapi_config, prepare_document
from api.drafts.drafts import CHANGE_DRAFTS, READ_DRAFTS
from api.forms.confirm import CONFIRMATIONS
from api.forms.forms import FORMS
from api.forms.receive import FORM_PAGES
from api.hooks.endpoints import HOOK_ENDPOINTS
from api.hooks.receive import HOOKS
from api.http.bodies import MAX_BODY_BYTES
from api.http.exception_handlers import EXCEPTION_HANDLERS
from api.http.long_responses import LongResponses
from api.http.request_ids import RequestIds, with_request_ids
from api.identity.duplicates import list_duplicates
from api.identity.merges import IDENTITY
from api.imports.imports import IMPORTS
from api.imports.mappings import IMPORT_MAPPINGS
from api.leads.counts import get_lead_counts
from api.leads.create_lead import post_lead
from api.leads.curve import get_curve
from api.leads.intelligence import get_intelligence
from api.leads.lead_changes import post_lead_changes
from api.leads.lead_ids import prepare_request
from api.leads.leads import get_lead, get_lead_events, get_lead_history, list_leads
from api.leads.queue import get_queue
from api.leads.retractions import post_retraction
from api.leads.saved_views import SAVED_VIEWS
from api.leads.timeline import get_timeline
from api.operations.audit import list_audit_log
from api.operations.background_loops import background
from api.operations.dead_letters import DEAD_LETTERS
from api.operations.event_log import list_events
from api.operations.health import live, metrics, ready
from api.operations.ops import get_ops
from api.operations.readiness import Readiness
from api.outreach.conversations import list_conversations
from api.outreach.judgements import post_judgement
from api.outreach.messages import CHANGE_MESSAGES, READ_MESSAGES
from api.outreach.suppressions import SUPPRESSIONS
from api.outreach.unsubscribe import UNSUBSCRIBE
from api.people.invites import MANAGE_INVITES, OPEN_INVITES
from api.people.me import ME
from api.people.people import MANAGE_PEOPLE, READ_PEOPLE
from api.people.sign_in import OPEN_SESSION, OWN_SESSION
from api.prediction.models import MANAGE_MODELS, READ_MODELS
from api.privacy.personal_data import erase, export_lead, unblock
from api.rulebooks.compare import diff_rulebooks
from api.rulebooks.previews import PREVIEWS
from api.rulebooks.publish import PUBLISH
from api.rulebooks.rulebooks import MANAGE_RULEBOOKS, READ_RULEBOOKS
from api.rulebooks.shadow import SHADOW
from api.sequences.enrol_many import post_enrolments
from api.sequences.enrolments import READ_ENROLMENTS, post_enrolment, post_stop_enrolment
from api.sequences.sequences import MANAGE_SEQUENCES, READ_SEQUENCES
from api.sources.rejected import REJECTED
from api.sources.sources import SOURCES
from api.stream.shared_frames import SharedFrames
from api.stream.stream import get_stream
from api.teams.hand_over import HAND_OVER
from api.teams.owners import OWNERS
from api.teams.routing import ROUTING
from api.teams.snoozes import SNOOZES, list_snoozes
from api.transport.proxies import TrustedProxies, with_trusted_proxies
from api.transport.security_headers import with_security_headers
from api.transport.shutdown import answer_on_shutdown
from api.webhooks.deliveries import WEBHOOK_DELIVERIES
from api.webhooks.endpoints import WEBHOOK_ENDPOINTS
from api.work.work import WORK
from engine.leads.incomplete_leads import IncompleteLeads
from engine.people.proofs import open_proofs
from engine.runtime import Runtime
from workflows.stream.hub import StreamHub

__all__ = ["create_app", "create_framework"]


def create_app(framework: Litestar, proxies: TrustedProxies | None = None) -> ASGIApp:
    """The whole application, as uvicorn serves it: the ingest routes in front of the framework.

    `proxies`: those whose `X-Forwarded-*` headers are believed; nobody's by default.
    """
    ids, state = RequestIds(), framework.state
    proxied = with_trusted_proxies(framework, proxies or TrustedProxies(""))
    others = with_request_ids(with_security_headers(answer_on_shutdown(proxied)), ids)
    return CaptureApp(others, state, state.authenticator, ids)


def create_framework(opened: AbstractAsyncContextManager[Runtime]) -> Litestar:
    """Every route, on a runtime that is opened when the application starts and closed when it stops."""
    authenticator = Authenticator()

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with (
            opened as runtime,
            open_auth_context(runtime) as authenticator.context,
            runtime.leads.notifications.subscribed(),
        ):
            incomplete = IncompleteLeads(runtime.operations.dead_letters, runtime.capture.discards)
            async with incomplete.kept_fresh():
                app.state.runtime, app.state.auth = runtime, authenticator.context
                app.state.proofs = open_proofs(runtime.settings, runtime.store.database)
                app.state.incomplete, app.state.readiness = incomplete, Readiness(runtime)
                app.state.stream_hub = StreamHub(runtime)
                app.state.shared_frames = SharedFrames(runtime.leads.states.owners)
                limits = runtime.settings
                app.state.open_streams = LongResponses(
                    "streams", limits.streams_per_caller, limits.streams_per_process
                )
                app.state.open_exports = LongResponses(
                    "exports", limits.exports_per_caller, limits.exports_per_process
                )
                preparing = asyncio.create_task(asyncio.to_thread(prepare_document, app), name="openapi")
                yield
                preparing.cancel()

    def runtime_of(state: State) -> Runtime:
        runtime: Runtime = state.runtime
        return runtime

    return Litestar(
        route_handlers=[
            requires("ingest", post_events, *SEGMENT, *POSTHOG, post_cloudevents),
            requires(
                "read",
                get_intelligence,
                list_leads,
                scoped("ingest", post_lead),
                get_lead,
                get_lead_history,
                get_lead_events,
            ),
            requires(
                "read",
                list_executions,
                list_tasks,
                scoped("work", post_task),
                metrics,
                background,
                get_stream,
                *READ_PEOPLE,
            ),
            requires(
                "read", get_curve, get_lead_counts, get_queue, get_timeline, list_duplicates, *READ_RULEBOOKS
            ),
            requires("read", list_conversations, *READ_MESSAGES, *READ_DRAFTS, *READ_MODELS),
            requires("read", *READ_SEQUENCES, *READ_ENROLMENTS, scoped("work", post_enrolment)),
            requires("work", post_stop_enrolment, post_enrolments),
            requires(
                "read", *READ_CAMPAIGNS, scoped("manage", post_campaign), scoped("manage", patch_campaign)
            ),
            requires("work", post_task_changes, *CHANGE_TASKS),
            requires("work", post_lead_changes, *OWNERS, *SNOOZES, *CONTACT, post_retraction, post_judgement),
            requires("work", *CHANGE_MESSAGES, *CHANGE_DRAFTS, *IDENTITY),
            requires("read", *ACCOUNTS, *ANALYTICS),
            requires(
                "manage",
                *WEBHOOK_ENDPOINTS,
                *WEBHOOK_DELIVERIES,
                *HOOK_ENDPOINTS,
                *FORMS,
                *IMPORTS,
                *IMPORT_MAPPINGS,
                *KEYS,
                *SOURCES,
                *REJECTED,
                *DEAD_LETTERS,
                *WORK,
                export_lead,
                list_audit_log,
                list_events,
                *MANAGE_PEOPLE,
                *MANAGE_INVITES,
                *ROUTING,
                *HAND_OVER,
                *MANAGE_RULEBOOKS,
                diff_rulebooks,
                *PREVIEWS,
                *PUBLISH,
                *SHADOW,
                *MANAGE_MODELS,
                *MANAGE_SEQUENCES,
                *MANAGE_CAMPAIGNS,
                *SUPPRESSIONS,
                get_ops,
            ),
            requires("own", erase, unblock),
            requires("session", *OWN_SESSION, *ME, list_snoozes, *SAVED_VIEWS),
            requires("probe", live, ready),
            requires(
                "nothing",
                *FORM_PAGES,
                *HOOKS,
                *UNSUBSCRIBE,
                *CONFIRMATIONS,
                *OPEN_SESSION,
                *OPEN_INVITES,
                *CONSOLE,
                *DOCUMENTATION,
            ),
        ],
        dependencies={
            "runtime": Provide(runtime_of, sync_to_thread=False),
            "actor": Provide(current_actor),
            "principal": Provide(current_principal),
            "visible": Provide(visible_leads),
        },
        exception_handlers=EXCEPTION_HANDLERS,
        middleware=[authenticator],
        before_request=prepare_request,
        request_max_body_size=MAX_BODY_BYTES,
        lifespan=[lifespan],
        openapi_config=openapi_config(),
        logging_config=None,
        state=State({"authenticator": authenticator}),
    )
