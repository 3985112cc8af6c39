"""The resolution of identifiers to leads: a pure decision over what is known of them.

None known: a new lead. One lead: the others are attached to it. Several: the lead of the strongest identifier; those of them
that are anonymous are merged into it, and others are possible duplicates, because two known people are never made one without
being asked. A lead gets no second user id, nor a second id in the same other system: whoever logs in on a device that somebody else
has used is another person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from domain.identity.identifier import ANONYMOUS_ID, EMAIL, PHONE, Identifier

__all__ = ["Identified", "PossibleDuplicate", "Profile", "Resolution", "resolve_all"]

_MAY_BE_SEVERAL = frozenset({EMAIL, PHONE, ANONYMOUS_ID})
"""Kinds of which one person may have several values."""


class Identified(Struct, frozen=True):
    """The identifiers of one event, strongest first, and the lead that its sender names, if any."""

    identifiers: tuple[Identifier, ...]
    lead_id: str | None = None


class Profile(Struct, frozen=True):
    """The kinds of identifiers that a lead has, and whether a sender has named it by its own id."""

    kinds: frozenset[str] = frozenset()
    named: bool = False

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody knows who it is."""
        return not self.named and self.kinds <= {ANONYMOUS_ID}


class PossibleDuplicate(Struct, frozen=True):
    """Two known leads that an event with this kind of identifier was of, the lead of the event first."""

    lead_id: str
    other: str
    kind: str


@dataclass
class Resolution:
    """The stream of each event, and what follows: claims of new identifiers, merges of anonymous leads, possible duplicates."""

    streams: list[str] = field(default_factory=list)
    claims: list[tuple[Identifier, str, bool]] = field(default_factory=list)
    """Identifier, its stream, and whether that was named by the sender."""
    merges: list[tuple[str, str, str]] = field(default_factory=list)
    """The lead that becomes part, the lead that it is of then, and the kind of identifier that shows it."""
    duplicates: list[PossibleDuplicate] = field(default_factory=list)


def resolve_all(
    wanted: Iterable[Identified],
    owners: Mapping[Identifier, str],
    lead_of: Mapping[str, str],
    profiles: Mapping[str, Profile],
    new_id: Callable[[], str],
) -> Resolution:
    """The resolution of events as if they came one after the other.

    `owners` are the streams of known identifiers, `lead_of` the leads of streams that are merged, `profiles` those of the
    leads that more than one identifier of an event may concern.
    """
    known = _Known(dict(owners), dict(lead_of), dict(profiles))
    found = Resolution()
    for one in wanted:
        if (
            one.lead_id is None
            and one.identifiers
            and (stream := _only_stream(one.identifiers, known.owners))
        ):
            found.streams.append(stream)
        else:
            _resolve(one, known, found, new_id)
    return found


def _only_stream(identifiers: Sequence[Identifier], owners: Mapping[Identifier, str]) -> str | None:
    """The stream that all of them are known to be of: then nothing else follows. None if there is no such stream."""
    first = owners.get(identifiers[0])
    return first if all(owners.get(one) == first for one in identifiers[1:]) else None


@dataclass
class _Known:
    owners: dict[Identifier, str]
    lead_of: dict[str, str]
    profiles: dict[str, Profile]

    def lead(self, stream: str) -> str:
        while stream in self.lead_of and self.lead_of[stream] != stream:
            stream = self.lead_of[stream]
        return stream

    def profile(self, lead_id: str) -> Profile:
        return self.profiles.get(lead_id, Profile())

    def add(self, lead_id: str, kinds: Iterable[str], *, named: bool) -> None:
        before = self.profile(lead_id)
        self.profiles[lead_id] = Profile(before.kinds | frozenset(kinds), before.named or named)


def _resolve(one: Identified, known: _Known, found: Resolution, new_id: Callable[[], str]) -> None:
    stream = one.lead_id or _stream_of(one.identifiers, known) or new_id()
    lead_id, named = known.lead(stream), one.lead_id is not None
    new = [identifier for identifier in one.identifiers if identifier not in known.owners]
    found.claims += [(identifier, stream, named) for identifier in new]
    known.owners |= dict.fromkeys(new, stream)
    known.add(lead_id, (identifier.kind for identifier in new), named=named)
    found.streams.append(stream)
    for identifier in one.identifiers:
        other = known.lead(known.owners[identifier])
        if other == lead_id:
            continue
        if known.profile(other).is_anonymous:
            found.merges.append((other, lead_id, identifier.kind))
            known.lead_of[other] = lead_id
            known.add(lead_id, known.profile(other).kinds, named=False)
        else:
            found.duplicates.append(PossibleDuplicate(lead_id, other, identifier.kind))


def _stream_of(identifiers: Sequence[Identifier], known: _Known) -> str | None:
    """The stream of the strongest known identifier, unless a stronger new one says that it is somebody else's."""
    for identifier in identifiers:
        if identifier in known.owners:
            return known.owners[identifier]
        if identifier.kind not in _MAY_BE_SEVERAL and _belongs_to_others(identifier.kind, identifiers, known):
            return None
    return None


def _belongs_to_others(kind: str, identifiers: Sequence[Identifier], known: _Known) -> bool:
    """Whether the strongest known lead has another identifier of a kind of which a person has one."""
    owner = next((known.owners[one] for one in identifiers if one in known.owners), None)
    return owner is not None and kind in known.profile(known.lead(owner)).kinds
