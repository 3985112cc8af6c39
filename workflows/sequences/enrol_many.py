"""Enrolment of many leads at once: what became of each, or what would become of it, with the reason of each refusal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from hashlib import blake2b
from typing import Literal

from msgspec import Struct

from domain.errors import Conflict, Invalid, NotFound
from domain.sequences.program import Program
from domain.sequences.variants import is_held_out
from engine.outreach.message import Author
from engine.runtime import Runtime
from engine.sequences.enrolment import Enrolment, Refusal
from workflows.sequences.enrol import enrol_lead, enrolment_refusal

__all__ = ["MAX_LEADS", "EnrolMany", "EnrolledLead", "enrol_many"]

MAX_LEADS = 200
"""Leads of one call."""
_AT_A_TIME = 16

Status = Literal["enrolled", "held-out", "refused"]


class EnrolMany(Struct, frozen=True, kw_only=True):
    """The wish to enrol these leads. With `key` a repeated call finds what the first one has stored; a dry run stores nothing."""

    sequence: str
    lead_ids: Sequence[str]
    why: str = ""
    key: str | None = None
    dry_run: bool = False


class EnrolledLead(Struct, frozen=True):
    """What became of one lead. `held-out`: it is enrolled and gets nothing. A dry run has no ids of enrolments."""

    lead_id: str
    status: Status
    enrolment_id: str | None = None
    refusal: Refusal | None = None


async def enrol_many(runtime: Runtime, author: Author, wanted: EnrolMany) -> list[EnrolledLead]:
    """Enrol each lead that may be. Returns one result per lead, in their order.

    Repeating the call enrols nobody twice. Raises `NotFound` if no version of the sequence is active.
    """
    program = await runtime.sequences.library.active(wanted.sequence)
    results: list[EnrolledLead] = []
    for start in range(0, len(wanted.lead_ids), _AT_A_TIME):
        some = wanted.lead_ids[start : start + _AT_A_TIME]
        results += await asyncio.gather(*(_one(runtime, author, wanted, program, one) for one in some))
    return results


async def _one(
    runtime: Runtime, author: Author, wanted: EnrolMany, program: Program, lead_id: str
) -> EnrolledLead:
    unit_id = _enrolment_id(author, wanted, lead_id)
    if unit_id and (stored := await runtime.sequences.enrolments.find(unit_id)) is not None:
        return _enrolled(stored)  # by an earlier call under the same key
    refusal = await enrolment_refusal(runtime, lead_id, program)
    if refusal is not None:
        return EnrolledLead(lead_id, "refused", None, refusal)
    if wanted.dry_run:
        is_out = is_held_out(program.holdout, lead_id, program.name)
        return EnrolledLead(lead_id, "held-out" if is_out else "enrolled")
    try:
        return _enrolled(await enrol_lead(runtime, author, lead_id, program.name, wanted.why, unit_id))
    except (Conflict, NotFound, Invalid) as error:
        refusal = await _refused_meanwhile(runtime, program, lead_id, error)
        return EnrolledLead(lead_id, "refused", None, refusal)


async def _refused_meanwhile(
    runtime: Runtime, program: Program, lead_id: str, error: Conflict | NotFound | Invalid
) -> Refusal:
    """Why a lead was refused that could be enrolled when it was looked at: another call was faster, or it was erased."""
    if isinstance(error, NotFound):
        return Refusal("not-found", "There is no such lead any more.")
    if isinstance(error, Invalid):
        return Refusal("invalid", "; ".join(fault.detail for fault in error.faults))
    return await enrolment_refusal(runtime, lead_id, program) or Refusal("conflict", str(error))


def _enrolled(enrolment: Enrolment) -> EnrolledLead:
    is_out = enrolment.ending is not None and enrolment.ending.reason == "holdout"
    return EnrolledLead(enrolment.lead_id, "held-out" if is_out else "enrolled", enrolment.unit_id)


def _enrolment_id(author: Author, wanted: EnrolMany, lead_id: str) -> str:
    """The id under the idempotency key of the call; empty without one."""
    if wanted.key is None:
        return ""
    made_of = f"{author.kind}\x1f{author.id}\x1f{wanted.sequence}\x1f{lead_id}\x1f{wanted.key}"
    return f"enr_{blake2b(made_of.encode(), digest_size=16).hexdigest()}"
