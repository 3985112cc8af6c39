"""Starts a preview of a rulebook: what is tried, against what, and on which events is fixed here for good."""

from __future__ import annotations

import secrets

from msgspec import Struct

from domain.decisions.goal import WIN
from domain.errors import Conflict
from domain.instant import DAY, SECOND, Millis
from domain.rule_lab.difference import compare_rulebooks, digest_of
from domain.rule_lab.simulation import Window
from domain.rulebooks.rulebook import Rulebook
from engine.operations.audit_log import Actor
from engine.rule_lab.preview import Preview
from engine.runtime import Runtime

__all__ = ["CLAIM", "MOST_RUNNING", "Wanted", "start_preview"]

CLAIM: Millis = 30 * SECOND
"""How long a process has for a step, until another one may go on with the preview."""

MOST_RUNNING = 3
"""Previews that may be under way or wait at a time."""


class Wanted(Struct, frozen=True):
    """How much is looked at: a sample of so many leads, then all if `all_leads`; alerts of the last `days`."""

    sample: int = 2000
    all_leads: bool = True
    days: int = 90


async def start_preview(
    runtime: Runtime, by: Actor, rulebook: Rulebook, text: str, wanted: Wanted, *, claim: bool = False
) -> Preview:
    """Store a preview against the active rulebook, to be worked through in the background; by the caller with `claim`.

    The same one that is under way is returned as it is. Raises `Conflict` if the name and version of the rulebook had
    other rules before, and if too many are running.
    """
    await runtime.rulebooks.library.require_unused(rulebook)
    active = runtime.rulebook.document
    if active.label == rulebook.label and digest_of(active) != digest_of(rulebook):
        raise Conflict(f"Rulebook {active.label} is active with other rules: raise the version.")
    running = await runtime.rule_lab.previews.running(MOST_RUNNING)
    preview = await _preview(runtime, by, rulebook, text, wanted)
    for one in running:
        if _is_same(one, preview):
            return one
    if len(running) >= MOST_RUNNING:
        raise Conflict(f"{MOST_RUNNING} previews are under way: wait for one of them, or delete it.")
    until = runtime.now() + (CLAIM if claim else 0)
    await runtime.rule_lab.previews.add(preview, rulebook, until)
    return preview


async def _preview(runtime: Runtime, by: Actor, rulebook: Rulebook, text: str, wanted: Wanted) -> Preview:
    now, active = runtime.now(), runtime.rulebook.document
    return Preview(
        preview_id=f"prv_{secrets.token_hex(12)}",
        digest=digest_of(rulebook),
        label=rulebook.label,
        text=text,
        before=active.label,
        change_class=compare_rulebooks(active, rulebook).change_class,
        sample=wanted.sample,
        all_leads=wanted.all_leads,
        window=Window(now - wanted.days * DAY, now),
        goal=next((one for one in active.goals_or_win), WIN),
        position=(await runtime.capture.log.end()).token,
        created_at=now,
        created_by=str(by),
    )


def _is_same(one: Preview, other: Preview) -> bool:
    return (
        all(
            getattr(one, name) == getattr(other, name) for name in ("digest", "before", "sample", "all_leads")
        )
        and one.window.days == other.window.days
    )
