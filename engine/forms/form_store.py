"""Forms in MongoDB."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from pymongo import DESCENDING, IndexModel

from domain.errors import Conflict, NotFound
from domain.forms.form import DEFAULT_SUBJECT, DEFAULT_TEXT, Form
from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session

__all__ = ["FORMS", "MAX_FORMS", "FormStore"]

FORMS = CollectionSpec(
    "forms",
    Distribution.UNSHARDED,
    (IndexModel([("createdAt", DESCENDING), ("_id", DESCENDING)]),),
    free_of_personal_data="what forms there are and how often they were sent; no submission",
)

MAX_FORMS = 500
_FIELDS = {
    "name": "name",
    "origins": "origins",
    "thank_you_url": "thankYouUrl",
    "event_type": "eventType",
    "attributes": "attributes",
    "honeypot": "honeypot",
    "min_seconds": "minSeconds",
    "enabled": "enabled",
    "double_opt_in": "doubleOptIn",
    "confirmation_subject": "confirmationSubject",
    "confirmation_text": "confirmationText",
}
"""What may be set of a form, and the name under which it is stored."""


class FormStore:
    """Creates, finds, changes and deletes forms."""

    def __init__(self, database: Database) -> None:
        self._forms = FORMS.of(database)

    async def add(self, details: Mapping[str, Any], at: Millis, session: Session) -> Form:
        """A new form, by the names of the fields of `Form`. Raises `Conflict` when there are too many."""
        if await self._forms.count_documents({}, session=session) >= MAX_FORMS:
            raise Conflict(f"There are {MAX_FORMS} forms already; delete one first.")
        document = {
            "_id": secrets.token_hex(8),
            **_stored(details),
            "createdAt": to_bson(at),
            "trapped": 0,
            "refused": 0,
        }
        await self._forms.insert_one(document, session=session)
        return _form(document)

    async def get(self, form_key: str, session: Session | None = None) -> Form:
        """The form. Raises `NotFound`."""
        doc = await self._forms.find_one({"_id": form_key}, session=session)
        if doc is None:
            raise NotFound("form", form_key)
        return _form(doc)

    async def all(self) -> list[Form]:
        """All forms, newest first."""
        return [_form(doc) async for doc in self._forms.find({}).sort([("createdAt", -1), ("_id", -1)])]

    async def change(self, form_key: str, details: Mapping[str, Any], session: Session) -> Form:
        """The form with these fields. Raises `NotFound`."""
        if details:
            await self._forms.update_one({"_id": form_key}, {"$set": _stored(details)}, session=session)
        return await self.get(form_key, session)

    async def delete(self, form_key: str, session: Session) -> None:
        """Forget the form. Raises `NotFound`."""
        if not (await self._forms.delete_one({"_id": form_key}, session=session)).deleted_count:
            raise NotFound("form", form_key)

    async def count_trapped(self, form_key: str) -> None:
        """Note the submission of a machine."""
        await self._forms.update_one({"_id": form_key}, {"$inc": {"trapped": 1}})

    async def count_refused(self, form_key: str) -> None:
        """Note a submission that names nobody."""
        await self._forms.update_one({"_id": form_key}, {"$inc": {"refused": 1}})


def _stored(details: Mapping[str, Any]) -> Document:
    fields = {_FIELDS[name]: value for name, value in details.items()}
    if "attributes" in fields:  # names of fields may have dots, and no user's text becomes a field path
        fields["attributes"] = [[field, attribute] for field, attribute in fields["attributes"].items()]
    return fields


def _form(doc: Document) -> Form:
    return Form(
        form_key=doc["_id"],
        name=doc["name"],
        origins=tuple(doc["origins"]),
        thank_you_url=doc["thankYouUrl"],
        event_type=doc["eventType"],
        attributes=dict(doc["attributes"]),
        honeypot=doc["honeypot"],
        min_seconds=float(doc["minSeconds"]),
        enabled=doc["enabled"],
        double_opt_in=doc.get("doubleOptIn", False),  # a form of 0.4 has none of these
        confirmation_subject=doc.get("confirmationSubject", DEFAULT_SUBJECT),
        confirmation_text=doc.get("confirmationText", DEFAULT_TEXT),
        created_at=from_bson(doc["createdAt"]),
        trapped=doc["trapped"],
        refused=doc["refused"],
    )
