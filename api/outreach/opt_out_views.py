"""Opt-outs by reply, clear and suspected, as a lead and its conversation show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from api.http.view import View
from domain.decisions.suspected_opt_outs import SuspectedOptOut
from domain.instant import Millis, to_datetime

__all__ = ["OptOutView", "SuspectedOptOutView", "opt_out_views", "suspected_views"]


class OptOutView(View, frozen=True):
    """The channel, or `all`, in which a reply of the lead has asked for no more messages, and the moment of that reply."""

    channel: str
    at: datetime


class SuspectedOptOutView(View, frozen=True):
    """A reply in which the classifier suspects an opt-out, and the probability of one; a person is to judge it."""

    reply_id: str
    at: datetime
    probability: float


def opt_out_views(opt_outs: Mapping[str, Millis]) -> list[OptOutView]:
    return [OptOutView(channel=name, at=to_datetime(at)) for name, at in opt_outs.items()]


def suspected_views(suspected: Iterable[SuspectedOptOut]) -> list[SuspectedOptOutView]:
    return [
        SuspectedOptOutView(reply_id=one.reply_id, at=to_datetime(one.at), probability=one.probability)
        for one in suspected
    ]
