"""The `lead-engine` command: the table of its sub-commands, each imported when it runs and not before."""

from __future__ import annotations

import click

from scripts.cli.lazy_group import LazyGroup, Subcommand

__all__ = ["cli", "main"]

_COMMANDS = {
    "up": Subcommand(
        "scripts.cli.operations.up:up",
        "Run the whole engine here, on embedded services unless MONGODB_URI and REDIS_URL are set.",
    ),
    "setup": Subcommand(
        "scripts.cli.operations.setup:setup",
        "Create collections and indexes and activate the rulebook of the settings.",
    ),
    "config": Subcommand(
        "scripts.cli.operations.config:config", "List every setting: its value, its default and its purpose."
    ),
    "api": Subcommand("scripts.cli.operations.parts:api", "Serve the HTTP API."),
    "worker": Subcommand(
        "scripts.cli.operations.parts:worker",
        "Score leads, run automations and send webhooks; any number of workers.",
    ),
    "dispatcher": Subcommand(
        "scripts.cli.operations.parts:dispatcher",
        "Enqueue leads with new events; one is active, others stand by, or share the partitions of the log.",
    ),
    "scheduler": Subcommand(
        "scripts.cli.operations.parts:scheduler",
        "Run periodic jobs: decay, due automations, reconciliation; one is active, others stand by.",
    ),
    "decay": Subcommand(
        "scripts.cli.passes.decay:decay",
        "Record what time alone has changed in any lead: one event per change, as of its moment.",
    ),
    "replay": Subcommand(
        "scripts.cli.passes.replay:replay_command",
        "Rebuild leads and their history from the stored events, without firing automations.",
    ),
    "passes": Subcommand(
        "scripts.cli.passes.passes:passes",
        "List, show and stop long passes over all leads that workers share.",
    ),
    "import": Subcommand(
        "scripts.cli.capture.imports:import_", "Turn the rows of a file into events, or inspect a file."
    ),
    "lead": Subcommand(
        "scripts.cli.leads.lead:lead",
        "Show one lead: its score and why, the next action and the latest events.",
    ),
    "leads": Subcommand("scripts.cli.leads.leads:leads", "Merge leads that are one person, and undo merges."),
    "accounts": Subcommand(
        "scripts.cli.leads.accounts:accounts",
        "List accounts, rebuild them from their leads, and verify them.",
    ),
    "top": Subcommand("scripts.cli.leads.top:top", "Watch the leads with the highest scores."),
    "rulebook": Subcommand(
        "scripts.cli.rulebooks.rulebook:rulebook",
        "Check, explain, compare, preview and publish rulebooks, and print their JSON Schema.",
    ),
    "dead-letters": Subcommand(
        "scripts.cli.leads.dead_letters:dead_letters",
        "Inspect leads that cannot be folded, retry them, or discard the event at fault.",
    ),
    "audit": Subcommand(
        "scripts.cli.access.audit:audit",
        "Show the audit log: changes of keys, people, rulebooks, dead letters and webhooks, and erasures.",
    ),
    "keys": Subcommand("scripts.cli.access.keys:keys", "Create, list, rotate and revoke API keys."),
    "messages": Subcommand(
        "scripts.cli.outreach.messages:messages",
        "List messages to leads, settle those in question, and import or export the suppression list.",
    ),
    "drafts": Subcommand(
        "scripts.cli.outreach.drafts:drafts",
        "List drafts of messages, ask for one, and approve or reject them.",
    ),
    "replies": Subcommand(
        "scripts.cli.outreach.replies:replies",
        "Say what a reply means, judge a suspected opt-out, measure how well that works, and train it on labelled replies.",
    ),
    "hooks": Subcommand(
        "scripts.cli.capture.hooks:hooks",
        "Create, list, switch and delete endpoints for webhooks of providers.",
    ),
    "forms": Subcommand("scripts.cli.capture.forms:forms", "Create, list, switch and delete forms."),
    "sources": Subcommand(
        "scripts.cli.capture.sources:sources",
        "Create, list, change and delete sources; list and take again what was rejected.",
    ),
    "sequences": Subcommand(
        "scripts.cli.outreach.sequences:sequences",
        "Check, explain and activate sequences, enrol leads, print calendars and the JSON Schema.",
    ),
    "campaigns": Subcommand(
        "scripts.cli.outreach.campaigns:campaigns",
        "Create campaigns from files, estimate their audience, start, pause, resume and finish them.",
    ),
    "analytics": Subcommand(
        "scripts.cli.outreach.analytics:analytics",
        "Count what became of messages, and rebuild and verify what is counted.",
    ),
    "tail": Subcommand(
        "scripts.cli.capture.tail:tail",
        "Follow events as they arrive, and messages of sources as they are rejected, each with its reason.",
    ),
    "people": Subcommand(
        "scripts.cli.access.people:people",
        "Invite people, list them, change their roles and end their access.",
    ),
    "routing": Subcommand(
        "scripts.cli.leads.routing:routing",
        "Show, check, try on past events and activate the rules by which leads are routed.",
    ),
    "predict": Subcommand(
        "scripts.cli.rulebooks.predict:predict",
        "Train, test, show and activate the models that say how likely a lead is to be won.",
    ),
    "shard": Subcommand(
        "scripts.cli.operations.shard:shard",
        "Plan, make and check a sharded cluster, on which all documents of a lead are on one shard.",
    ),
    "personal-data": Subcommand(
        "scripts.cli.leads.personal_data:personal_data", "Export or erase the personal data of a lead."
    ),
    "demo": Subcommand(
        "scripts.cli.operations.demo:demo",
        "Send a simulated week to the running engine and show the ten best leads, then a visitor who becomes known, and a conversation.",
    ),
}


@click.group(
    cls=LazyGroup,
    subcommands=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="lead-engine")
def cli() -> None:
    """Lead engine: events in; score, stage, velocity, risk and next action out, each explained.

    Settings come from the environment or a file .env; `lead-engine config` lists them.
    """


def main() -> None:
    """The entry point of the `lead-engine` command."""
    cli(prog_name="lead-engine")
