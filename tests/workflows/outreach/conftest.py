"""Words of outreach tests: a real mail server, and a runtime that sends to it."""

from __future__ import annotations

import pytest

from engine.outreach.message import Author
from engine.runtime import open_runtime
from engine.schema import create_schema
from tests.conftest import RecordingQueue
from tests.smtp_server import start_mail_server
from workflows.outreach.plan import NewMessage, plan_message

ME = Author("person", "person_1")


@pytest.fixture
async def mail_server():
    handler, listening = await start_mail_server()
    yield handler
    listening.close()


@pytest.fixture
async def runtime(settings, clock, mail_server):
    """An open runtime whose e-mails go to the mail server of the test."""
    smtp = {
        "email_channel": "smtp",
        "smtp_host": "127.0.0.1",
        "smtp_port": mail_server.port,
        "smtp_security": "none",
        "email_from": "Sam <sam@acme.test>",
        "send_timeout_seconds": 2.0,
    }
    changed = settings.model_copy(update=smtp)
    async with open_runtime(changed, work_queue=RecordingQueue(), now=clock) as opened:
        await create_schema(opened.store.database)
        yield opened


@pytest.fixture
def plan(runtime):
    """Plan an e-mail: `await plan("ada", to="ada@example.com")`; the message."""

    async def plan(lead_id="ada", *, key=None, **fields):
        given = {"channel": "email", "to": "ada@example.com", "subject": "Hi", "text": "Hello", **fields}
        message, _ = await plan_message(runtime, ME, lead_id, NewMessage(**given), key)
        return message

    return plan


@pytest.fixture
def types_of(runtime):
    """The types of the events of a lead."""

    async def types_of(lead_id):
        return [event.type for event in await runtime.capture.events.of_lead(lead_id)]

    return types_of
