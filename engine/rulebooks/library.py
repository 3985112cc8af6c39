"""Where rulebooks come from, and the record of those that were used."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from pymongo.errors import DuplicateKeyError

from domain.errors import Conflict, Invalid, NotFound
from domain.privacy.personal_fields import USUAL_FIELDS, PersonalFields
from domain.rulebooks.loader import parse_rulebook
from domain.rulebooks.rulebook import Rulebook
from engine.store.documents import PublishedRulebook

__all__ = ["built_in_names", "find_rulebook", "load_rulebook", "publish", "published"]


def built_in_names() -> list[str]:
    """The rulebooks that ship with the engine."""
    folder = files("domain.rulebooks") / "builtin"
    return sorted(
        entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")
    )


def load_rulebook(name_or_path: str, personal_fields: PersonalFields = USUAL_FIELDS) -> Rulebook:
    """A built-in rulebook by name, or any by the path of its file. Raises `Invalid`.

    Its rules may not look into the personal fields.
    """
    if name_or_path in built_in_names():
        text = (files("domain.rulebooks") / "builtin" / f"{name_or_path}.yaml").read_text(encoding="utf-8")
        return parse_rulebook(text, f"{name_or_path}.yaml", personal_fields=personal_fields)
    path = Path(name_or_path)
    try:
        return parse_rulebook(path.read_text(encoding="utf-8"), path.name, personal_fields=personal_fields)
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            f"There is no rulebook '{name_or_path}': write one of {', '.join(built_in_names())} or the path of a file."
        ) from error


async def publish(rulebook: Rulebook) -> None:
    """Record the rulebook under its name and version. Raises `Conflict` if that was another content before."""
    content = rulebook.model_dump(mode="json", by_alias=True, exclude_none=True)
    document = PublishedRulebook(
        id=rulebook.label, name=rulebook.name, version=rulebook.version, content=content
    )
    try:
        await document.insert()
    except DuplicateKeyError:
        stored = await PublishedRulebook.get(rulebook.label)
        if stored is not None and stored.content != content:
            raise Conflict(
                f"Rulebook {rulebook.label} was used before with other rules, and scores refer to it: "
                f"raise its version to {rulebook.version + 1}."
            ) from None


async def published(label: str) -> Rulebook:
    """The rulebook that was published under this name and version. Raises `NotFound`."""
    stored = await PublishedRulebook.get(label)
    if stored is None:
        raise NotFound("rulebook", label)
    return Rulebook.model_validate(stored.content)


async def find_rulebook(name: str) -> Rulebook:
    """A built-in rulebook, or a published one by `name@version` or by name (its newest version).

    Raises `NotFound`. Never reads a file: the name may come from anywhere.
    """
    if name in built_in_names():
        return load_rulebook(name)
    if "@" in name:
        return await published(name)
    newest = await PublishedRulebook.find({"name": {"$eq": name}}).sort("-version").first_or_none()
    if newest is None:
        raise NotFound("rulebook", name)
    return Rulebook.model_validate(newest.content)
