"""Ways in which a lead's events arrive: late, in any order, in batches, more than once, with jobs and reads in between."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from hypothesis import strategies as st

from tests.reference.calculation import Fact
from tests.reference.calculation.facts import DAY, HOUR, MINUTE

LATENESS = (-3 * MINUTE, 0, 0, 0, 1, HOUR, 5 * DAY, 40 * DAY, 200 * DAY)
"""Before 0 the sender's clock is ahead: such an event alone counts as of its arrival."""


class Then(Enum):
    """What the engine does after a batch has arrived."""

    NOTHING = "nothing"
    PROCESS = "process"
    READ = "process and read"
    DECAY = "process and run the decay job"


@dataclass(frozen=True)
class Batch:
    """Facts that arrive in one request at a moment; some may have arrived before."""

    at: int
    facts: tuple[Fact, ...]
    then: Then

    @property
    def sender_ahead(self) -> int:
        """By how many milliseconds the sender's clock shows itself to be ahead: several events that are all of the future,
        by amounts that differ by ten minutes at most, are as much too late as the latest of them."""
        times = [fact.occurred_at for fact in self.facts]
        is_one_clock = len(times) > 1 and max(times) - min(times) <= 10 * MINUTE
        return max(times) - self.at if is_one_clock and min(times) > self.at else 0


@st.composite
def deliveries(draw, leads):
    """A lead's events as batches in order of arrival; every fact has the moment of its first arrival."""
    lead = draw(leads)
    late = [draw(st.sampled_from(LATENESS)) for _ in lead]
    arriving = sorted(
        (fact.occurred_at + by, number) for number, (fact, by) in enumerate(zip(lead, late, strict=True))
    )
    batches, waiting, arrived = [], [], []
    for at, number in arriving:
        waiting.append(lead[number])
        if (at, number) != arriving[-1] and draw(st.integers(0, 2)):
            continue
        again = draw(st.lists(st.sampled_from(arrived), max_size=3)) if arrived else []
        fresh = [replace(fact, received_at=at) for fact in draw(st.permutations(waiting))]
        batches.append(Batch(at, tuple(draw(st.permutations([*fresh, *again]))), draw(st.sampled_from(Then))))
        arrived += fresh
        waiting = []
    return batches
