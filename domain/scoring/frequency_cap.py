"""Frequency caps: how often a rule may count for a lead."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Literal

from msgspec import Struct
from pydantic import BeforeValidator, Field, model_validator

from domain.events.event import Event, Json
from domain.instant import Millis, date_bucket
from domain.rule_language.section import Section
from domain.rule_language.value import as_number, as_text

__all__ = ["CountedKeys", "FrequencyCap", "FrequencyCapSection", "RepeatPolicy"]

_MAX_KEYS = 100
"""Messages, pages or days that one rule remembers of a lead, so that its state stays small."""
_MAX_KEY_LENGTH = 80


class CountedKeys(Struct, frozen=True, gc=False, rename="camel"):
    """For each message, page or day: the moments of the events that count, earliest first.

    `forgotten` says that more keys were met than are remembered, so that a repeat of a forgotten one may have counted again.
    Days pass in order, so that of days it says that an event came for one that was forgotten already.
    """

    moments: dict[str, tuple[Millis, ...]] = {}
    forgotten: bool = False

    @property
    def latest(self) -> Millis:
        """When the last event that counts happened; there must be one."""
        return max(moments[-1] for moments in self.moments.values())


class FrequencyCap(Struct, frozen=True):
    """At most so many events count: per value of a property, per UTC day, or ever.

    Among events that cannot all count, the earliest do, in whatever order they arrive.
    """

    most: int
    per_property: str | None = None
    per_day: bool = False

    def count(self, seen: CountedKeys, event: Event) -> tuple[CountedKeys, Millis | None]:
        """The keys with the event, the same object if it does not count; and the moment that it counts instead of."""
        key, at = self._key(event), event.occurred_at
        moments = seen.moments.get(key)
        if moments is None:
            return self._remember(seen, key, (at,)), None
        if len(moments) < self.most:
            return self._remember(seen, key, _with(moments, at)), None
        if at < moments[-1]:
            return self._remember(seen, key, tuple(sorted((*moments[:-1], at)))), moments[-1]
        return seen, None

    def _remember(self, seen: CountedKeys, key: str, moments: tuple[Millis, ...]) -> CountedKeys:
        """With these moments for the key; the key that is longest ago is forgotten when there are too many."""
        remembered = {**seen.moments, key: moments}
        if len(remembered) <= _MAX_KEYS:
            return CountedKeys(remembered, seen.forgotten)
        oldest = min(remembered, key=lambda one: (remembered[one][-1], one))
        del remembered[oldest]
        return CountedKeys(remembered, forgotten=seen.forgotten or not self.per_day or oldest == key)

    def _key(self, event: Event) -> str:
        if self.per_property is not None:
            return _short(_key_of(event.properties.get(self.per_property)))
        return date_bucket("day", event.occurred_at) if self.per_day else ""


class FrequencyCapSection(Section):
    """`once`, `{oncePer: property}` or `{atMost: k, per: day}`; without one every event counts.

    Among events that cannot all count, the earliest do, in whatever order they arrive.
    """

    once: bool | None = None
    once_per: str | None = Field(None, min_length=1, max_length=100)
    at_most: int | None = Field(None, ge=1, le=50)
    per: Literal["day"] | None = None

    @model_validator(mode="after")
    def _is_one_policy(self) -> FrequencyCapSection:
        if (self.at_most is None) != (self.per is None):
            raise ValueError("write both parts: {atMost: 3, per: day}")
        if sum(part is not None for part in (self.once, self.once_per, self.at_most)) != 1:
            raise ValueError("write one of: always, once, {oncePer: property}, {atMost: 3, per: day}")
        return self

    def describe(self) -> str:
        """The cap in words: `once a day`, `3 times a day`, `once per asset`."""
        if self.once_per is not None:
            return f"once per {self.once_per}"
        if self.at_most is not None:
            return "once a day" if self.at_most == 1 else f"{self.at_most} times a day"
        return "once"

    def compile(self) -> FrequencyCap:
        """The cap in executable form."""
        return FrequencyCap(self.at_most or 1, self.once_per, per_day=self.per is not None)


def _with(moments: tuple[Millis, ...], at: Millis) -> tuple[Millis, ...]:
    """The moments and one more, earliest first."""
    return (*moments, at) if moments[-1] <= at else tuple(sorted((*moments, at)))


def _key_of(value: Json) -> str:
    """The key of a value: the same for 1, "1" and 1.0, for words in any case, and for null and no value."""
    if value is None:
        return ""
    number = as_number(value)
    text = as_text(value if number is None else number)
    return str(value).casefold() if text is None else text


def _short(key: str) -> str:
    """The key, or its beginning and a digest if it is too long to keep or could not name a field in MongoDB."""
    if len(key) <= _MAX_KEY_LENGTH and "\0" not in key:
        return key
    digest = sha256(key.encode(errors="surrogatepass")).hexdigest()[:32]
    return f"{key[: _MAX_KEY_LENGTH - len(digest)].replace(chr(0), '')}{digest}"


def _as_policy(value: object) -> object:
    if value == "always":
        return None
    return {"once": True} if value == "once" else value


RepeatPolicy = Annotated[FrequencyCapSection | None, BeforeValidator(_as_policy)]
"""A policy as written; None is `always`."""
