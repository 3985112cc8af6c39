"""Opens and clicks of machines, and those of people beside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bots.burst import Click, scanned
from domain.bots.machine import machine_reason

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


@pytest.mark.parametrize(
    "properties",
    [
        {"machineOpen": True},
        {"bot": "apple"},
        {"bot": True},
        {"honeypot": True},
        {"method": "head"},
        {"userAgent": "curl/8.1"},
        {"userAgent": "python-requests/2.31"},
        {"userAgent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"userAgent": "BarracudaCentral/1.0"},
        {"userAgent": "Mozilla/5.0 (compatible; Proofpoint URL Defense)"},
        {"userAgent": CHROME.replace("Chrome/", "HeadlessChrome/")},
    ],
)
def test_what_gives_a_machine_away(properties):
    assert machine_reason("email.clicked", properties)
    assert machine_reason("email.opened", properties)
    assert not machine_reason("demo_request", properties)
    assert not machine_reason("email.clicked", {**properties, "automated": "known already"})


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"userAgent": CHROME},
        {"userAgent": GMAIL},
        {"userAgent": "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"},
        {"userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.0"},
        {"machineOpen": False, "bot": "", "honeypot": False, "method": "GET"},
        {"userAgent": 7, "method": None},
    ],
)
def test_people_and_the_proxies_of_their_mail_are_no_machines(properties):
    assert machine_reason("email.opened", properties) == ""


def clicks(*facts):
    return [Click(f"c{number}", at * 1000, url) for number, (at, url) in enumerate(facts)]


def test_three_links_within_ten_seconds_are_a_scan():
    found = scanned(clicks((0, "a"), (4, "b"), (10, "c"), (60, "a")), None)
    assert set(found) == {"c0", "c1", "c2"}
    assert found["c0"] == "3 links of the message were followed within 10 seconds"


@pytest.mark.parametrize(
    ("facts", "delivered"),
    [
        (((0, "a"), (1, "a"), (2, "a"), (3, "a")), None),
        (((0, "a"), (5, "b"), (11, "c")), None),
        (((0, "a"), (5, "b")), None),
        (((100, "a"), (105, "b")), 0),
        (((30, "a"),), 0),
    ],
)
def test_people_follow_links_one_after_the_other(facts, delivered):
    assert scanned(clicks(*facts), delivered) == {}


def test_soon_after_the_delivery_two_links_are_a_scan():
    assert set(scanned(clicks((20, "a"), (21, "b")), 0)) == {"c0", "c1"}


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from("abc")), max_size=10), st.randoms())
def test_the_order_of_clicks_makes_no_difference(facts, chance):
    given_ = clicks(*facts)
    shuffled = [*given_]
    chance.shuffle(shuffled)
    assert scanned(given_, 0) == scanned(shuffled, 0)
