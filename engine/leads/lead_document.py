"""The document of a folded lead: one JSON state, and beside it the fields that lists filter and sort by."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from msgspec import UNSET
from msgspec.structs import force_setattr, replace
from pymongo import ASCENDING, DESCENDING, IndexModel

from domain.accounts.company import Company
from domain.decisions.assessment import Assessment
from domain.decisions.outcome import OPEN, Outcome
from domain.errors import LeadEngineError
from domain.events.applied_positions import AppliedPositions
from domain.instant import Millis
from domain.leads.state import FOLD_VERSION, LeadState
from domain.outreach.lead_status import NEW, lead_status
from engine.leads.lead_pages import OF_ACCOUNT, TAGGED, WITH_STATUS
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Document

__all__ = [
    "LEADS",
    "NAMES_ACCOUNT",
    "NAMING_ACCOUNT",
    "OF_ACCOUNT",
    "WAITING",
    "WAITING_BY_OWNER",
    "LeadSummary",
    "Shown",
    "StateWrite",
    "StoredLead",
    "UnreadableLead",
    "applied_fields",
    "applied_in",
    "folded_under",
    "shown_fields",
    "stale_under",
    "state_of",
    "stored_lead",
    "summary_of",
    "to_document",
]

WAITING = [("waitingSince", ASCENDING), ("_id", ASCENDING), ("ownerId", ASCENDING)]
"""Of leads that wait for an answer only, which are few."""

WAITING_BY_OWNER = [("ownerId", ASCENDING), ("waitingSince", ASCENDING), ("_id", ASCENDING)]
"""Of them too, for the queue of one rep."""

NAMING_ACCOUNT: list[tuple[str, int]] = [
    ("account", ASCENDING),
    ("company.namedAt", DESCENDING),
    ("_id", ASCENDING),
    ("ownerId", ASCENDING),
]
"""Of leads whose events name their company, the latest first."""
NAMES_ACCOUNT: Document = {"company.namedAt": {"$exists": True}}

LEADS = CollectionSpec(
    "leads",
    Distribution.BY_LEAD,
    (
        *(
            IndexModel([(field, DESCENDING), ("_id", ASCENDING)])
            for field in ("score", "lastActivityAt", "velocity")
        ),
        IndexModel([("stage", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("risk", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("outcome", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel(
            [("tags", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)],
            partialFilterExpression=TAGGED,
        ),
        IndexModel(
            [("status", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)],
            partialFilterExpression=WITH_STATUS,
        ),
        IndexModel([("ownerId", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("ownerId", ASCENDING), ("stage", ASCENDING), ("score", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("foldedUnder", ASCENDING)]),
        IndexModel([("dueAt", ASCENDING)]),
        IndexModel(OF_ACCOUNT, partialFilterExpression={"account": {"$exists": True}}),
        IndexModel(NAMING_ACCOUNT, partialFilterExpression=NAMES_ACCOUNT),
        *(
            IndexModel(keys, partialFilterExpression={"waitingSince": {"$exists": True}})
            for keys in (WAITING, WAITING_BY_OWNER)
        ),
    ),
    superseded_indexes=("rulebook_1", "waitingSince_1_ownerId_1"),
)


class UnreadableLead(LeadEngineError):
    """The stored state of a lead cannot be decoded by this program; it can be rebuilt from the lead's events."""

    def __init__(self, lead_id: str, reason: str) -> None:
        super().__init__(f"The stored state of lead {lead_id} cannot be read: {reason}")
        self.lead_id = lead_id


class LeadSummary(msgspec.Struct, frozen=True, rename="camel"):
    """A lead in a list, as it was at `scored_at`: when it was written last, or looked at because time had changed it."""

    lead_id: str
    position: int
    score: float
    stage: str
    velocity: float
    risk: str
    next_action: str
    outcome: str
    status: str
    scored_at: int
    last_activity_at: int | None
    tags: tuple[str, ...]
    owner_id: str | None
    rulebook: str
    account_id: str | None = None
    """The account of its group, else of the domain of its e-mail address."""


class StoredLead(NamedTuple):
    """A lead as it is stored, its state not decoded yet: to compare texts takes a fifth of the time of decoding one."""

    lead_id: str
    applied: AppliedPositions
    folded_under: str
    text: object
    """The encoded state; whatever else may stand there."""
    shown_score: float = 0.0
    """The score that lists show."""

    def is_current(self, label: str) -> bool:
        """Whether this program has folded it under the rulebook of this label, and written its history."""
        return self.folded_under == folded_under(label)

    def is_read_under(self, label: str) -> bool:
        """Whether its state is that of the rulebook, while its history may still be that of the one before."""
        return self.is_current(label) or self.folded_under.startswith(f"{folded_under(label)}, ")

    def holds(self, state: LeadState) -> bool:
        """Whether this is the state, bit for bit. One that cannot be read is not."""
        if (self.applied, self.text) == (state.applied, encoded(state)):
            return True
        try:
            return self.decode() == state  # what an earlier release wrote need not be the same text
        except UnreadableLead:
            return False

    def decode(self) -> LeadState:
        """The state. Raises `UnreadableLead`."""
        return state_of({"_id": self.lead_id, "state": self.text, **applied_fields(self.applied)})


