"""Actions of automations: one section per kind, as rulebooks write it and executions store it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from domain.rule_language.section import Number, Section, Slug
from domain.rule_language.words import hours_in_words

__all__ = ["Action", "EnrolAction", "EventAction", "TagAction", "TaskAction", "WebhookAction"]


class TaskAction(Section):
    """Put a task on the reps' list."""

    type: Literal["task"]
    title: str = Field(min_length=1, max_length=200)
    due_in_hours: Number = Field(24, gt=0, le=24 * 365)
    priority: Literal["low", "normal", "high"] = "normal"

    def describe(self) -> str:
        """The task in words."""
        due = hours_in_words(self.due_in_hours)
        return f'a task "{self.title}", due in {due}, priority {self.priority}'


class TagAction(Section):
    """Put a tag on the lead."""

    type: Literal["tag"]
    tag: Slug

    def describe(self) -> str:
        """The tag in words."""
        return f"the tag {self.tag}"


class WebhookAction(Section):
    """Send a message about the lead to every webhook endpoint that subscribes to `event`."""

    type: Literal["webhook"]
    event: str = Field(pattern=r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$", max_length=100)

    def describe(self) -> str:
        """The message in words."""
        return f"a webhook {self.event}"


class EventAction(Section):
    """Append an event of our own to the lead's stream, for other automations and for history."""

    type: Literal["event"]
    event: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_.:-]*$", max_length=100)

    def describe(self) -> str:
        """The event in words."""
        return f"an event {self.event} in the lead's stream"


class EnrolAction(Section):
    """Enrol the lead in the active version of a sequence."""

    type: Literal["enrol"]
    sequence: Slug

    def describe(self) -> str:
        """The enrolment in words."""
        return f"the sequence {self.sequence}"


Action = Annotated[
    TaskAction | TagAction | WebhookAction | EventAction | EnrolAction, Field(discriminator="type")
]
"""An action as written. A new kind is one class, registered here, and one performer in the engine."""
