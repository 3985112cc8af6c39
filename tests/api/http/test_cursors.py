"""Keyset cursors and limits of every list: only a cursor that the list itself returned is accepted."""

from __future__ import annotations

import base64
import json

import pytest


def cursor(of, place):
    """What a cursor of this list would be."""
    return base64.urlsafe_b64encode(json.dumps([of, place]).encode()).decode().rstrip("=")


LISTS = {
    "/api/leads?": ("leads by -score", [1.0, "a"]),
    "/api/leads?sort=lastActivityAt&": ("leads by lastActivityAt", [1_795_348_800_000, "a"]),
    "/api/leads/ada/history?": ("history of ada", [1_795_348_800_000, 3]),
    "/api/leads/ada/events?": ("events of ada", [3]),
    "/api/automations/executions?": ("executions", [1_795_348_800_000, "a"]),
    "/api/tasks?": ("tasks", [1_795_348_800_000, "a"]),
}
WRONG_PLACES = [
    {},
    [],
    None,
    5,
    "x",
    [None],
    ["a"],
    ["a", "a"],
    [1, "a", 1],
    [True, "a"],
    [1.5],
    [{"$gt": 0}, "a"],
    [0, {"$gt": ""}],
    [0, None],
    [2**63],
    [-1],
    [10**30],
    [10**15, 5],
    [10**400, "a"],
]


@pytest.mark.parametrize("path", LISTS)
async def test_a_cursor_that_was_not_made_for_the_list_is_refused_by_name(api, ada, path):
    of, place = LISTS[path]
    words = [
        "",
        "x",
        "!!!",
        "=",
        "a b",
        "ÿ",
        "e30",
        "W10=",
        base64.urlsafe_b64encode(b"[" * 700).decode(),
        base64.urlsafe_b64encode(b'["' + of.encode() + b'",' + b"[" * 700).decode(),
        base64.urlsafe_b64encode(b'["' + of.encode() + b'","\xff"]').decode(),
        "x" * 3000,
        cursor(of, place) + "!",
    ]
    words += [cursor(of, wrong) for wrong in WRONG_PLACES]
    words += [cursor(other, there) for other, there in LISTS.values() if other != of]
    words += [cursor(of + "x", place), cursor("leads by score", place)]
    for word in words:
        answer = await api.http.get(path, params={**dict(_query(path)), "cursor": word})
        assert [fault["pointer"] for fault in api.problem(answer, 400)["errors"]] == ["?cursor"], word
    good = await api.http.get(path, params={**dict(_query(path)), "cursor": cursor(of, place)})
    assert good.status_code == 200  # the control: the words above are wrong for no other reason


def _query(path):
    asked = path.partition("?")[2].strip("&")
    return [tuple(part.split("=")) for part in asked.split("&") if part]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/api/leads?sort=lastActivityAt&", [10**15, "a"]),
        ("/api/leads?sort=lastActivityAt&", [-(10**15), "a"]),
        ("/api/automations/executions?", [2**62, "a"]),
        ("/api/tasks?", [-(2**62), "a"]),
        ("/api/leads/ada/history?", [2**63]),
        ("/api/leads/ada/events?", [10**30]),
    ],
)
async def test_a_place_beyond_what_the_store_can_hold_is_refused_by_name(api, path, place):
    word = cursor(LISTS[path][0], place)
    answer = await api.http.get(path, params={**dict(_query(path)), "cursor": word})
    assert [fault["pointer"] for fault in api.problem(answer, 400)["errors"]] == ["?cursor"]


@pytest.mark.parametrize("path", LISTS)
async def test_a_limit_outside_1_to_200_is_refused_by_name(api, path):
    for limit in ("0", "-1", "201", "x", "", "1.5", "null", "9" * 30, "9" * 5000, "NaN"):
        answer = await api.http.get(path, params={**dict(_query(path)), "limit": limit})
        assert [fault["pointer"] for fault in api.problem(answer, 400)["errors"]] == ["?limit"]
