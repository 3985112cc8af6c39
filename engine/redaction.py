"""Keeps secrets out of what people read: logs, messages, lists of settings."""

from __future__ import annotations

import re

__all__ = ["HIDDEN", "without_secrets"]

HIDDEN = "***"

_IN_ADDRESS = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s/]*(?=@)", re.IGNORECASE)
"""The password in an address such as `redis://user:password@host`, up to the last @ before the path."""
_IN_QUERY = re.compile(
    r"(?P<before>[?&;](?:[\w.-]*(?:password|passwd|secret|token|key|signature|sig|auth)[\w.-]*"
    r"|authMechanismProperties)=)[^&;#\s]*",
    re.IGNORECASE,
)
_KEY = re.compile(r"(?P<before>\ble_[0-9a-f]{16}_)[0-9a-f]{64}\b")
_WEBHOOK = re.compile(r"(?P<before>\bwhsec_)[A-Za-z0-9+/=_-]+")


def without_secrets(text: str) -> str:
    """The text with passwords in addresses, secret-looking query values, API keys and webhook secrets hidden."""
    for pattern in (_IN_ADDRESS, _IN_QUERY, _KEY, _WEBHOOK):
        text = pattern.sub(rf"\g<before>{HIDDEN}", text)
    return text
