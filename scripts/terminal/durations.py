"""Ages in words, by humanize, without the months that it rounds to."""

from __future__ import annotations

from datetime import timedelta

import humanize

from domain.instant import MINUTE, Millis

__all__ = ["age"]


def age(at: Millis, as_of: Millis) -> str:
    """The time from `at` to `as_of`, in its largest unit: `just now`, `5 minutes ago`, `3 hours ago`, `12 days ago`."""
    if as_of - at < MINUTE:
        return "just now"
    return str(humanize.naturaltime(timedelta(milliseconds=as_of - at), months=False))
