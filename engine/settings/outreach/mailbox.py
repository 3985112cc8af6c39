"""Settings of the mailbox that replies arrive in."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.settings.section import Section

__all__ = ["MailboxSettings"]


class MailboxSettings(Section):
    """Mailbox: replies and bounces, read by IMAP."""

    imap_host: str = Field(
        "", description="IMAP server of the mailbox in which replies arrive; empty: none is read."
    )
    imap_port: int = Field(993, ge=1, le=65535, description="Port of the IMAP server.")
    imap_security: Literal["none", "starttls", "tls"] = Field(
        "tls", description="Encryption towards the IMAP server: tls (from the first byte), starttls or none."
    )
    imap_username: str = Field("", description="User name of the mailbox.")
    imap_password: str = Field("", repr=False, description="Password of the mailbox.")
    imap_password_file: str = Field("", description="File to read IMAP_PASSWORD from.")
    imap_folder: str = Field("INBOX", min_length=1, max_length=200, description="Folder that is read.")
    imap_poll_seconds: float = Field(
        60.0, ge=5, le=3600, description="Time between two looks into the mailbox."
    )
