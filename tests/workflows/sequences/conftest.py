"""Words of tests about enrolled leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from domain.instant import HOUR
from domain.sequences.loader import parse_sequence
from engine.operations.audit_log import Actor
from engine.outreach.message import Author
from engine.sequences.enrolment import Enrolment
from workflows.sequences.activate import activate_sequence
from workflows.sequences.enrol import enrol_lead
from workflows.work.loops import drain

ME = Author("person", "person_1")
OPEN = '{days: [mon, tue, wed, thu, fri, sat, sun], opens: "00:00", closes: "24:00"}'
TWO_MAILS = """
  - {send: email, id: one, subject: "Hi {{firstName|there}}", text: First}
  - wait: {days: 2}
  - {send: email, id: two, subject: Again, text: Second}
  - {task: Call, id: call}
  - {addTag: nurtured, id: tag}
"""


@pytest.fixture
def activate(runtime):
    """Publish and activate a sequence of these steps that may send at any time."""

    async def activate(steps=TWO_MAILS, name="welcome", version=1, **more):
        frame = {"window": OPEN, "gap": "{hours: 1}", **more}
        lines = [f"name: {name}", f"version: {version}", *(f"{key}: {value}" for key, value in frame.items())]
        text = "\n".join([*lines, f"steps:{steps}"])
        await activate_sequence(runtime, Actor("person", "person_1"), parse_sequence(text), text)

    return activate


@pytest.fixture
def enrol(runtime, send, apply):
    """Enrol a lead that has an e-mail address."""

    async def enrol(lead_id="ada", sequence="welcome") -> Enrolment:
        await send(lead_id, "lead.updated", email=f"{lead_id}@example.com", firstName="Ada")
        await apply(lead_id)
        return await enrol_lead(runtime, ME, lead_id, sequence, "a test")

    return enrol


@pytest.fixture
def work(runtime, clock):
    """Do what is due, now and after so many hours."""

    async def work(*, after_hours=0.0) -> None:
        clock.at += round(after_hours * HOUR)
        await drain(runtime)

    return work


@pytest.fixture
def story_of(runtime):
    """What sequences and messages did to a lead: type, and step or reason."""

    async def story_of(lead_id="ada"):
        found = await runtime.capture.events.of_lead(lead_id)
        names = ("step", "reason")
        return [
            (one.type, next((one.properties[name] for name in names if name in one.properties), None))
            for one in found
            if one.type.startswith(("sequence.", "message."))
        ]

    return story_of


@dataclass
class Trial:
    """Everything that a test about sequences does."""

    runtime: Any
    clock: Any
    activate: Any
    enrol: Any
    work: Any
    send: Any
    apply: Any
    story_of: Any


@pytest.fixture
def trial(request):
    """The words of these tests in one."""
    return Trial(*(request.getfixturevalue(name) for name in Trial.__dataclass_fields__))
