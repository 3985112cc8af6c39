"""The outbox: messages as files in a folder, for trying things out. Nothing leaves the machine."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from engine.outreach.channels.addresses import email_fault, phone_fault
from engine.outreach.channels.channel import Accepted, HandOver, Letter, Retry, Sent
from engine.outreach.channels.mail import Composer

__all__ = ["OutboxChannel"]


class OutboxChannel:
    """Writes each message of one kind to a file: `.eml`, which mail programs open, or `.txt`."""

    name = "outbox"

    def __init__(self, channel: str, folder: Path, composer: Composer) -> None:
        self.channel = channel
        self._folder = folder
        self._composer = composer

    def recipient_fault(self, to: str) -> str | None:
        return email_fault(to) if self.channel == "email" else phone_fault(to)

    async def send(self, letter: Letter, hand_over: HandOver) -> Sent:
        await hand_over()
        try:
            await asyncio.to_thread(self._write, letter)
        except OSError as error:
            return Retry(f"the folder {self._folder} cannot be written: {error.strerror}")
        is_mail = self.channel == "email"
        return Accepted(self._composer.message_id(letter) if is_mail else letter.message_id)

    async def close(self) -> None:
        """Nothing is open."""

    def _write(self, letter: Letter) -> None:
        """Write the file whole or not at all, readable by its owner alone: it holds personal data."""
        if self.channel == "email":
            name, content = f"{letter.message_id}.eml", self._composer.compose(letter)
        else:
            text = letter.content.text or f"[template {letter.content.template}: {letter.content.variables}]"
            name, content = f"{letter.message_id}.txt", f"To: {letter.content.to}\n\n{text}\n".encode()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = self._folder / f".{name}"
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123 - with a mode
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(self._folder / name)
