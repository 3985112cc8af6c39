"""All settings of the engine in one object, read from the environment or a file `.env`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine.settings.capture.capture import CaptureSettings
from engine.settings.capture.hooks import HookSettings
from engine.settings.capture.identity import IdentitySettings
from engine.settings.capture.imports import ImportSettings
from engine.settings.leads.accounts import AccountSettings
from engine.settings.leads.automations import AutomationSettings
from engine.settings.leads.leads import LeadSettings
from engine.settings.leads.prediction import PredictionSettings
from engine.settings.leads.privacy import PrivacySettings
from engine.settings.leads.rulebooks import RulebookSettings
from engine.settings.operations.access import AccessSettings
from engine.settings.operations.api import ApiSettings
from engine.settings.operations.local import LocalSettings
from engine.settings.operations.passes import PassSettings
from engine.settings.operations.process import ProcessSettings
from engine.settings.operations.queue import QueueSettings
from engine.settings.operations.store import StoreSettings
from engine.settings.operations.work import WorkSettings
from engine.settings.outreach.assistant import AssistantSettings
from engine.settings.outreach.mailbox import MailboxSettings
from engine.settings.outreach.outreach import OutreachSettings
from engine.settings.outreach.webhooks import WebhookSettings
from engine.settings.section import Section

__all__ = ["SECRETS", "SECTIONS", "Settings"]

SECRETS = (
    "mongodb_uri",
    "redis_url",
    "api_key",
    "smtp_password",
    "sendgrid_api_key",
    "twilio_auth_token",
    "meta_access_token",
    "assistant_api_key",
    "imap_password",
)
"""Settings that are or contain a secret. Each can also be read from a file: MONGODB_URI_FILE=..."""


class Settings(
    ApiSettings,
    AccessSettings,
    StoreSettings,
    QueueSettings,
    LocalSettings,
    RulebookSettings,
    CaptureSettings,
    IdentitySettings,
    AccountSettings,
    LeadSettings,
    WorkSettings,
    PassSettings,
    AutomationSettings,
    WebhookSettings,
    HookSettings,
    ImportSettings,
    OutreachSettings,
    AssistantSettings,
    MailboxSettings,
    PredictionSettings,
    PrivacySettings,
    ProcessSettings,
    BaseSettings,
):
    """Every section at once. The environment variable of a setting is its name in capitals."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    @property
    def console_url(self) -> str:
        """The origin at which people open the console."""
        return self.console_origin or f"http://localhost:{self.port}"

    @model_validator(mode="before")
    @classmethod
    def _read_secret_files(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Read secrets from their files; a value that is given directly has precedence."""
        files = {name: given.get(f"{name}_file") for name in SECRETS if not given.get(name)}
        return {**given, **{name: _content_of(name, file) for name, file in files.items() if file}}


SECTIONS: tuple[type[Section], ...] = tuple(base for base in Settings.__bases__ if issubclass(base, Section))
"""Every section, in the order in which `lead-engine config` shows them."""


def _content_of(name: str, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ValueError(f"{name.upper()}_FILE: {file} cannot be read: {why}") from None
