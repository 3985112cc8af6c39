"""What becomes of one lead of a campaign: its result, and the codes of the reasons against it."""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

__all__ = ["RESULTS", "Result", "TurnReason"]

Result = Literal["present", "waiting", "underWay", "done", "withheld", "failed"]
"""`present`: in the audience of a triggered campaign at its start, and so not entering. `waiting`: its turn has not come.
`underWay`: its message is planned. `done`: its message was sent, or it was enrolled. `withheld`: it gets nothing, for a
reason. `failed`: its message could not be sent."""

RESULTS: tuple[Result, ...] = get_args(Result)


class TurnReason(Struct, frozen=True):
    """A reason against a lead: a code, such as `opted-out`, and a sentence."""

    code: str
    detail: str
