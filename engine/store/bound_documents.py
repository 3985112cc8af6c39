"""Beanie documents bound to the database of one runtime, so that two runtimes in a process share nothing."""

from __future__ import annotations

import types
from collections.abc import Iterable
from typing import TypeVar, cast

from beanie import Document
from beanie.odm.utils.init import Initializer, Output
from pymongo.errors import PyMongoError

from domain.errors import Unavailable
from engine.store.mongo import Database

__all__ = ["BoundDocuments", "bind_documents"]

D = TypeVar("D", bound=Document)


class BoundDocuments:
    """One subclass per declared document, which belongs to one database.

    Beanie keeps the collection of a document in its class: bound as they are declared, all documents of a process would
    belong to the runtime that was opened last.
    """

    def __init__(self, bound: dict[type[Document], type[Document]]) -> None:
        self._bound = bound

    def of(self, declared: type[D]) -> type[D]:
        """The bound subclass of a declared document. Raises `KeyError` if it was not bound."""
        return cast("type[D]", self._bound[declared])


async def bind_documents(database: Database, declared: Iterable[type[Document]]) -> BoundDocuments:
    """Bind the documents to this database. Creates no index. Raises `Unavailable` when MongoDB does not answer."""
    bound = {one: _subclass(one) for one in declared}
    try:
        await _SubclassesOnly(database, document_models=list(bound.values()), skip_indexes=True)
    except PyMongoError as error:
        raise Unavailable(f"MongoDB does not answer; is MONGODB_URI right? {error}") from error
    return BoundDocuments(bound)


class _SubclassesOnly(Initializer):
    """Beanie's initialisation, which would bind the parents of a document too."""

    async def init_document(self, cls: type[Document]) -> Output | None:
        return await super().init_document(cls) if cls in self.document_models else None


def _subclass(declared: type[Document]) -> type[Document]:
    names = {"__module__": declared.__module__, "__qualname__": declared.__qualname__}
    made = types.new_class(declared.__name__, (declared,), exec_body=lambda body: body.update(names))
    return cast("type[Document]", made)
