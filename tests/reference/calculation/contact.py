"""Contact: who waits for an answer, and who must not be contacted at all or in one way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.calculation.facts import (
    ENGINE,
    JUDGED_A_REPLY,
    READ_IN_A_REPLY,
    Fact,
    one_or_many,
)


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
    refused = {name for name in _named_in_replies(facts) if _is_refused(name, section, facts)}
    return Contact(
        _is_on(section, "opensConversation", "closesConversation", said),
        _is_on(section, "suppresses", "releases", said) or "all" in refused,
        frozenset(channels),
        frozenset(name for name, one in channels.items() if _is_on(one, "suppresses", "releases", said))
        | (refused - {"all"}),
    )


def _named_in_replies(facts: Sequence[Fact]) -> set[str]:
    return {name for fact in facts for name in _refused_by(fact)}


def _refused_by(fact: Fact) -> list[str]:
    """The channels in which a reply has asked for no more, as it was read or as a person says; `all` if it named none."""
    if fact.source == ENGINE and fact.type == JUDGED_A_REPLY:
        return ["all"] if fact.properties["optOut"] else []
    if (
        fact.source != ENGINE
        or fact.type != READ_IN_A_REPLY
        or fact.properties.get("intent") != "unsubscribe"
    ):
        return []
    if fact.properties.get("suspected") or "suspectedOptOut" in fact.properties:
        return []
    return fact.properties.get("channels") or ["all"]


def _is_refused(name: str, section: Mapping[str, Any], facts: Sequence[Fact]) -> bool:
    """Whether nothing has allowed contact, or contact in the channel, since the last refusal."""
    last = max(number for number, fact in enumerate(facts) if name in _refused_by(fact))
    since = [fact for fact in facts[last + 1 :] if fact.source != ENGINE]
    channel = section.get("channels", {}).get(name, {})
    allowed = any(fact.type in one_or_many(section.get("releases", ())) for fact in since)
    return not allowed and not any(
        _word({**channel, "suppresses": ()}, "suppresses", "releases", fact) is False for fact in since
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
