"""An enrolment: one lead in one version of a sequence, as a unit of due work that is due when its next step is."""

from __future__ import annotations

from msgspec import Struct

from domain.instant import Millis
from domain.sequences.decide import Effect, Progress
from engine.work.unit import Unit

__all__ = ["SEQUENCE", "Ending", "Enrolment", "Refusal"]

SEQUENCE = "sequence"
"""The kind of due work that enrolments are."""


class Refusal(Struct, frozen=True):
    """Why a lead may not be enrolled: a code, such as `in-sequence`, and a sentence."""

    code: str
    detail: str


class Ending(Struct, frozen=True, rename="camel"):
    """How an enrolment ended: a reason of the decider or of a stop, `manual`, `holdout` or `erased`."""

    reason: str
    at: Millis
    event_id: str | None = None
    why: str = ""


class Enrolment(Unit, frozen=True, kw_only=True):
    """A lead in a sequence. Its definition is frozen: `label` is the version that it was enrolled in.

    `pending` are the effects that were decided on and not yet carried out to the end, decided at `decided_at`. `author`
    is the kind and the id of who enrolled the lead.
    """

    lead_id: str
    sequence: str
    label: str
    progress: Progress
    enrolled_at: Millis
    author: tuple[str, str]
    why: str = ""
    pending: tuple[Effect, ...] = ()
    decided_at: Millis = 0
    ending: Ending | None = None

    @property
    def is_active(self) -> bool:
        """Whether it goes on."""
        return self.ending is None

    @property
    def log_context(self) -> dict[str, str | None]:
        """The ids that every log line of an attempt carries."""
        return {"leadId": self.lead_id, "enrolmentId": self.unit_id}
