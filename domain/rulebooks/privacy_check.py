"""The check that no rule depends on the content of a personal field, which is encrypted and may be erased."""

from __future__ import annotations

from collections.abc import Iterable

from domain.privacy.personal_fields import PersonalFields
from domain.rule_language.reference import PropertyRead
from domain.rule_language.yaml_reader import LocatedError

__all__ = ["check_privacy"]


def check_privacy(properties_read: Iterable[PropertyRead], fields: PersonalFields) -> None:
    """Raises `LocatedError` at the first rule that looks into a personal field; `exists` is all that it may ask.

    `properties_read` has each property whose value makes a difference, and where.
    """
    for name, place in properties_read:
        if name in fields:
            raise LocatedError(
                f"'{name}' is a personal field (PERSONAL_FIELDS), sealed and one day erased: "
                "a rule may only ask whether it is there, with exists",
                place,
            )
