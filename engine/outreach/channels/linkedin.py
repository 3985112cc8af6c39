"""LinkedIn: a task for the rep, who sends the message by hand; LinkedIn has no API for it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from engine.outreach.channels.channel import Accepted, HandOver, Letter, Sent

__all__ = ["LinkedInTask"]

_PROFILE = re.compile(r"https://([a-z]{2,3}\.)?linkedin\.com/in/[\w%-]{2,100}/?")

CreateTask = Callable[[Letter], Awaitable[str]]
"""Stores the task that this message is; the same message again is the same task. Returns its id."""


class LinkedInTask:
    """Makes a task of the message; it counts as sent when the rep completes the task."""

    channel = "linkedin"
    name = "task"

    def __init__(self, create_task: CreateTask) -> None:
        self._create_task = create_task

    def recipient_fault(self, to: str) -> str | None:
        return None if _PROFILE.fullmatch(to) else "is not the address of a LinkedIn profile"

    async def send(self, letter: Letter, hand_over: HandOver) -> Sent:
        await hand_over()
        return Accepted(await self._create_task(letter))

    async def close(self) -> None:
        """Nothing is open."""
