"""The background job of the rule lab: works through previews one after the other, and removes those that are not kept."""

from __future__ import annotations

import asyncio
import contextlib

from engine.rule_lab.preview_store import PreviewMoved
from engine.runtime import Runtime
from workflows.rule_lab.run_preview import run_preview

__all__ = ["KEPT", "work_on_previews"]

KEPT = 10
"""Previews that are kept with the leads behind their numbers; the oldest one makes room."""
_SECONDS = 300.0


async def work_on_previews(runtime: Runtime) -> int:
    """Complete what is under way, the oldest first. Returns how many previews that was.

    Ends after some minutes in the middle of one, which the next call goes on with.
    """
    lab, done = runtime.rule_lab, 0
    for preview_id in await lab.previews.to_be_removed(KEPT):
        await lab.leads.remove(preview_id)
        await lab.previews.remove(preview_id)
    with contextlib.suppress(
        PreviewMoved, TimeoutError
    ):  # deleted, or another process is at it; or enough for now
        async with asyncio.timeout(_SECONDS):
            while (preview := await lab.previews.next_to_work_on(runtime.now())) is not None:
                await run_preview(runtime, preview)
                done += 1
    return done
