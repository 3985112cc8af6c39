"""Steps of a sequence as people write them: one section per kind, named by its first field."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, get_args

from pydantic import Field, WrapValidator, model_validator

from domain.decisions.condition import ConditionSection
from domain.instant import DAY, HOUR, Millis
from domain.rule_language.one_kind import of_one_kind
from domain.rule_language.reference import Place, Reference
from domain.rule_language.section import Names, Number, Section, Slug
from domain.rule_language.where import WhereSection
from domain.rule_language.words import any_of, hours_in_words
from domain.sequences.duration import DurationSection
from domain.sequences.merge_fields import Template
from domain.sequences.program import LatePolicy

__all__ = [
    "AddTagStep",
    "AnyStep",
    "BranchStep",
    "EndStep",
    "HandOverStep",
    "RemoveTagStep",
    "SendStep",
    "Step",
    "TaskStep",
    "VariantSection",
    "WaitForStep",
    "WaitStep",
]

Channel = Literal["email", "whatsapp", "linkedin"]
Title = Annotated[str, Field(min_length=1, max_length=200)]


class Step(Section):
    """One step. `id` is how events and tasks call it; without one it is called by its place."""

    id: Slug | None = None

    @abstractmethod
    def describe(self) -> str:
        """The step in words."""

    def parts(self) -> Iterator[tuple[Place, str, Sequence[Step]]]:
        """The steps inside it, with the place they are written in and the words before them."""
        return iter(())

    def references(self) -> Iterator[Reference]:
        """The stages, risk bands and channels in it, which the active rulebook must define."""
        return iter(())


class _Wording(Section):
    subject: Template = Field("", max_length=200)
    text: Template = Field("", max_length=20_000)
    template: str = Field("", max_length=200)
    language: str = Field("", max_length=20)

    @property
    def says_something(self) -> bool:
        return bool(self.text or self.template)


class VariantSection(_Wording):
    """One of several wordings of a step; `weight` is its share."""

    name: Slug
    weight: Number = Field(1, gt=0, le=1000)


class SendStep(Step, _Wording):
    """A message to the lead, in the next hours of the send window.

    It has one wording, or `variants` of which each lead gets a fixed one. `late`: what becomes of it when it is more
    than `lateAfter` too late, because nothing ran: it is skipped, sent all the same, or the sequence ends.
    """

    send: Channel
    variants: tuple[VariantSection, ...] | None = Field(None, min_length=2, max_length=10)
    late: LatePolicy = "skip"
    late_after: DurationSection = DurationSection(days=1)

    @model_validator(mode="after")
    def _has_words(self) -> SendStep:
        wordings: Sequence[_Wording] = self.variants or (self,)
        if self.variants and self.says_something:
            raise ValueError("has a text beside its variants; keep one of them")
        if not all(one.says_something for one in wordings):
            raise ValueError("has nothing to say; write a text, or a template of WhatsApp")
        if self.send == "email" and not all(one.subject or self.subject for one in wordings):
            raise ValueError("is an e-mail without a subject; write one")
        names = [one.name for one in self.variants or ()]
        if len(names) != len(set(names)):
            raise ValueError("two variants have the same name; give each its own")
        return self

    def describe(self) -> str:
        late = {"skip": "skipped", "send": "sent all the same", "end": "the end of the sequence"}[self.late]
        shares = [f"{one.name} ({one.weight:g})" for one in self.variants or ()]
        what = f"one of {', '.join(shares)}, fixed for each lead" if shares else _named(self)
        return f"Send by {self.send}: {what}. When {self.late_after.describe()} late: {late}."


def _named(wording: _Wording) -> str:
    return f'"{wording.subject or wording.template or wording.text.strip().splitlines()[0][:60]}"'


class WaitStep(Step):
    """A pause. Days are those of the calendar where the recipient lives."""

    wait: DurationSection

    def describe(self) -> str:
        return f"Wait {self.wait.describe()}."


class WaitForStep(Step):
    """A pause until one of these events comes, at most `within` a time; `then` these steps, `otherwise` those."""

    wait_for: Names
    where: WhereSection = WhereSection()
    within: DurationSection
    then: tuple[AnyStep, ...] = ()
    otherwise: tuple[AnyStep, ...] = ()

    def describe(self) -> str:
        where = "" if self.where.is_empty else f", if {self.where.describe()}"
        return f"Wait for {any_of(self.wait_for)}{where}, at most {self.within.describe()}."

    def parts(self) -> Iterator[tuple[Place, str, Sequence[Step]]]:
        yield ("then",), "If it comes:", self.then
        yield ("otherwise",), "If it does not:", self.otherwise


class CaseSection(Section):
    """A case of a branch: all of `lead`, `attributes` and `event` (since the enrolment) that are given must hold."""

    lead: ConditionSection | None = None
    attributes: WhereSection | None = None
    event: Names | None = None
    then: tuple[AnyStep, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _asks_something(self) -> CaseSection:
        if self.given_count == 1 or (self.lead or self.attributes or self.event) is None:
            raise ValueError("asks for nothing; say at least one of lead, attributes, event")
        for name, part in (("lead", self.lead), ("attributes", self.attributes)):
            if part is not None and part.is_empty:
                raise ValueError(f"{name} is empty, so that it always holds; fill it in or remove it")
        return self

    def describe(self) -> str:
        """The test in words."""
        said = [self.lead.describe()] if self.lead else []
        said += [self.attributes.describe()] if self.attributes else []
        said += [f"{any_of(self.event)} has happened"] if self.event else []
        return " and ".join(said)


class BranchStep(Step):
    """Cases, of which the first that holds is taken, and `otherwise` if none does."""

    branch: tuple[CaseSection, ...] = Field(min_length=1, max_length=20)
    otherwise: tuple[AnyStep, ...] = ()

    def describe(self) -> str:
        return "Go on by the first of these that holds."

    def parts(self) -> Iterator[tuple[Place, str, Sequence[Step]]]:
        for number, case in enumerate(self.branch):
            yield ("branch", number, "then"), f"If {case.describe()}:", case.then
        yield ("otherwise",), "Otherwise:", self.otherwise

    def references(self) -> Iterator[Reference]:
        for number, case in enumerate(self.branch):
            for kind, names, place in case.lead.references() if case.lead else ():
                yield Reference(kind, names, ("branch", number, "lead", *place))


class TaskStep(Step):
    """A task on the reps' list."""

    task: Title
    due_in_hours: Number = Field(24, gt=0, le=24 * 365)
    priority: Literal["low", "normal", "high"] = "normal"

    @property
    def due_in(self) -> Millis:
        """Milliseconds until it is due."""
        return round(self.due_in_hours * HOUR)

    def describe(self) -> str:
        due = hours_in_words(self.due_in_hours)
        return f'Create a task "{self.task}", due in {due}, priority {self.priority}.'


