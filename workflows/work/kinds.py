"""The registry of due work: every kind with the workflow that attempts its units. A new kind is one line more."""

from __future__ import annotations

from typing import Any

from engine.runtime import Runtime
from engine.work.kind import WorkKind
from workflows.automations.run_execution import automation_kind
from workflows.campaigns.jobs import campaign_kind
from workflows.imports.background.perform import import_kind
from workflows.outreach.send import message_kind
from workflows.passes.perform import pass_kind
from workflows.replies.read import reply_kind
from workflows.sequences.advance import sequence_kind
from workflows.teams.first_touch import first_touch_kind
from workflows.teams.hand_over import hand_over_kind
from workflows.teams.route import routing_kind
from workflows.webhooks.deliver import webhook_kind

__all__ = ["work_kinds"]


def work_kinds(runtime: Runtime) -> tuple[WorkKind[Any], ...]:
    """All kinds, with their policies from the settings."""
    return (
        automation_kind(runtime),
        webhook_kind(runtime),
        routing_kind(runtime),
        first_touch_kind(runtime),
        hand_over_kind(runtime),
        import_kind(runtime),
        message_kind(runtime),
        sequence_kind(runtime),
        reply_kind(runtime),
        campaign_kind(runtime),
        pass_kind(runtime),
    )
