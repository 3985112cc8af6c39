"""The library of rulebooks: built-in ones, files, and the record of every rulebook that was published."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError
from pymongo.errors import DuplicateKeyError

from domain.errors import Conflict, Invalid, NotFound
from domain.privacy.personal_fields import USUAL_FIELDS, PersonalFields
from domain.rulebooks.compiled import CompiledRulebook, compile_rulebook
from domain.rulebooks.loader import parse_rulebook, rulebook_yaml
from domain.rulebooks.rulebook import Rulebook
from engine.rulebooks.built_in import (
    built_in,
    built_in_labels,
    built_in_names,
    built_in_text,
    compiled_built_in,
    is_built_in,
)
from engine.rulebooks.rulebook_document import PublishedRulebook
from engine.store.bound_documents import BoundDocuments
from engine.store.mongo import Document

__all__ = ["RulebookEntry", "RulebookLibrary", "RulebookText", "load_rulebook"]


def load_rulebook(name_or_path: str, personal_fields: PersonalFields = USUAL_FIELDS) -> Rulebook:
    """A built-in rulebook by name or `name@version`, or any by the path of its file. Raises `Invalid`.

    Its rules may not read the values of personal fields.
    """
    if is_built_in(name_or_path):
        return built_in(name_or_path, personal_fields)
    path = Path(name_or_path)
    try:
        return parse_rulebook(path.read_text(encoding="utf-8"), path.name, personal_fields=personal_fields)
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            f"There is no rulebook '{name_or_path}': write one of {', '.join(built_in_names())} or the path of a file."
        ) from error


_MAX_COMPILED = 32
"""Published rulebooks that a process keeps compiled; their content never changes."""


class RulebookLibrary:
    """Rulebooks in MongoDB, published once and never changed."""

    def __init__(self, documents: BoundDocuments) -> None:
        self._published = documents.of(PublishedRulebook)
        self._compiled: dict[str, CompiledRulebook] = {}

    async def publish(self, rulebook: Rulebook, source: str = "") -> None:
        """Record the rulebook under its name and version, with its text if there is one.

        Raises `Conflict` if that had other content before.
        """
        document = self._published(
            id=rulebook.label,
            name=rulebook.name,
            version=rulebook.version,
            content=_content(rulebook),
            source=source,
        )
        try:
            await document.insert()
        except DuplicateKeyError:
            await self.require_unused(rulebook)

    async def require_unused(self, rulebook: Rulebook) -> None:
        """Raise `Conflict` if other rules were published under this name and version."""
        stored = await self._published.get(rulebook.label)
        if stored is not None and not _is_same(stored.content, _content(rulebook)):
            raise Conflict(
                f"Rulebook {rulebook.label} was used before with other rules, and scores refer to it: "
                f"raise its version to {rulebook.version + 1}."
            )

    async def get(self, label: str) -> Rulebook:
        """The rulebook that was published as `name@version`. Raises `NotFound`."""
        stored = await self._published.get(label)
        if stored is None:
            raise NotFound("rulebook", label)
        return Rulebook.model_validate(stored.content)

    async def find(self, name: str) -> CompiledRulebook:
        """A built-in rulebook, or a published one, by `name@version` or by name (its newest version), compiled.

        Raises `NotFound`. Never reads a file, because the name may come from anywhere.
        """
        if "@" in name:
            return await self._of_label(name)
        return (
            compiled_built_in(name) if is_built_in(name) else await self._of_label(await self._newest(name))
        )

    async def text_of(self, name: str, version: int) -> RulebookText:
        """A rulebook and its text: of a published one the text it was published as, or its rules written out.

        Raises `NotFound`.
        """
        label = f"{name}@{version}"
        stored = await self._published.get(label)
        if stored is None:
            if not is_built_in(label):
                raise NotFound("rulebook", label)
            return RulebookText(built_in(label), built_in_text(label), is_published=False)
        rulebook = Rulebook.model_validate(stored.content)
        shipped = is_built_in(label) and _is_same(stored.content, _content(built_in(label)))
        source = stored.source or (built_in_text(label) if shipped else "")
        return RulebookText(
            rulebook, source or await asyncio.to_thread(rulebook_yaml, rulebook), is_published=True
        )

    async def page(self, after: tuple[str, int] | None, limit: int) -> list[RulebookEntry]:
        """Built-in and published rulebooks by name, the newest version first; a page goes on behind `after`."""
        entries = {entry.label: entry for entry in _built_in_entries() if _is_behind(entry, after)}
        for doc in await self._published_page(after, limit):
            entry = RulebookEntry(
                doc["name"], doc["version"], doc["content"].get("description", ""), is_published=True
            )
            entries[entry.label] = entry
        return sorted(entries.values(), key=_order)[:limit]

    async def _published_page(self, after: tuple[str, int] | None, limit: int) -> list[Document]:
        keys = [("name", 1), ("version", -1)]
        cursor = self._published.get_pymongo_collection().find(
            {}, {"name": 1, "version": 1, "content.description": 1}
        )
        if after is not None:
            cursor = cursor.min([("name", after[0]), ("version", after[1] - 1)])
        return await cursor.hint(keys).sort(keys).limit(limit).to_list()

    async def _of_label(self, label: str) -> CompiledRulebook:
        """The published rulebook of this label, else the built-in one: what was published scored leads."""
        found = self._compiled.get(label)
        if found is None:
            try:
                found = compile_rulebook(await self.get(label))
            except NotFound:
                if not is_built_in(label):
                    raise
                found = compiled_built_in(label)
            if len(self._compiled) >= _MAX_COMPILED:
                self._compiled.clear()
            self._compiled[label] = found
        return found

    async def _newest(self, name: str) -> str:
        """The label of the newest version that was published. Raises `NotFound`."""
        versions = self._published.find({"name": {"$eq": name}}).sort("-version")
        newest = await versions.first_or_none()
        if newest is None:
            raise NotFound("rulebook", name)
        return newest.id


class RulebookText(NamedTuple):
    """A rulebook with its text in YAML."""

    rulebook: Rulebook
    text: str
    is_published: bool


class RulebookEntry(NamedTuple):
    """A rulebook in a list."""

    name: str
    version: int
    description: str
    is_published: bool

    @property
    def label(self) -> str:
        return f"{self.name}@{self.version}"


def _built_in_entries() -> Iterator[RulebookEntry]:
    for label in built_in_labels():
        rulebook = built_in(label)
        yield RulebookEntry(rulebook.name, rulebook.version, rulebook.description, is_published=False)


def _order(entry: RulebookEntry) -> tuple[str, int]:
    return (entry.name, -entry.version)


def _is_behind(entry: RulebookEntry, after: tuple[str, int] | None) -> bool:
    return after is None or _order(entry) > (after[0], -after[1])


def _content(rulebook: Rulebook) -> Document:
    return rulebook.model_dump(mode="json", by_alias=True, exclude_none=True)


def _is_same(stored: Document, content: Document) -> bool:
    """Whether both are the same rules; what an earlier release stored lacks the fields that have come since."""
    if stored == content:
        return True
    try:
        return _content(Rulebook.model_validate(stored)) == content
    except ValidationError:
        return False
