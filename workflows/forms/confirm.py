"""Double opt-in: a mail asks the person of a form to confirm the address, and only the confirmation is consent."""

from __future__ import annotations

import contextlib

from domain.errors import Conflict, NotFound
from domain.events.event import Json
from domain.forms.form import Form
from domain.identity.identifier import EMAIL, normalised
from domain.instant import DAY
from domain.outreach.consent import CONSENT_GIVEN, CONSENT_TYPES, consent_state
from engine.outreach.message import Author, Message, message_id_of
from engine.runtime import Runtime
from workflows.identity.find import find
from workflows.outreach.events import append_message_event
from workflows.outreach.links import confirmation_link, message_to_confirm
from workflows.outreach.plan import NewMessage, plan_message

__all__ = ["ask_to_confirm", "confirm_address", "is_confirmed"]

_CHANNEL = "email"


async def is_confirmed(runtime: Runtime, email: str) -> bool:
    """Whether the lead of this address has consented to e-mail already, so that nothing is asked again."""
    lead_id = await find(runtime, normalised(EMAIL, email))
    if lead_id is None:
        return False
    stream = await runtime.capture.events.of_lead(lead_id, types=CONSENT_TYPES)
    ordered = sorted(stream, key=lambda one: (one.occurred_at, one.received_at, one.position))
    return consent_state(ordered, _CHANNEL).name == "given"


async def ask_to_confirm(runtime: Runtime, form: Form, lead_id: str, email: str) -> None:
    """Plan the mail with the link, at most one per form, lead and day (UTC): anybody can write any address into a form."""
    author, key = Author("form", form.form_key), f"confirm:{runtime.now() // DAY}"
    link = await confirmation_link(runtime, message_id_of(author, lead_id, key))
    new = NewMessage(
        channel=_CHANNEL,
        to=email,
        subject=form.confirmation_subject,
        text=form.confirmation_text.replace("{link}", link),
        despite_reply=True,
        why=f"double opt-in of the form {form.name}",
    )
    with contextlib.suppress(Conflict):  # the mail of today, in the words that the form had then
        await plan_message(runtime, author, lead_id, new, key, asks_consent=True)


async def confirm_address(runtime: Runtime, token: str) -> None:
    """Store the consent that the link of this token stands for. Repeating it changes nothing. Raises `NotFound`."""
    message_id = await message_to_confirm(runtime, token)
    message = None if message_id is None else await runtime.outreach.messages.find(message_id)
    if message is None:
        raise NotFound("link", "", "This link is not one of ours.")
    if await runtime.privacy.keys.find(message.lead_id) is None:
        return  # erased: nothing is kept of this person any more
    await append_message_event(runtime, message, CONSENT_GIVEN, await _evidence(runtime, message))


async def _evidence(runtime: Runtime, message: Message) -> dict[str, Json]:
    """How the consent was given; it is about every channel, as the form asked."""
    with contextlib.suppress(NotFound):
        form = await runtime.forms.store.get(message.author.id)
        return {"channel": "all", "method": "double opt-in", "form": form.name}
    return {"channel": "all", "method": "double opt-in"}
