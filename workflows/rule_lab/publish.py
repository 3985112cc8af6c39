"""Publishes what was previewed, within limits, and rolls back to the rulebook before."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from msgspec import Struct

from domain.errors import Conflict, Fault, Invalid
from domain.events.event import Json
from domain.rule_lab.difference import digest_of
from domain.rule_lab.report import Report, report_of
from domain.rulebooks.rulebook import Rulebook
from engine.operations.audit_log import Actor
from engine.rule_lab.preview import Preview
from engine.runtime import Runtime
from workflows.rule_lab.switch_states import switch_back, switch_to_challenger
from workflows.rulebooks.activate import activate_rulebook

__all__ = ["Limits", "preview_for", "publish_preview", "roll_back_rulebook"]

_MOST_OF_DIGEST = 10
_PERCENT = 100
_SWITCH_SECONDS = 10.0


class Limits(Struct, frozen=True):
    """How much a change may do; None: as much as it likes. Held against the upper ends of the preview's intervals."""

    most_moved: float | None = None
    """The share of leads that come into another stage, 0 to 1."""
    most_alerts_a_day: float | None = None
    """Firings of automations, over all leads."""


async def preview_for(runtime: Runtime, digest: str) -> Preview:
    """The newest preview of this content against the active rulebook whose sample is complete. Raises `Conflict`."""
    found = await runtime.rule_lab.previews.of_digest(digest, _MOST_OF_DIGEST)
    against = [one for one in found if one.before == runtime.rulebook.label]
    for one in against:
        if one.has_sample and one.progress.state != "failed":
            return one
    if against:
        raise Conflict(f"The preview of {digest} has not come to the end of its sample yet.")
    if found:
        raise Conflict(
            f"{digest} was previewed against {found[0].before}, and {runtime.rulebook.label} is active now: "
            "preview it again."
        )
    raise Conflict(f"No preview has this digest: {digest}. Preview the rulebook first.")


async def publish_preview(
    runtime: Runtime, by: Actor, preview: Preview, expect: str, limits: Limits, *, note: str = ""
) -> str:
    """Make the rulebook of a preview the active one. Returns the label of the one before.

    No automation fires for the change itself. Leads have the states of a challenger with these rules at once; they, and
    their histories, are rebuilt in the background. Raises `Conflict` if `expect` is
    not the digest of what was previewed, or another rulebook has become active since; `Invalid` if a limit is passed.
    """
    rulebook = await runtime.rule_lab.previews.rulebook(preview.preview_id)
    if preview.digest != expect or digest_of(rulebook) != expect:
        raise Conflict(f"Preview {preview.preview_id} is of {preview.digest}, not of {expect}.")
    if not preview.has_sample or preview.progress.state == "failed":
        raise Conflict(f"Preview {preview.preview_id} has not come to the end of its sample.")
    report = (
        report_of(preview.shown, preview.progress.of or 0, preview.window.days)
        if preview.shown.leads
        else None
    )
    _require_within(limits, report)
    await activate_rulebook(
        runtime,
        by,
        rulebook,
        preview.text,
        instead_of=preview.before,
        evidence=_evidence(preview, report, note),
    )
    async with _for_some_seconds():
        await switch_to_challenger(runtime)
    return preview.before


async def roll_back_rulebook(runtime: Runtime, by: Actor) -> tuple[Rulebook, str]:
    """Make the rulebook before the active one active again. Returns it, and the label of the one that was active.

    Called twice, it goes back and forth. Raises `Conflict` if there was none before.
    """
    active = await runtime.rulebooks.active.stored()
    if active is None or active.before is None:
        raise Conflict("No rulebook was active before this one.")
    found = (await runtime.rulebooks.library.find(active.before)).document
    await activate_rulebook(runtime, by, found, instead_of=active.label)
    async with _for_some_seconds():
        await switch_back(runtime, active.label)
    return found, active.label


@contextlib.asynccontextmanager
async def _for_some_seconds() -> AsyncIterator[None]:
    """Let leads be switched for so long as somebody waits; the background does the rest."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_SWITCH_SECONDS):
            yield


def _require_within(limits: Limits, report: Report | None) -> None:
    if report is None:
        return
    faults = []
    moved, alerts = report.moved_interval[1], report.all_alerts.then.interval[1]
    if limits.most_moved is not None and moved > limits.most_moved:
        faults.append(
            Fault(
                "/mostMoved",
                f"up to {moved * _PERCENT:.1f} % of leads would come into another stage, "
                f"and the limit is {limits.most_moved * _PERCENT:g} %",
            )
        )
    if limits.most_alerts_a_day is not None and alerts > limits.most_alerts_a_day:
        faults.append(
            Fault(
                "/mostAlertsADay",
                f"up to {alerts:.1f} automations a day would run, and the limit is {limits.most_alerts_a_day:g}",
            )
        )
    if faults:
        raise Invalid("The change does more than it may; nothing was published.", tuple(faults))


def _evidence(preview: Preview, report: Report | None, note: str) -> dict[str, Json]:
    """What the audit log says of the preview."""
    evidence: dict[str, Json] = {"preview": preview.preview_id, "digest": preview.digest}
    if report is not None:
        now, then = report.all_alerts.now, report.all_alerts.then
        evidence |= {
            "leads": report.leads,
            "of": report.of,
            "movedShare": round(report.moved_share, 4),
            "up": report.up,
            "down": report.down,
            "alertsADay": {"now": round(now.a_day, 2), "then": round(then.a_day, 2)},
        }
    return evidence | ({"note": note} if note else {})
