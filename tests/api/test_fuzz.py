"""Generated requests: no 5xx, and what the API reports as accepted is what is stored."""

from __future__ import annotations

import json
import string
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workflows.intelligence.intelligence
from workflows.leads.process import process_leads

TEXT = st.text(max_size=12) | st.sampled_from(
    ["$gt", "$where", "a.b", "\0", "\ud800", "%2F", "a/b", "..", "'", '"', "{}", "a b", "decay:x", "null", ""]
)
NUMBERS = (
    st.integers()
    | st.integers(min_value=2**62, max_value=2**65)
    | st.floats()
    | st.sampled_from([10**400, -(10**25), 1e308])
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
TIMES = st.datetimes(timezones=st.timezones() | st.none()).map(lambda at: at.isoformat())
GOOD_ID = st.text(string.ascii_letters + "äß%+'\"?#&=;:@ \U0001f600", min_size=1, max_size=8)
GOOD_TYPE = st.sampled_from(
    ["page_view", "signup", "demo_request", "lead.updated", "tag.added", "score.decayed"]
)
NEARLY_EVENTS = st.fixed_dictionaries(
    {"leadId": GOOD_ID | VALUES, "type": GOOD_TYPE | VALUES},
    optional={
        "eventId": GOOD_ID | VALUES,
        "occurredAt": TIMES | VALUES,
        "properties": st.dictionaries(GOOD_ID, VALUES, max_size=3) | VALUES,
        "source": GOOD_ID | VALUES,
    },
)
GOOD_EVENTS = st.fixed_dictionaries(
    {"leadId": GOOD_ID, "type": GOOD_TYPE},
    optional={"eventId": GOOD_ID, "properties": st.dictionaries(GOOD_ID, st.integers(-5, 5), max_size=3)},
)
BODIES = NEARLY_EVENTS | st.lists(GOOD_EVENTS | NEARLY_EVENTS, max_size=4) | st.lists(GOOD_EVENTS) | VALUES


@st.composite
def damaged_json(draw):
    """A body of events with some bytes cut out, put in or repeated."""
    raw = json.dumps(draw(st.lists(GOOD_EVENTS, min_size=1, max_size=3) | NEARLY_EVENTS)).encode()
    for _ in range(draw(st.integers(1, 3))):
        at, until = sorted((draw(st.integers(0, len(raw))), draw(st.integers(0, len(raw)))))
        put_in = draw(st.binary(max_size=3) | st.sampled_from([b"", b'"', b"[", b"}", b"\\ud800", b"1e999"]))
        raw = raw[:at] + put_in + raw[until if draw(st.booleans()) else at :]
    return raw


async def check(api, body):
    """Send a body to an empty engine and hold the answer against what is stored. Returns the leads."""
    await api.reset()
    answer = await api.send(body)
    stored = await api.stored()
    if answer.status_code == 202:
        said = answer.json()
        assert said["accepted"] == stored
        assert said["accepted"] + said["duplicates"] + said["conflicts"] == len(said["results"])
        return {one["leadId"] for one in said["results"] if one["status"] == "accepted"}
    problem = api.problem(answer, answer.status_code)
    assert answer.status_code == 400
    assert problem["errors"]
    assert stored == 0
    return set()


@settings(deadline=None, max_examples=100)
@given(body=BODIES)
async def test_of_any_json_the_accepted_part_is_stored_applied_and_readable(served, body):
    lead_ids = await check(served, body)
    await process_leads(served.runtime, lead_ids)
    served.wait(minutes=5)  # until then the senders' clocks may be ahead of ours
    for lead_id in lead_ids:
        path = f"/api/leads/{quote(lead_id, safe='')}"
        for part in ("", "/intelligence", "/history?all=true", "/events"):
            answer = await served.http.get(path + part)
            assert answer.status_code == 200, (lead_id, part, answer.text)
        assert (await served.get(path))["leadId"] == lead_id


@settings(deadline=None, max_examples=200)
@given(body=st.binary(max_size=200) | damaged_json())
async def test_of_any_bytes_nothing_is_stored_that_was_not_accepted(served, body):
    await check(served, body)


@pytest.fixture(scope="module")
def impatient():
    """Waiting for a position ends at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workflows.intelligence.intelligence, "MAX_WAIT_SECONDS", 0)
        yield


PATHS = [
    "/api/leads",
    "/api/leads/ada",
    "/api/leads/ada/intelligence",
    "/api/leads/ada/curve",
    "/api/leads/ada/timeline",
    "/api/leads/ada/history",
    "/api/leads/ada/events",
    "/api/rulebooks",
    "/api/automations/executions",
    "/api/tasks",
]
PARAMETERS = ["asOf", "knownAt", "after", "rulebook", "stage", "risk", "minScore", "sort", "limit", "cursor"]
PARAMETERS += [
    "all",
    "leadId",
    "ruleId",
    "state",
    "without",
    "withoutRule",
    "from",
    "to",
    "points",
    "kind",
    "x",
]
ARGUMENTS = (
    st.text()
    | NUMBERS.map(str)
    | TIMES
    | st.sampled_from(["null", "true", "-score", "lastActivityAt", "open", "done", "classic", "hot", "low"])
)


@settings(deadline=None, max_examples=300)
@given(
    path=st.sampled_from(PATHS),
    query=st.lists(st.tuples(st.sampled_from(PARAMETERS), ARGUMENTS), min_size=1, max_size=3),
)
async def test_any_parameter_is_answered_or_refused_by_name(served, impatient, path, query):
    asked = "&".join(f"{name}={quote(value.encode(errors='replace'))}" for name, value in query)
    answer = await served.http.get(f"{path}?{asked}")
    if answer.status_code == 503:
        assert "after" in asked
    elif answer.status_code != 200:
        problem = served.problem(answer, answer.status_code)
        assert answer.status_code in (400, 404)
        if answer.status_code == 400:
            named = {fault["pointer"] for fault in problem["errors"]}
            assert named
            assert named <= {f"?{name}" for name, _ in query}


@settings(deadline=None, max_examples=100)
@given(word=st.text(st.characters(exclude_characters="/")))
async def test_any_text_in_a_path_is_only_a_name_that_nothing_has(served, word):
    part = "nobody" + quote(word.encode(errors="replace"), safe="")
    for path in (f"/api/leads/{part}/intelligence", f"/api/leads/{part}", f"/{part}/{part}", f"/{part}"):
        served.problem(await served.http.get(path), 404)
    served.problem(await served.http.post(f"/api/tasks/{part}/done"), 404)
