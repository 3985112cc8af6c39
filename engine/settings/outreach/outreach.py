"""Settings of messages to leads: channels, sender, limits."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.settings.section import Section

__all__ = ["OutreachSettings"]


class OutreachSettings(Section):
    """Outreach: messages to leads by e-mail, WhatsApp and LinkedIn."""

    email_channel: Literal["outbox", "smtp", "sendgrid"] = Field(
        "outbox",
        description="By what e-mails are sent: outbox (files in OUTBOX_DIR, nothing leaves the machine), smtp or sendgrid.",
    )
    whatsapp_channel: Literal["outbox", "twilio", "meta"] = Field(
        "outbox", description="By what WhatsApp messages are sent: outbox, twilio or meta."
    )
    outbox_dir: str = Field(
        "", description="Folder of the messages that are tried out. Empty: the folder outbox in DATA_DIR."
    )
    email_from: str = Field(
        "Lead Engine <leads@localhost.localdomain>",
        description="Sender of e-mails, like Ada Smith <ada@example.com>; its domain is that of Message-IDs.",
    )
    email_reply_to: str = Field("", description="Address to which replies go, if not to the sender.")
    smtp_host: str = Field("localhost", description="Mail server that takes e-mails.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_username: str = Field("", description="User name at the mail server; empty: none.")
    smtp_password: str = Field("", repr=False, description="Password at the mail server.")
    smtp_password_file: str = Field("", description="File to read SMTP_PASSWORD from.")
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        "starttls",
        description="Encryption towards the mail server: starttls, tls (from the first byte) or none.",
    )
    dkim_domain: str = Field("", description="Domain that signs e-mails (DKIM); empty: that of the sender.")
    dkim_selector: str = Field("lead-engine", description="Selector of the DKIM key in the DNS.")
    dkim_key_file: str = Field(
        "", description="File with the private DKIM key (PEM); empty: e-mails are not signed here."
    )
    sendgrid_api_key: str = Field("", repr=False, description="API key of SendGrid.")
    sendgrid_api_key_file: str = Field("", description="File to read SENDGRID_API_KEY from.")
    sendgrid_url: str = Field("https://api.sendgrid.com", description="Base address of SendGrid's API.")
    twilio_account_sid: str = Field("", description="Account SID of Twilio.")
    twilio_auth_token: str = Field("", repr=False, description="Auth token of Twilio.")
    twilio_auth_token_file: str = Field("", description="File to read TWILIO_AUTH_TOKEN from.")
    twilio_from: str = Field("", description="WhatsApp number of the sender at Twilio, like +4930123456.")
    twilio_status_url: str = Field(
        "", description="Address at which Twilio reports what became of a message."
    )
    twilio_url: str = Field("https://api.twilio.com", description="Base address of Twilio's API.")
    meta_phone_number_id: str = Field("", description="Id of the sender's number in WhatsApp's Cloud API.")
    meta_access_token: str = Field("", repr=False, description="Access token of WhatsApp's Cloud API.")
    meta_access_token_file: str = Field("", description="File to read META_ACCESS_TOKEN from.")
    meta_api_version: str = Field("v23.0", description="Version of the Cloud API.")
    meta_url: str = Field("https://graph.facebook.com", description="Base address of the Cloud API.")
    send_timeout_seconds: float = Field(
        30.0, ge=1, le=120, description="Time within which a mail server or provider must answer each step."
    )
    send_attempts: int = Field(
        12,
        ge=1,
        le=50,
        description="Attempts to send a message before it is dead: two to three days with 12.",
    )
    send_per_day: int = Field(
        0,
        ge=0,
        le=10_000_000,
        description="Messages per sender and day (UTC) at most; 0: no limit.",
    )
    warm_up_per_day: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="Messages that a new sender may send on its first day (UTC); 0: no warm-up.",
    )
    warm_up_growth: float = Field(
        1.25,
        gt=1,
        le=10,
        description="How many times the most of its last 7 days a sender that warms up may send on the next day.",
    )
    send_per_domain_minute: int = Field(
        60, ge=0, le=100_000, description="Messages per domain of the recipients and minute; 0: no limit."
    )
    consent_required: bool = Field(
        False, description="Send only to leads with an event consent.given that was not withdrawn since."
    )
