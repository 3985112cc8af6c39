"""Creates, changes and deletes forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from domain.errors import Fault, Invalid
from domain.events.event import Json
from domain.forms.form import Form
from domain.forms.submission import is_allowed
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited

__all__ = ["change_form", "create_form", "delete_form"]

_COUNTS = ("trapped", "refused", "created_at", "form_key")


async def create_form(runtime: Runtime, by: Actor, details: Mapping[str, Any]) -> Form:
    """A new form, by the names of the fields of `Form`. Raises `Invalid`, and `Conflict` when there are too many."""

    async def create(session: Session) -> tuple[Form, AuditAction]:
        form = _checked(await runtime.forms.store.add(details, runtime.now(), session))
        return form, AuditAction("form.created", form.form_key, after=_facts(form))

    return await audited(runtime, by, create)


async def change_form(runtime: Runtime, by: Actor, form_key: str, details: Mapping[str, Any]) -> Form:
    """Change what is given and nothing else. Raises `NotFound`, `Invalid`."""

    async def change(session: Session) -> tuple[Form, AuditAction | None]:
        before = await runtime.forms.store.get(form_key, session)
        after = _checked(await runtime.forms.store.change(form_key, details, session))
        action = AuditAction("form.changed", form_key, _facts(before), _facts(after))
        return after, None if after == before else action

    return await audited(runtime, by, change)


async def delete_form(runtime: Runtime, by: Actor, form_key: str) -> None:
    """Forget the form; what it has taken stays. Raises `NotFound`."""

    async def delete(session: Session) -> tuple[None, AuditAction]:
        before = await runtime.forms.store.get(form_key, session)
        await runtime.forms.store.delete(form_key, session)
        return None, AuditAction("form.deleted", form_key, _facts(before))

    await audited(runtime, by, delete)


def _checked(form: Form) -> Form:
    if form.thank_you_url and not is_allowed(form, form.thank_you_url):
        detail = "must be on one of the form's origins"
        raise Invalid("Some fields are wrong; nothing was changed.", (Fault("/thankYouUrl", detail),))
    return form


def _facts(form: Form) -> dict[str, Json]:
    facts: dict[str, Json] = msgspec.to_builtins(form)
    return {name: value for name, value in facts.items() if name not in _COUNTS}
