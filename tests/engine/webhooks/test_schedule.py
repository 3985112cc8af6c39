"""The retry schedule of a message."""

from __future__ import annotations

from email.utils import format_datetime

import pytest

from domain.instant import DAY, HOUR, MINUTE, SECOND, to_datetime
from engine.webhooks.schedule import ATTEMPTS, backoff, retry_after

NOW = 1_795_348_800_000


def test_the_pauses_are_those_of_standard_webhooks():
    assert [backoff(tries, 0) for tries in range(1, ATTEMPTS)] == [
        5 * SECOND,
        5 * MINUTE,
        30 * MINUTE,
        2 * HOUR,
        5 * HOUR,
        10 * HOUR,
        14 * HOUR,
        20 * HOUR,
        24 * HOUR,
    ]


def test_there_is_no_pause_after_the_last_attempt():
    with pytest.raises(IndexError):
        backoff(ATTEMPTS, 0)


def test_jitter_makes_a_pause_up_to_a_tenth_longer_and_never_shorter():
    assert (backoff(2, 0.5), backoff(2, 1)) == (315 * SECOND, 330 * SECOND)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_throttling_receiver_may_ask_for_a_pause(status):
    assert retry_after(status, "120", NOW) == 120 * SECOND
    assert retry_after(status, " 0000000000120 ", NOW) == 120 * SECOND
    assert retry_after(status, "000", NOW) == retry_after(status, None, NOW) == 0


@pytest.mark.parametrize("status", [200, 301, 400, 410, 500])
def test_others_may_not(status):
    assert retry_after(status, "120", NOW) == 0


def test_a_date_is_a_pause_until_then_and_a_past_one_none():
    at = to_datetime(NOW)
    assert retry_after(503, format_datetime(at.replace(minute=5), usegmt=True), NOW) == 5 * MINUTE
    assert retry_after(503, format_datetime(at.replace(year=2000), usegmt=True), NOW) == 0


@pytest.mark.parametrize(
    "asked", ["86401", "9" * 30, "9" * 5000, "Fri, 01 Jan 2100 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"]
)
def test_a_pause_is_a_day_at_most(asked):
    assert retry_after(429, asked, NOW) == DAY


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "soon",
        "-5",
        "1.5",
        "1e9",
        "٣",
        "0x10",
        "Fri, 99 Jan 2100 00:00:00 GMT",
        "Sun, 22 Nov 2026 12:05:00",
        "\ufffd",
    ],
)
def test_nonsense_asks_for_nothing(asked):
    assert retry_after(429, asked, NOW) == 0