class HandOverStep(Step):
    """The end of the sequence, with a task for the owner of the lead to go on by hand."""

    hand_over: Title
    priority: Literal["low", "normal", "high"] = "high"

    @property
    def due_in(self) -> Millis:
        """Milliseconds until the task is due."""
        return DAY

    def describe(self) -> str:
        return f'Hand the lead over to a person with the task "{self.hand_over}", and end.'


class AddTagStep(Step):
    """A tag that the lead gets."""

    add_tag: Slug

    def describe(self) -> str:
        return f"Add the tag {self.add_tag}."


class RemoveTagStep(Step):
    """A tag that the lead loses."""

    remove_tag: Slug

    def describe(self) -> str:
        return f"Remove the tag {self.remove_tag}."


class EndStep(Step):
    """The end of the sequence, with a reason."""

    end: Slug

    def describe(self) -> str:
        return f"End: {self.end}."


_Kind = (
    SendStep
    | WaitStep
    | WaitForStep
    | BranchStep
    | TaskStep
    | HandOverStep
    | AddTagStep
    | RemoveTagStep
    | EndStep
)

AnyStep = Annotated[_Kind, WrapValidator(of_one_kind(Step, get_args(_Kind)))]
"""A step as written: a section with the field of exactly one kind. A new kind is registered in the union above."""

for _kind in (WaitForStep, CaseSection, BranchStep):
    _kind.model_rebuild()
