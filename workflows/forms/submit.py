"""Takes the submission of a form: events on the lead of the address that it names, durable before the answer."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any

from domain.errors import Invalid
from domain.events.vocabulary import LEAD_UPDATED
from domain.forms.form import Form
from domain.forms.submission import Submission, read_submission
from engine.runtime import Runtime
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest

__all__ = ["submit_form"]


async def submit_form(runtime: Runtime, form: Form, fields: Sequence[tuple[str, str]], referer: str) -> None:
    """Store what the form says: its event, attributes of the lead, and consent. All or none.

    The submission of a machine is counted and stores nothing. Raises `Invalid` for one that names nobody or does not fit an
    event, and what `ingest` raises.
    """
    region = runtime.identity.phone_region
    try:
        submission = read_submission(form, fields, referer, region)
        if submission.automated:
            runtime.forms.submitted["trapped"] += 1
            await runtime.forms.store.count_trapped(form.form_key)
            return
        events = [
            check_event(one, region=region) for one in _events(form, submission, submission.submission_id)
        ]
    except Invalid:
        runtime.forms.submitted["refused"] += 1
        await runtime.forms.store.count_refused(form.form_key)
        raise
    runtime.capture.appender.require_room()
    results = await ingest(runtime, events)
    if any(result.status == "conflict" for result in results):  # the page was filled in once more
        await ingest(runtime, [check_event(one, region=region) for one in _events(form, submission, "")])
    runtime.forms.submitted["stored"] += 1


def _events(form: Form, submission: Submission, sent_id: str) -> list[dict[str, Any]]:
    """The events; with an id of the page, a submission that is sent twice is one."""
    name = f"{form.form_key}\x1f{sent_id}" if sent_id else uuid.uuid4().hex
    event_id = f"form:{hashlib.blake2b(name.encode(), digest_size=16).hexdigest()}"
    common = {"identifiers": dict(submission.identifiers), "source": f"form:{form.name}"[:100]}
    events: list[dict[str, Any]] = [
        {**common, "type": form.event_type, "eventId": event_id, "properties": submission.properties}
    ]
    if submission.attributes:
        attributes = {"type": LEAD_UPDATED, "eventId": f"{event_id}:attributes"}
        events.append({**common, **attributes, "properties": submission.attributes})
    if submission.consent:
        consent = {"type": "consent.given", "eventId": f"{event_id}:consent"}
        events.append({**common, **consent, "properties": {"form": form.name}})
    return events
