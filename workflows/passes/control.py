"""Operations on long passes: begin one, read how far it has come, stop it."""

from __future__ import annotations

from functools import partial

from msgspec import Struct

from domain.instant import Millis
from engine.passes.report import PassReport
from engine.passes.share_store import PASS_SHARE, PassName, PassShare
from engine.runtime import Runtime
from engine.store.mongo import transact

__all__ = ["KEPT", "LongPass", "list_passes", "read_pass", "start_pass", "stop_pass"]

KEPT = 20
"""Passes that are kept with their reports; the oldest one that is over makes room."""


class LongPass(Struct, frozen=True):
    """A pass, by its shares."""

    shares: tuple[PassShare, ...]

    @property
    def pass_id(self) -> str:
        return self.shares[0].pass_id

    @property
    def does(self) -> PassName:
        return self.shares[0].does

    @property
    def began_at(self) -> Millis:
        return self.shares[0].created_at

    @property
    def report(self) -> PassReport:
        """What all shares have found so far."""
        return PassReport.sum_of(one.report for one in self.shares)

    @property
    def is_over(self) -> bool:
        """Whether no worker will go on with it."""
        return all(one.state in {"done", "dead"} for one in self.shares)

    @property
    def is_stopped(self) -> bool:
        return any(one.is_stopped and one.state == "done" for one in self.shares)

    @property
    def dead(self) -> dict[str, str]:
        """The shares that were given up, with the reason of the last attempt."""
        return {
            one.unit_id: next((attempt.detail for attempt in reversed(one.attempts) if attempt.detail), "")
            for one in self.shares
            if one.state == "dead"
        }


async def start_pass(runtime: Runtime, does: PassName, *, as_of: Millis | None = None) -> LongPass:
    """Begin a pass, in as many shares as the settings say. One that does the same and is not over is that one."""
    shares, now = runtime.passes.shares, runtime.now()
    stored = await list_passes(runtime)
    for one in stored:
        if one.does == does and not one.is_over:
            return one
    for one in stored[KEPT - 1 :]:
        if one.is_over:
            await shares.forget(one.pass_id)
    number, moment = runtime.settings.pass_shares, now if as_of is None else as_of
    pass_id = await transact(runtime.store.client, partial(shares.add, does, number, now, moment))
    for _ in range(number):  # one message per share, so that as many workers look
        await runtime.work.wake_ups.announce(PASS_SHARE)
    return await read_pass(runtime, pass_id)


async def read_pass(runtime: Runtime, pass_id: str) -> LongPass:
    """The pass as it is now. Raises `NotFound`."""
    return LongPass(tuple(await runtime.passes.shares.of_pass(pass_id)))


async def list_passes(runtime: Runtime) -> list[LongPass]:
    """Every pass that is kept, the newest first."""
    return [await read_pass(runtime, pass_id) for pass_id in await runtime.passes.shares.pass_ids()]


async def stop_pass(runtime: Runtime, pass_id: str) -> LongPass:
    """Stop the pass where it is; what it has corrected stays. Raises `NotFound`."""
    await runtime.passes.shares.of_pass(pass_id)
    await runtime.passes.shares.stop(pass_id, runtime.now())
    return await read_pass(runtime, pass_id)
