"""The library of rulebooks: built-in ones, files, and the record of every rulebook that was published."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from pymongo.errors import DuplicateKeyError

from domain.errors import Conflict, Invalid, NotFound
from domain.privacy.personal_fields import USUAL_FIELDS, PersonalFields
from domain.rulebooks.compiled import CompiledRulebook, compile_rulebook
from domain.rulebooks.loader import parse_rulebook
from domain.rulebooks.rulebook import Rulebook
from engine.rulebooks.rulebook_document import PublishedRulebook
from engine.store.bound_documents import BoundDocuments

__all__ = ["RulebookLibrary", "built_in_names", "load_rulebook"]


def built_in_names() -> list[str]:
    """The names of the rulebooks that ship with the engine."""
    folder = files("domain.rulebooks") / "builtin"
    return sorted(
        entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")
    )


def load_rulebook(name_or_path: str, personal_fields: PersonalFields = USUAL_FIELDS) -> Rulebook:
    """A built-in rulebook by name, or any by the path of its file. Raises `Invalid`.

    Its rules may not read the values of personal fields.
    """
    if name_or_path in built_in_names():
        return _built_in(name_or_path, personal_fields)
    path = Path(name_or_path)
    try:
        return parse_rulebook(path.read_text(encoding="utf-8"), path.name, personal_fields=personal_fields)
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            f"There is no rulebook '{name_or_path}': write one of {', '.join(built_in_names())} or the path of a file."
        ) from error


@lru_cache(maxsize=16)
def _built_in(name: str, personal_fields: PersonalFields) -> Rulebook:
    """Parsed once: it is frozen, and reading its YAML takes up to 70 ms."""
    text = (files("domain.rulebooks") / "builtin" / f"{name}.yaml").read_text(encoding="utf-8")
    return parse_rulebook(text, f"{name}.yaml", personal_fields=personal_fields)


@lru_cache(maxsize=16)
def _compiled_built_in(name: str) -> CompiledRulebook:
    return compile_rulebook(load_rulebook(name))


class RulebookLibrary:
    """Rulebooks in MongoDB, published once and never changed."""

    def __init__(self, documents: BoundDocuments) -> None:
        self._published = documents.of(PublishedRulebook)

    async def publish(self, rulebook: Rulebook) -> None:
        """Record the rulebook under its name and version. Raises `Conflict` if that had other content before."""
        content = rulebook.model_dump(mode="json", by_alias=True, exclude_none=True)
        document = self._published(
            id=rulebook.label, name=rulebook.name, version=rulebook.version, content=content
        )
        try:
            await document.insert()
        except DuplicateKeyError:
            stored = await self._published.get(rulebook.label)
            if stored is not None and stored.content != content:
                raise Conflict(
                    f"Rulebook {rulebook.label} was used before with other rules, and scores refer to it: "
                    f"raise its version to {rulebook.version + 1}."
                ) from None

    async def get(self, label: str) -> Rulebook:
        """The rulebook that was published as `name@version`. Raises `NotFound`."""
        stored = await self._published.get(label)
        if stored is None:
            raise NotFound("rulebook", label)
        return Rulebook.model_validate(stored.content)

    async def find(self, name: str) -> CompiledRulebook:
        """A built-in rulebook, or a published one by `name@version` or by name (its newest version), compiled.

        Raises `NotFound`. Never reads a file, because the name may come from anywhere.
        """
        if name in built_in_names():
            return _compiled_built_in(name)
        if "@" in name:
            return compile_rulebook(await self.get(name))
        versions = self._published.find({"name": {"$eq": name}}).sort("-version")
        newest = await versions.first_or_none()
        if newest is None:
            raise NotFound("rulebook", name)
        return compile_rulebook(Rulebook.model_validate(newest.content))
