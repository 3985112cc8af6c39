"""Campaigns as a kind of due work: an attempt takes one slice of an estimate or of a run."""

from __future__ import annotations

from functools import partial

from domain.instant import HOUR, MINUTE, SECOND
from engine.campaigns.campaign import CAMPAIGN
from engine.campaigns.job import CampaignJob
from engine.runtime import Runtime
from engine.work.backoff import exponential
from engine.work.kind import WorkKind
from engine.work.outcome import Outcome
from engine.work.policy import Policy
from workflows.campaigns.estimate import estimate_slice
from workflows.campaigns.run import run_slice

__all__ = ["campaign_kind", "take_slice"]

_POLICY = Policy(attempts=20, backoff=exponential(5 * SECOND, HOUR), lease=MINUTE, concurrency=4)


def campaign_kind(runtime: Runtime) -> WorkKind[CampaignJob]:
    """The kind, with its policy."""
    return WorkKind(CAMPAIGN, runtime.campaigns.jobs, _POLICY, partial(take_slice, runtime))


async def take_slice(runtime: Runtime, job: CampaignJob) -> Outcome:
    """Go on with the job: a slice at a time, so that campaigns share the loop fairly."""
    return await (estimate_slice if job.does == "estimate" else run_slice)(runtime, job)
