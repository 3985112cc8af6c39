"""Takes the submission of a form: events on the lead of the address that it names, durable before the answer."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any

from domain.errors import Fault, Invalid
from domain.events.vocabulary import LEAD_UPDATED
from domain.forms.form import Form
from domain.forms.submission import Submission, read_submission
from domain.identity.identifier import EMAIL
from domain.outreach.consent import CONSENT_GIVEN, CONSENT_REQUESTED
from engine.runtime import Runtime
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest
from workflows.forms.confirm import ask_to_confirm, is_confirmed

__all__ = ["submit_form"]


async def submit_form(runtime: Runtime, form: Form, fields: Sequence[tuple[str, str]], referer: str) -> None:
    """Store what the form says: its event, attributes of the lead, and consent. All or none.

    With double opt-in the consent is asked for by a mail, before anything else goes out.
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
        asks = form.double_opt_in and not await is_confirmed(runtime, _address(submission))
        events = [
            check_event(one, region=region)
            for one in _events(form, submission, submission.submission_id, asks=asks)
        ]
    except Invalid:
        runtime.forms.submitted["refused"] += 1
        await runtime.forms.store.count_refused(form.form_key)
        raise
    runtime.capture.appender.require_room()
    results = await ingest(runtime, events)
    if any(result.status == "conflict" for result in results):  # the page was filled in once more
        once_more = _events(form, submission, "", asks=asks)
        results = await ingest(runtime, [check_event(one, region=region) for one in once_more])
    if asks:
        await ask_to_confirm(runtime, form, results[0].lead_id, _address(submission))
    runtime.forms.submitted["stored"] += 1


def _address(submission: Submission) -> str:
    """The e-mail address, which is to be confirmed. Raises `Invalid` without one."""
    address = submission.identifiers.get(EMAIL)
    if address is None:
        detail = "is required: it is to be confirmed"
        raise Invalid("The form cannot be taken.", (Fault("/email", detail),))
    return address


def _events(form: Form, submission: Submission, sent_id: str, *, asks: bool) -> list[dict[str, Any]]:
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
    if asks:
        question = {"type": CONSENT_REQUESTED, "eventId": f"{event_id}:consent"}
        events.append({**common, **question, "properties": {"form": form.name}})
    elif submission.consent and not form.double_opt_in:
        consent = {"type": CONSENT_GIVEN, "eventId": f"{event_id}:consent"}
        events.append({**common, **consent, "properties": {"form": form.name}})
    return events
