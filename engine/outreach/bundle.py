"""The outreach bundle: messages, suppression lists, limits, and the channel adapters that the settings name."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import Fault, Invalid
from domain.instant import DAY, Millis
from engine.automations.task_store import TaskView
from engine.outreach.channels.channel import Channel, Letter
from engine.outreach.channels.linkedin import LinkedInTask
from engine.outreach.channels.mail import Composer, MailSender, mail_sender
from engine.outreach.channels.meta import MetaWhatsApp
from engine.outreach.channels.outbox import OutboxChannel
from engine.outreach.channels.sendgrid import SendGridChannel
from engine.outreach.channels.smtp import SmtpChannel, SmtpServer
from engine.outreach.channels.twilio import TwilioWhatsApp
from engine.outreach.limits import SendingLimits
from engine.outreach.mailbox import Mailbox
from engine.outreach.mailbox_place import MailboxPlaceStore
from engine.outreach.message_store import MessageStore
from engine.outreach.suppression_store import SuppressionStore
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.automations.task_store import TaskStore
    from engine.identity.identity_store import IdentityStore
    from engine.store.mongo import Database

__all__ = ["Outreach", "open_outreach", "outbox_folder"]


@dataclass(frozen=True)
class Outreach:
    """Messages with everything that sending one needs. `channels`: one adapter per channel."""

    messages: MessageStore
    suppressions: SuppressionStore
    limits: SendingLimits
    channels: Mapping[str, Channel]
    outbox: Path
    mailbox: Mailbox | None
    """In which replies arrive, if one is set."""
    places: MailboxPlaceStore


def outbox_folder(settings: Settings) -> Path:
    """The folder of the messages that are tried out."""
    return Path(settings.outbox_dir) if settings.outbox_dir else settings.data_dir / "outbox"


@contextlib.asynccontextmanager
async def open_outreach(
    settings: Settings,
    database: Database,
    identities: IdentityStore,
    tasks: TaskStore,
    now: Callable[[], Millis],
) -> AsyncIterator[Outreach]:
    """Wire the parts and close connections at the end. Raises `Invalid` for settings that cannot work."""
    channels = {one.channel: one for one in _channels(settings, tasks, now)}
    try:
        yield Outreach(
            messages=MessageStore(database),
            suppressions=SuppressionStore(database, identities.blind_index),
            limits=SendingLimits(database),
            channels=channels,
            outbox=outbox_folder(settings),
            mailbox=Mailbox(settings) if settings.imap_host else None,
            places=MailboxPlaceStore(database),
        )
    finally:
        for channel in channels.values():
            await channel.close()


def _channels(settings: Settings, tasks: TaskStore, now: Callable[[], Millis]) -> tuple[Channel, ...]:
    sender = mail_sender(
        settings.email_from,
        settings.email_reply_to,
        settings.dkim_domain,
        settings.dkim_selector,
        settings.dkim_key_file,
    )
    composer = Composer(sender, now)
    return (
        _email(settings, sender, composer),
        _whatsapp(settings, composer),
        LinkedInTask(_task_maker(tasks, now)),
    )


def _email(settings: Settings, sender: MailSender, composer: Composer) -> Channel:
    if settings.email_channel == "smtp":
        server = SmtpServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_username,
            password=settings.smtp_password,
            security=settings.smtp_security,
            seconds=settings.send_timeout_seconds,
        )
        return SmtpChannel(server, composer)
    if settings.email_channel == "sendgrid":
        _require(settings, "email_channel", "sendgrid_api_key")
        return SendGridChannel(
            settings.sendgrid_url, settings.sendgrid_api_key, sender, settings.send_timeout_seconds
        )
    return OutboxChannel("email", outbox_folder(settings), composer)


def _whatsapp(settings: Settings, composer: Composer) -> Channel:
    if settings.whatsapp_channel == "twilio":
        _require(settings, "whatsapp_channel", "twilio_account_sid", "twilio_auth_token", "twilio_from")
        return TwilioWhatsApp(
            settings.twilio_url,
            settings.twilio_account_sid,
            settings.twilio_auth_token,
            settings.twilio_from,
            settings.twilio_status_url,
            settings.send_timeout_seconds,
        )
    if settings.whatsapp_channel == "meta":
        _require(settings, "whatsapp_channel", "meta_phone_number_id", "meta_access_token")
        return MetaWhatsApp(
            settings.meta_url,
            settings.meta_api_version,
            settings.meta_phone_number_id,
            settings.meta_access_token,
            settings.send_timeout_seconds,
        )
    return OutboxChannel("whatsapp", outbox_folder(settings), composer)


def _require(settings: Settings, chosen_by: str, *names: str) -> None:
    chosen = f"{chosen_by.upper()}={getattr(settings, chosen_by)}"
    missing = tuple(
        Fault(name.upper(), f"is needed with {chosen}") for name in names if not getattr(settings, name)
    )
    if missing:
        raise Invalid("Settings of outreach are missing.", missing)


def _task_maker(tasks: TaskStore, now: Callable[[], Millis]) -> Callable[[Letter], Awaitable[str]]:
    async def create(letter: Letter) -> str:
        at = now()
        await tasks.create(
            TaskView(
                task_id=letter.message_id,
                lead_id=letter.lead_id,
                rule_id=_OUTREACH,
                title="Send the LinkedIn message that waits for you",
                priority="normal",
                state="open",
                created_at=at,
                due_at=at + DAY,
            )
        )
        return letter.message_id

    return create


_OUTREACH = "outreach"
"""What tasks name as their cause."""
