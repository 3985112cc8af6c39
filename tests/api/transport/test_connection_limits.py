"""Connections per address, and lines of the log per address."""

from __future__ import annotations

import logging

from api.transport.connection_limits import ConnectionCounter, RefusalLog
from api.transport.proxies import TrustedProxies


def test_addresses_are_counted_apart_and_a_closed_connection_makes_room():
    counter = ConnectionCounter(2, TrustedProxies(""))
    assert [counter.opened("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert counter.opened("192.0.2.2")
    counter.closed("192.0.2.1")
    counter.closed("192.0.2.1")
    assert counter.opened("192.0.2.1")


def test_one_network_of_ipv6_is_one_address():
    counter = ConnectionCounter(1, TrustedProxies(""))
    assert counter.opened("2001:db8::1")
    assert not counter.opened("2001:db8::2")
    assert counter.opened("2001:db8:0:1::1")


def test_a_trusted_proxy_may_open_any_number():
    counter = ConnectionCounter(1, TrustedProxies("192.0.2.0/24"))
    assert all(counter.opened("192.0.2.1") for _ in range(100))


def test_nothing_is_kept_of_addresses_without_a_connection():
    counter = ConnectionCounter(1, TrustedProxies(""))
    for number in range(1000):
        counter.opened(f"192.0.2.{number}")
        counter.closed(f"192.0.2.{number}")
    assert not counter._open


def test_refusals_beyond_the_limit_are_counted_in_one_line_of_the_next_minute(caplog):
    now = [0.0]
    log = RefusalLog(3, clock=lambda: now[0])
    assert [log.may_log("192.0.2.1") for _ in range(5)] == [True] * 3 + [False] * 2
    assert log.may_log("192.0.2.2")
    now[0] = 60.0
    with caplog.at_level(logging.WARNING):
        assert log.may_log("192.0.2.1")
    assert "2 more malformed" in caplog.text


def test_many_addresses_together_cannot_swell_the_log():
    log = RefusalLog(3, clock=lambda: 0.0)
    assert sum(log.may_log(f"192.0.2.{number}") for number in range(200)) == 30
