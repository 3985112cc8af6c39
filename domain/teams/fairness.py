"""Weighted fair sharing by virtual clocks: the rep whose clock is least behind gets the next lead.

A clock advances by 1/weight per lead (start-time fair queueing; Goyal, Vin and Cheng 1996). Among reps who are always
present, leads per weight differ by at most the larger of 1/w_i and 1/w_j.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b

from msgspec import Struct
from msgspec.structs import replace

from domain.instant import Millis

__all__ = ["Clock", "Clocks", "charge", "choose", "credit", "join"]

_EPSILON = 1e-9
"""Virtual time. Sums of 1/weight in another order differ in the last bits; they must not decide."""


class Clock(Struct, frozen=True, rename="camel"):
    """The virtual time of one rep in one pool, and when the rep was last given a lead."""

    time: float = 0.0
    last_at: Millis = 0


Clocks = Mapping[str, Clock]
"""The clocks of a pool, by the rep's id."""


def choose(lead_id: str, present: Iterable[str], clocks: Clocks) -> str | None:
    """The present rep whose turn it is; None if nobody is present.

    Ties go to the rep who has waited longest since the last lead, then by a hash of lead and rep: never by the order
    in which reps were created.
    """
    reps = list(present)
    if not reps:
        return None
    least = min(clocks.get(rep, Clock()).time for rep in reps)
    tied = [rep for rep in reps if clocks.get(rep, Clock()).time <= least + _EPSILON]
    return min(tied, key=lambda rep: (clocks.get(rep, Clock()).last_at, _lot(lead_id, rep)))


def charge(clocks: Clocks, rep: str, weight: float, at: Millis) -> dict[str, Clock]:
    """The clocks after the rep was given a lead at `at`."""
    clock = clocks.get(rep, Clock())
    return {**clocks, rep: Clock(clock.time + 1 / weight, at)}


def credit(clocks: Clocks, rep: str, weight: float) -> dict[str, Clock]:
    """The clocks after a lead of the rep did not count: given back as junk, or taken away for being too slow."""
    clock = clocks.get(rep, Clock())
    return {**clocks, rep: replace(clock, time=clock.time - 1 / weight)}


def join(clocks: Clocks, rep: str, present: Iterable[str]) -> dict[str, Clock]:
    """The clocks after the rep joined, or came back from leave: level with the least of those present.

    Without it a newcomer would get every lead until level with reps who have worked for months.
    """
    others = [clocks[one].time for one in present if one != rep and one in clocks]
    clock = clocks.get(rep, Clock())
    return {**clocks, rep: replace(clock, time=max(clock.time, min(others, default=clock.time)))}


def _lot(lead_id: str, rep: str) -> bytes:
    return blake2b(f"{lead_id}\n{rep}".encode(), digest_size=8).digest()
