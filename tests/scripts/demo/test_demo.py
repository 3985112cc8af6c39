"""The demo against a small stand-in for the API, with the manners of a busy one."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from scripts.demo import client as demo_client
from scripts.demo.demo import run_demo
from scripts.demo.simulated_week import simulate_week

KEY = "le_of_the_demo"


class FakeEngine:
    """Stores events, scores a lead by their number, and answers as many calls badly as a test asks for."""

    def __init__(self):
        self.events = {}
        self.stored = []
        self.bad_answers = []
        self.posts = []
        self.waits = []
        self.shown = set()
        self.lock = threading.Lock()

    def answer(self, path, query, body):
        """Status, headers and content, or None to hang up."""
        if path == "/health/live":
            return 200, {}, {"status": "ok"}
        if path == "/api/events":
            self.posts.append(time.monotonic())
        if "after" in query:
            self.waits.append(path.split("/")[3])
        if self.bad_answers and (path == "/api/events" or "after" in query):
            return self.bad_answers.pop(0)
        if path == "/api/events":
            return 202, {}, self.store(body)
        if path == "/api/leads":
            assert query == {"sort": ["-score"], "limit": ["10"]}
            return 200, {}, {"items": [{"leadId": lead} for lead, _ in self.scores().most_common(10)]}
        return self.intelligence(path.split("/")[3], int(query.get("after", ["0"])[0]))

    def store(self, events):
        results = []
        for event in events:
            known = event["eventId"] in self.events
            position = self.events.setdefault(event["eventId"], len(self.events) + 1)
            if not known:
                self.stored.append(event)
            results.append({**event, "status": "duplicate" if known else "accepted", "position": position})
        known = sum(result["status"] == "duplicate" for result in results)
        return {"accepted": len(results) - known, "duplicates": known, "conflicts": 0, "results": results}

    def scores(self):
        return Counter(event["leadId"] for event in self.stored)

    def intelligence(self, lead_id, after):
        assert any(self.events[e["eventId"]] >= after for e in self.stored if e["leadId"] == lead_id)
        points = self.scores()[lead_id]
        return (
            200,
            {},
            {
                "leadId": lead_id,
                "score": points,
                "stage": "warm",
                "velocity": 12,
                "risk": "low",
                "nextAction": "send_content",
                "reasons": [{"label": "Did things", "points": points}],
            },
        )


@pytest.fixture
def engine():
    fake = FakeEngine()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            url = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with fake.lock:
                found = fake.answer(url.path, parse_qs(url.query), json.loads(raw) if raw else None)
            if url.path != "/health/live":
                fake.shown.add(self.headers["Authorization"])
            if found is None:
                self.close_connection = True
                return
            status, headers, content = found
            body = json.dumps(content).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the server asks for this name

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # a client that has gone is part of the play
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    yield fake
    server.shutdown()
    server.server_close()
    thread.join()


async def test_the_whole_week_arrives_and_the_ten_best_are_shown_with_their_reasons(engine, capsys):
    assert await run_demo(engine.url, KEY, 30, 7) == 0
    said = capsys.readouterr().out
    assert f"{len(engine.stored):,} events of 30 leads stored" in said
    for lead_id, points in engine.scores().most_common(10):
        row = next(line for line in said.splitlines() if line.startswith(lead_id))
        assert row.split() == [
            *(lead_id, "warm", str(points), "12", "low", "send_content"),
            *(f"+{points}", "Did", "things"),
        ]


async def test_every_call_shows_the_key(engine):
    await run_demo(engine.url, KEY, 3, 7)
    assert engine.shown == {f"Bearer {KEY}"}


async def test_it_is_the_simulated_week_with_the_events_of_each_lead_in_their_order(engine):
    await run_demo(engine.url, KEY, 30, 7)
    kinds = Counter(event["type"] for event in engine.stored)
    assert kinds["page_view"] == max(kinds.values())
    assert len({event["leadId"] for event in engine.stored}) == 30
    for lead_id in engine.scores():
        times = [event["occurredAt"] for event in engine.stored if event["leadId"] == lead_id]
        assert times == sorted(times)


async def test_it_waits_for_every_lead_to_be_scored(engine):
    await run_demo(engine.url, KEY, 30, 7)
    assert sorted(engine.waits) == sorted(engine.scores())


async def test_of_many_leads_only_some_are_waited_for(engine, monkeypatch):
    monkeypatch.setattr("scripts.demo.demo.WATCHED_LEADS", 5)
    await run_demo(engine.url, KEY, 30, 7)
    assert len(engine.waits) == 5


async def test_it_comes_back_after_the_time_that_a_busy_engine_asks_for(engine):
    engine.bad_answers = [(429, {"Retry-After": "1"}, {"message": "slow down"})]
    assert await run_demo(engine.url, KEY, 1, 7) == 0
    assert engine.posts[1] - engine.posts[0] >= 1


@pytest.mark.parametrize("bad", [None, (503, {"Retry-After": "0"}, {"message": "not yet"})])
async def test_it_repeats_what_was_lost_or_not_ready_and_nothing_arrives_twice(engine, bad):
    engine.bad_answers = [bad] * 3
    assert await run_demo(engine.url, KEY, 8, 7) == 0
    assert len(engine.stored) == len(simulate_week(8, 7, _end(engine)))


async def test_an_engine_that_stays_busy_is_given_up_on(engine, monkeypatch, capsys):
    monkeypatch.setattr(demo_client, "PATIENCE_SECONDS", 0.2)
    engine.bad_answers = [(503, {"Retry-After": "1"}, {"message": "the store is full"})] * 50
    assert await run_demo(engine.url, KEY, 8, 7) == 1
    assert "the store is full" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ({"message": "Some fields are wrong."}, "answered 400 to POST /api/events: Some fields are wrong."),
        (["nonsense"], "answered 400 to POST /api/events: it said no more"),
    ],
)
async def test_a_refusal_is_shown_in_the_words_of_the_engine(engine, capsys, problem, message):
    engine.bad_answers = [(400, {}, problem)] * 8
    assert await run_demo(engine.url, KEY, 8, 7) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://127.0.0.1:9", "No lead engine answers at http://127.0.0.1:9. Start one with `make up`"),
        ("127.0.0.1:8000", "write a URL such as http://127.0.0.1:8000"),
        ("http://localhost:port", "write a URL such as http://127.0.0.1:8000"),
    ],
)
async def test_where_no_engine_is_one_plain_message_says_so(capsys, url, message):
    assert await run_demo(url, KEY, 200, 7) == 1
    said = capsys.readouterr()
    assert message in said.err
    assert len(said.err.splitlines()) == 1
    assert said.out == ""


def _end(engine):
    """The moment at which the week ended, from an event id such as demo:7:20260724T153000Z:001:1."""
    stamp = engine.stored[0]["eventId"].split(":")[2]
    return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
