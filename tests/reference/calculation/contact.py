"""Contact: who waits for an answer, and who must not be contacted at all or in one way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.calculation.facts import ENGINE, Fact, one_or_many


@dataclass(frozen=True)
class Contact:
    """`closed` are the channels in which the lead must not be contacted, if it may be contacted at all."""

    open_conversation: bool
    suppressed: bool
    channels: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()

    def allows(self, wanted: Any) -> bool:
        """Whether a condition `contactable` holds: contact as such (or not), or one of these channels."""
        if isinstance(wanted, bool):
            return wanted is not self.suppressed
        return not self.suppressed and any(name not in self.closed for name in one_or_many(wanted))


def contact(rulebook: Mapping[str, Any], facts: Sequence[Fact]) -> Contact:
    """The last word on each question counts, of facts in order of time."""
    section = rulebook.get("contact", {})
    said = [fact for fact in facts if fact.source != ENGINE]
    channels = section.get("channels", {})
    return Contact(
        _is_on(section, "opensConversation", "closesConversation", said),
        _is_on(section, "suppresses", "releases", said),
        frozenset(channels),
        frozenset(name for name, one in channels.items() if _is_on(one, "suppresses", "releases", said)),
    )


def _is_on(section: Mapping[str, Any], on: str, off: str, said: Sequence[Fact]) -> bool:
    words = (_word(section, on, off, fact) for fact in reversed(said))
    return next((word for word in words if word is not None), False)


def _word(section: Mapping[str, Any], on: str, off: str, fact: Fact) -> bool | None:
    """What one event says to the question; None for nothing."""
    if fact.type in one_or_many(section.get(on, ())):
        return True
    if fact.type in one_or_many(section.get(off, ())):
        return False
    attribute = section.get("attribute")
    if fact.type == "lead.updated" and attribute in fact.properties:
        value = fact.properties[attribute]
        return not (
            value in (False, 0, None, "") or (isinstance(value, str) and value.strip().lower() == "no")
        )
    return None
