"""Checks of the addresses that messages go to."""

from __future__ import annotations

import re

__all__ = ["email_fault", "phone_fault"]

_EMAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\]{1,253}")
_PHONE = re.compile(r"\+[1-9]\d{6,14}")


def email_fault(to: str) -> str | None:
    """What is wrong with an e-mail address; None if it can be written into an envelope."""
    return None if _EMAIL.fullmatch(to) and to.isascii() else "is not an e-mail address"


def phone_fault(to: str) -> str | None:
    """What is wrong with a phone number; None if it is one in E.164."""
    return None if _PHONE.fullmatch(to) else "is not a phone number such as +4930123456"
