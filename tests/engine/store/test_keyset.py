"""Keyset clauses page through a real collection without passing over a row or showing one twice."""

from __future__ import annotations

import pytest

from engine.process.clock import from_bson, to_bson
from engine.store import keyset


@pytest.mark.parametrize("descending", [True, False])
async def test_pages_together_are_the_whole_list_though_many_rows_have_the_same_time(runtime, descending):
    rows = runtime.store.database["keysetRows"]
    await rows.insert_many([{"_id": f"{n:02}", "at": to_bson(1000 * (n // 4))} for n in range(20)])
    order = [("at", -1 if descending else 1), ("_id", 1)]
    whole = [doc["_id"] async for doc in rows.find().sort(order)]

    seen, cursor = [], None
    while (
        page := await rows.find(keyset.after("at", cursor, descending=descending))
        .sort(order)
        .limit(3)
        .to_list()
    ):
        seen += [doc["_id"] for doc in page]
        cursor = (from_bson(page[-1]["at"]), page[-1]["_id"])
    assert seen == whole


def test_without_a_cursor_there_is_no_clause():
    assert keyset.after("at", None) == {}
