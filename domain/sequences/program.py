"""Sequences in executable form: a list of nodes that only lead forward, so that every path ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from domain.decisions.assessment import Measurements
from domain.decisions.condition import Condition
from domain.events.event import Event, Json
from domain.instant import Millis
from domain.replies.opt_out_event import counts_as
from domain.rule_language.where import Where
from domain.sequences.duration import Duration
from domain.sequences.stops import StopKind
from domain.sequences.window import SendWindowSection

__all__ = [
    "Branch",
    "BranchTest",
    "ChangeTag",
    "CreateTask",
    "End",
    "LatePolicy",
    "Node",
    "Program",
    "Send",
    "Variant",
    "Wait",
    "WaitFor",
]

LatePolicy = Literal["skip", "send", "end"]


class Variant(Struct, frozen=True):
    """One wording of a step; texts have merge fields that are not filled in yet."""

    name: str
    subject: str
    text: str
    template: str
    language: str
    weight: float


class Send(Struct, frozen=True, tag="send"):
    """A message. `late` says what becomes of it once it is `late_after` milliseconds too late."""

    key: str
    next: int
    channel: str
    variants: tuple[Variant, ...]
    late: LatePolicy
    late_after: Millis


class Wait(Struct, frozen=True, tag="wait"):
    """A pause."""

    key: str
    next: int
    duration: Duration


class WaitFor(Struct, frozen=True, tag="waitFor"):
    """A pause until one of these events, `within` the time: then `next`, else `otherwise`."""

    key: str
    next: int
    otherwise: int
    types: frozenset[str]
    where: Where
    within: Duration


class BranchTest(Struct, frozen=True):
    """A test on a lead: on what is measured of it, on its attributes, and on what has happened since the enrolment."""

    lead: Condition | None
    attributes: Where | None
    event: frozenset[str]

    def holds(self, measured: Measurements, attributes: dict[str, Json], events: Sequence[Event]) -> bool:
        """Whether every part that is given holds."""
        return (
            (self.lead is None or self.lead.holds(measured))
            and (self.attributes is None or self.attributes.holds(attributes))
            and (not self.event or any(counts_as(event, self.event) for event in events))
        )


class Branch(Struct, frozen=True, tag="branch"):
    """The first case whose test holds leads on to its node; without one, `next`."""

    key: str
    next: int
    cases: tuple[tuple[BranchTest, int], ...]


class CreateTask(Struct, frozen=True, tag="task"):
    """A task for a person; `ends` hands the lead over, so that the sequence is over."""

    key: str
    next: int
    title: str
    priority: str
    due_in: Millis
    ends: bool


class ChangeTag(Struct, frozen=True, tag="tag"):
    """A tag that the lead gets or loses."""

    key: str
    next: int
    tag: str
    removes: bool


class End(Struct, frozen=True, tag="end"):
    """The end of a path, with a reason of the author's."""

    key: str
    next: int
    reason: str


Node: TypeAlias = Send | Wait | WaitFor | Branch | CreateTask | ChangeTag | End


class Program(Struct, frozen=True):
    """A sequence in executable form. Each node leads to greater indices only; one beyond the last is the end.

    `gap`: milliseconds between two messages to a lead, over all sequences. `away`: how long it pauses after a note of
    absence without a day of return. `every` is how long after its last enrolment
    a lead may be enrolled again; None for never.
    """

    name: str
    label: str
    nodes: tuple[Node, ...]
    window: SendWindowSection
    gap: Millis
    away: Duration
    stop: frozenset[StopKind]
    holdout: float
    fallback_zone: str
    exclusive: bool
    every: Millis | None

    @property
    def event_types(self) -> frozenset[str]:
        """The types of events that a step waits for or asks for."""
        waited = [node.types for node in self.nodes if isinstance(node, WaitFor)]
        asked = [test.event for node in self.nodes if isinstance(node, Branch) for test, _ in node.cases]
        return frozenset[str]().union(*waited, *asked)
