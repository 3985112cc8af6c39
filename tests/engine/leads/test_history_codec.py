"""Encoded rows of history are, byte for byte, what PyMongo makes of them."""

from __future__ import annotations

import bson
from hypothesis import given
from hypothesis import strategies as st

from domain.leads.history_row import HistoryRow
from domain.scoring.breakdown import Contribution
from engine.leads.history_codec import encoded_array, to_document

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
MOMENTS = st.integers(-62_135_596_800_000, 253_402_300_799_999)
"""The years 1 to 9999, which a date of Python can hold."""
POINTS = st.floats(allow_nan=False)
ROWS = st.builds(
    HistoryRow,
    position=st.integers(1, 2**33),
    event_id=TEXT,
    lead_id=TEXT,
    type=TEXT,
    occurred_at=MOMENTS,
    at=MOMENTS,
    previous_score=POINTS,
    decay=POINTS,
    contributions=st.lists(st.builds(Contribution, TEXT, POINTS), max_size=12).map(tuple),
    new_score=POINTS,
    stage_before=TEXT,
    stage_after=TEXT,
    rulebook=TEXT,
    silent=st.booleans(),
)


@given(st.lists(ROWS, max_size=12))
def test_an_array_of_rows_is_encoded_as_pymongo_does(rows):
    document = bson.encode({"": [to_document(row) for row in rows]})
    before_array = len(b"\0\0\0\0" + b"\x04" + b"\0")
    assert encoded_array(rows) == document[before_array:-1]