class Shown(NamedTuple):
    """What lists show of a lead, and when time may change it: look at it again at `due_at`, None for never."""

    assessment: Assessment
    due_at: Millis | None


class StateWrite(NamedTuple):
    """A lead's new state, what it had applied when it was read, None if it was not there, and what lists show of it."""

    state: LeadState
    read_at: AppliedPositions | None
    shown: Shown


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(LeadState)


def state_of(doc: Document) -> LeadState:
    try:
        state, applied = _decoder.decode(doc["state"]), applied_in(doc)
    except (KeyError, TypeError, msgspec.DecodeError) as error:
        raise UnreadableLead(doc["_id"], str(error)) from error
    # Nobody else holds it yet, so it may be changed in place: a copy would cost a tenth of the decoding.
    force_setattr(state, "lead_id", doc["_id"])
    force_setattr(state, "position", applied.last)
    if applied.elsewhere:
        force_setattr(state, "elsewhere", applied.elsewhere)
    return state


def applied_in(doc: Document) -> AppliedPositions:
    """How far the lead of a document has been applied."""
    return AppliedPositions(int(doc["position"]), tuple(doc.get("elsewhere", ())))


def applied_fields(applied: AppliedPositions) -> Document:
    """The fields that say how far a lead has been applied: one number but for streams of several partitions."""
    if not applied.elsewhere:
        return {"position": applied.last}
    return {"position": applied.last, "elsewhere": list(applied.elsewhere)}


def stored_lead(doc: Document) -> StoredLead:
    return StoredLead(
        doc["_id"], applied_in(doc), doc.get("foldedUnder", ""), doc.get("state"), doc.get("score", 0.0)
    )


def encoded(state: LeadState) -> str:
    """The state as one JSON text, without id and positions, which are fields of the document.

    It is read and written whole, ten times as fast as a nested document.
    """
    return _encoder.encode(replace(state, lead_id="", position=0, elsewhere=UNSET)).decode()


def folded_under(label: str, fold_version: int = FOLD_VERSION, *, history_of: str = "") -> str:
    """The rulebook and the version of the fold in one text, which an index finds; whose the history is, if not the same."""
    return f"{label} fold {fold_version}" + (f", history of {history_of}" if history_of else "")


def stale_under(label: str) -> Document:
    return {"foldedUnder": {"$ne": folded_under(label)}}


def to_document(change: StateWrite) -> Document:
    state = change.state
    return {
        "_id": state.lead_id,
        **applied_fields(state.applied),
        **shown_fields(change.shown),
        "lastActivityAt": to_bson(
            state.last_activity_at or 0
        ),  # a date for every lead: nothing is before or after null
        "tags": list(state.tags),
        "ownerId": state.owner_id,
        "rulebook": state.rulebook,
        "foldedUnder": folded_under(state.rulebook, state.fold_version),
        "state": encoded(state),
        **_status(change.state),
        **_waiting(change),
        **_company(state.company),
    }


def _status(state: LeadState) -> Document:
    """The status of a lead that is no longer new: most are, and cost the fold no key of an index."""
    name = lead_status(state.outcome, state.correspondence).name
    return {} if name == NEW else {"status": name}


def _company(company: Company | None) -> Document:
    """The account, and what the lead's events call it."""
    if company is None or not company.account:
        return {}
    if not company.named_at:
        return {"account": company.account}
    said = {
        "name": company.name,
        "domain": company.group_domain,
        "namedAt": to_bson(company.named_at),
    }
    return {"account": company.account, "company": said}


def _waiting(change: StateWrite) -> Document:
    """Since when an open lead waits for an answer, if it does and may be contacted."""
    assessment = change.shown.assessment
    if not assessment.open_conversation or assessment.suppressed or assessment.outcome != OPEN:
        return {}
    return {"waitingSince": to_bson(change.state.contact.opened_at)}


def shown_fields(shown: Shown) -> Document:
    assessment = shown.assessment
    return {
        "score": assessment.score,
        "stage": assessment.stage,
        "velocity": assessment.velocity,
        "risk": assessment.risk,
        "nextAction": assessment.next_action,
        "outcome": assessment.outcome,
        "scoredAt": to_bson(assessment.at),
        "dueAt": None if shown.due_at is None else to_bson(shown.due_at),
    }


def summary_of(doc: Document) -> LeadSummary:
    last = from_bson(doc["lastActivityAt"])
    return LeadSummary(
        lead_id=doc["_id"],
        position=doc["position"],
        score=doc["score"],
        stage=doc["stage"],
        velocity=doc["velocity"],
        risk=doc["risk"],
        next_action=doc["nextAction"],
        outcome=doc.get("outcome", OPEN),  # a lead that no release since 0.2 has written
        status=_status_of(doc),
        scored_at=from_bson(doc["scoredAt"]),
        last_activity_at=last or None,
        tags=tuple(doc["tags"]),
        owner_id=doc.get("ownerId"),
        rulebook=doc["rulebook"],
        account_id=doc.get("account"),
    )


def _status_of(doc: Document) -> str:
    """The status as it is stored; of a lead that no release with statuses has written, what its outcome says."""
    if (stored := doc.get("status")) is not None:
        return str(stored)
    return lead_status(Outcome(doc.get("outcome", OPEN)), None).name
