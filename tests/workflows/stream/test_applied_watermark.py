"""The watermark: every event up to it is applied, and it reaches the end of the log when all are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.events.applied_positions import AppliedPositions
from domain.events.log_cursor import LogCursor
from engine.capture.log.event_log import Span
from workflows.stream.applied_watermark import AppliedWatermark

LEADS = ["ada", "ben", "cem"]


def test_without_events_it_is_where_the_log_was_read_to():
    assert AppliedWatermark(LogCursor((7,))).place.events == 7


def test_it_stays_before_the_oldest_event_that_is_not_applied():
    watermark = AppliedWatermark(LogCursor((0,)))
    watermark.read({"ada": [Span(1, 4)], "ben": [Span(2, 3)]}, LogCursor((4,)))
    watermark.applied({"ben": AppliedPositions(3)})
    assert watermark.place.events == 0
    watermark.applied({"ada": AppliedPositions(2)})
    assert watermark.place.events == 2, "the next event of ada may be the one at 3"
    watermark.applied({"ada": AppliedPositions(4)})
    assert watermark.place.events == 4


def test_what_was_applied_before_it_was_read_does_not_wait():
    watermark = AppliedWatermark(LogCursor((0,)))
    watermark.applied({"ada": AppliedPositions(5)})
    assert watermark.read({"ada": [Span(1, 5)], "ben": [Span(2, 2)]}, LogCursor((5,))) == {
        "ada": AppliedPositions(5)
    }
    assert watermark.waiting == ("ben",)


def test_a_quarantined_lead_does_not_hold_it_back_and_is_news_once_it_is_released():
    watermark = AppliedWatermark(LogCursor((0,)))
    watermark.read({"ada": [Span(1, 1)], "ben": [Span(2, 2)]}, LogCursor((2,)))
    watermark.quarantine(["ada"])
    assert watermark.applied({"ben": AppliedPositions(2)}) == {"ben": AppliedPositions(2)}
    assert watermark.place.events == 2
    assert watermark.applied({"ada": AppliedPositions(1)}) == {"ada": AppliedPositions(1)}
    assert watermark.quarantined == ()


def _spans(log: list[str], after: int, up_to: int) -> dict[str, list[Span]]:
    spans: dict[str, Span] = {}
    for position in range(after + 1, up_to + 1):
        lead = log[position - 1]
        spans[lead] = Span(spans.get(lead, Span(position, position)).first, position)
    return {lead: [span] for lead, span in spans.items()}


@given(
    st.lists(st.sampled_from(LEADS), min_size=1, max_size=30),
    st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=60),
)
def test_it_never_passes_an_event_that_is_not_applied(log, steps):
    """The log is read and leads are applied in any interleaving; the truth is kept beside it."""
    watermark, read, applied = AppliedWatermark(LogCursor((0,))), 0, dict.fromkeys(LEADS, 0)
    for is_read, number in [*steps, (True, len(log)), *((False, index) for index in range(len(log)))]:
        if is_read:
            up_to = min(len(log), read + number)
            watermark.read(_spans(log, read, up_to), LogCursor((up_to,)))
            read = up_to
        else:
            position = number % len(log) + 1
            lead = log[position - 1]
            applied[lead] = max(applied[lead], position)
            watermark.applied({lead: AppliedPositions(applied[lead])})
        unapplied = [at for at, lead in enumerate(log[:read], 1) if at > applied[lead]]
        assert watermark.place.events <= min(unapplied, default=read + 1) - 1
    assert watermark.place.events == len(log)
