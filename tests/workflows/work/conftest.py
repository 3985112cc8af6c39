"""Every kind of due work with its real store and policy, and an effect in the test's hands."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from domain.automations.firing import Firing
from domain.replies.reply_event import reading_id
from domain.sequences.compiler import compile_sequence
from domain.sequences.decide import Progress
from domain.sequences.loader import parse_sequence
from engine.capture.stored_event import StoredEvent
from engine.outreach.message import Author, Message
from engine.sequences.enrolment import Enrolment
from engine.store.mongo import transact
from engine.teams.hand_over import Wish
from engine.webhooks.message import test_message as message_of_a_test
from engine.work.attempt import attempt
from engine.work.kind import WorkKind
from engine.work.outcome import Outcome
from workflows.work.kinds import work_kinds

KINDS = (
    "automation",
    "webhook",
    "routing",
    "first-touch",
    "hand-over",
    "import",
    "message",
    "sequence",
    "reply",
    "campaign",
    "pass-share",
)
_PROGRAM = compile_sequence(parse_sequence("name: trial\nversion: 1\nsteps: [{wait: {days: 1}}]"))
WORKED = Outcome(verdict="done", detail="it worked")


@dataclass
class Effect:
    """The effect of units: it counts calls, and is where a worker can be made to hang or die."""

    calls: Counter[str] = field(default_factory=Counter)
    outcome: Outcome = WORKED
    before: Any = None

    async def __call__(self, unit) -> Outcome:
        self.calls[unit.unit_id] += 1
        if self.before is not None:
            await self.before(unit)
        return self.outcome


@dataclass(repr=False)
class Subject:
    """One kind under test."""

    runtime: Any
    clock: Any
    kind: WorkKind
    effect: Effect
    added: int = 0

    @property
    def store(self):
        return self.kind.store

    async def add(self, number: int = 1, *, key: str = "") -> list[str]:  # noqa: C901, PLR0911, PLR0912 - one for each kind
        """Store so many units that are due now; `key` is the receiver that they share."""
        names = [f"unit-{self.added + one}" for one in range(number)]
        self.added += number
        if self.kind.name == "webhook":
            if not key:  # one message to so many receivers
                return await self.store.add(message_of_a_test("m", self.clock.at), names, self.clock.at)
            messages = [message_of_a_test(name, self.clock.at) for name in names]
            return [(await self.store.add(one, [key], self.clock.at))[0] for one in messages]
        if self.kind.name == "routing":
            return await self.store.add(dict.fromkeys(names, 1), self.clock.at)
        if self.kind.name == "first-touch":
            at = self.clock.at
            return [await self.store.add(name, name, "person_1", at, at, at) for name in names]
        if self.kind.name == "hand-over":
            return [await self._hand_over(name) for name in names]
        if self.kind.name == "import":
            for name in names:
                await self.store.add(name, "leads.csv", ".csv", "", "", self.clock.at, dry_run=False)
            return names
        if self.kind.name == "reply":
            replies = [StoredEvent(1, name, {"leadId": name, "eventId": name}) for name in names]
            await self.store.add(replies, self.clock.at)
            return [reading_id(name, name) for name in names]
        if self.kind.name == "sequence":
            return [(await self.store.add(self._enrolment(name), _PROGRAM, ())).unit_id for name in names]
        if self.kind.name == "campaign":
            at = self.clock.at
            for name in names:
                add = partial(self.store.add, name, "run", 1, at, at)
                await transact(self.runtime.store.client, add)
            return [f"{name}:run:1" for name in names]
        if self.kind.name == "pass-share":
            at = self.clock.at
            add = partial(self.store.add, "verify", number, at, at)
            pass_id = await transact(self.runtime.store.client, add)
            return [f"{pass_id}:{one + 1}" for one in range(number)]
        if self.kind.name == "message":
            for name in names:
                await self.store.add(self._message(name, key))
            return names
        firings = [
            Firing(
                lead_id=name,
                rule_id="rule",
                date_bucket="2026-11-22",
                cause_position=1,
                action={"type": "tag", "tag": "hot"},
                facts={},
            )
            for name in names
        ]
        return await transact(
            self.runtime.store.client, lambda session: self.store.add(firings, self.clock.at, session)
        )

    def _message(self, name: str, key: str) -> Message:
        return Message(
            unit_id=name,
            lead_id=name,
            state="waiting",
            created_at=self.clock.at,
            due_at=self.clock.at,
            channel="email",
            bucket=key or name,
            author=Author("key", "tests"),
            why="",
            sealed="",
            content_hash="",
        )

    def _enrolment(self, name: str) -> Enrolment:
        return Enrolment(
            unit_id=name,
            lead_id=name,
            state="waiting",
            created_at=self.clock.at,
            due_at=self.clock.at,
            sequence=_PROGRAM.name,
            label=_PROGRAM.label,
            progress=Progress(0, self.clock.at),
            enrolled_at=self.clock.at,
            author=("key", "tests"),
        )

    async def _hand_over(self, person_id: str) -> str:
        wish, at = Wish(to="nobody", owner_id=None, why=""), self.clock.at
        add = partial(self.store.add, person_id, wish, "a test", at)
        return (await transact(self.runtime.store.client, add)).unit_id

    async def claim(self, *unit_ids: str):
        return await self.store.claim(unit_ids, self.clock.at, self.kind.policy.lease)

    async def attempt(self, unit_id: str) -> bool:
        """Attempt the unit if it is due, in this task, which can die of it; whether it was due."""
        claimed = await self.claim(unit_id)
        for unit in claimed:
            await attempt(self.kind, unit, self.clock)
        return bool(claimed)

    def with_policy(self, **different: Any) -> WorkKind:
        policy = {name: getattr(self.kind.policy, name) for name in self.kind.policy.__struct_fields__}
        return dataclasses.replace(self.kind, policy=type(self.kind.policy)(**{**policy, **different}))

    def wait_for_the_lease(self) -> None:
        self.clock.at += self.kind.policy.lease


@pytest.fixture
def subject_of(runtime, clock):
    """A function that makes the subject of a kind."""

    def subject_of(name: str) -> Subject:
        (kind,) = [one for one in work_kinds(runtime) if one.name == name]
        effect = Effect()
        return Subject(runtime, clock, dataclasses.replace(kind, perform=effect), effect)

    return subject_of


@pytest.fixture(params=KINDS)
def subject(request, subject_of) -> Subject:
    """Each kind in turn."""
    return subject_of(request.param)
