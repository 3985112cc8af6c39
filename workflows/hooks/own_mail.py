"""Mail of our own that comes back to us, such as a copy of what a rep has sent: it is no reply of a lead."""

from __future__ import annotations

from email.utils import parseaddr

from domain.hooks.request import HookEvent
from domain.identity.identifier import EMAIL, NotAnIdentifier, normalised
from domain.outreach.references import references_in
from engine.runtime import Runtime
from workflows.identity.find import find

__all__ = ["is_own_mail"]

_MAIL = frozenset({"message.received", "email.auto_replied"})


async def is_own_mail(runtime: Runtime, event: HookEvent) -> bool:
    """Whether an e-mail was sent by the engine, from an address of its settings, or by somebody who works with it.

    A person of the workspace whose address is a lead's too, as when trying things out, is that lead.
    """
    sender = event.identifiers.get("email", "").lower()
    if event.type not in _MAIL or not sender:
        return False
    if next(references_in({"providerId": event.properties.get("providerId")}), None) is not None:
        return True
    settings = runtime.settings
    ours = (settings.email_from, settings.email_reply_to, settings.imap_username)
    if sender in {parseaddr(one)[1].lower() for one in ours}:
        return True
    if await runtime.people.accounts.by_email(sender) is None:
        return False
    try:
        return await find(runtime, normalised(EMAIL, sender)) is None
    except NotAnIdentifier:
        return True
