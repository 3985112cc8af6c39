"""A new secret is added before the old ones expire, and there are never too many at a time."""

from __future__ import annotations

import pytest

from domain.errors import Conflict
from domain.instant import HOUR
from engine.access.rotating_secret import MAX_SECRETS, RotatingSecret, expiries, last_expiry, rotated

NOW = 1_795_348_800_000
FIRST = (RotatingSecret(),)


def rotate(old, at, overlap):
    return rotated(old, RotatingSecret(), at, overlap, of="key")


def test_a_secret_is_valid_until_it_expires_and_no_longer():
    secret = RotatingSecret(expires_at=NOW)
    assert (secret.is_valid(NOW - 1), secret.is_valid(NOW)) == (True, False)
    assert RotatingSecret().is_valid(NOW)


def test_a_second_rotation_does_not_lengthen_the_life_of_the_first_secret():
    third = rotate(rotate(FIRST, NOW, 2 * HOUR), NOW + HOUR, 24 * HOUR)
    assert [one.expires_at for one in third] == [None, NOW + 25 * HOUR, NOW + 2 * HOUR]


def test_a_rotation_without_overlap_ends_every_old_secret():
    assert rotate(rotate(FIRST, NOW, HOUR), NOW, 0) == (RotatingSecret(),)


def test_a_rotation_drops_secrets_that_have_expired():
    secrets = rotate(rotate(FIRST, NOW, HOUR), NOW + HOUR, HOUR)
    assert [one.expires_at for one in secrets] == [None, NOW + 2 * HOUR]


def test_only_so_many_secrets_are_valid_at_a_time_and_a_rotation_without_overlap_is_the_way_out():
    secrets = FIRST
    for _ in range(MAX_SECRETS - 1):
        secrets = rotate(secrets, NOW, HOUR)
    assert len(secrets) == MAX_SECRETS
    with pytest.raises(Conflict, match=r"5 secrets of this key are still valid.*overlap of 0 hours"):
        rotate(secrets, NOW, HOUR)
    assert len(rotate(secrets, NOW, 0)) == 1


def test_the_last_expiry_is_that_of_the_old_secrets_which_are_still_valid():
    assert last_expiry(FIRST, NOW) is None
    secrets = rotate(rotate(FIRST, NOW, 2 * HOUR), NOW, HOUR)
    assert last_expiry(secrets, NOW) == NOW + HOUR
    assert last_expiry(secrets, NOW + HOUR) is None


def test_the_audit_log_shows_when_secrets_expire():
    assert expiries(rotate(FIRST, NOW, HOUR)) == [None, "2026-11-22T13:00:00+00:00"]
