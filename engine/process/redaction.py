"""Redaction of secrets in logs, error messages and lists of settings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

__all__ = ["HIDDEN", "Redactor", "passwords_in", "without_quotations", "without_secrets"]

HIDDEN = "***"
_MIN_LENGTH = 4
"""Characters. Anything shorter occurs everywhere, and masking it would make a log unreadable."""

# Foreign text of any length meets these patterns, so each must take time that grows no faster than the text: what a
# pattern begins with is rare or tried once per run of characters, and no two parts of it can match the same run.
_IN_ADDRESS = re.compile(r"(?P<before>://[^\s:/@]*+:)[^\s/]*(?=@)")
"""The password in a URL such as `redis://user:password@host`, up to the last @ before the path."""
_IN_QUERY = re.compile(
    r"(?P<before>[?&;](?=[\w.-]++=)"
    r"(?:[\w.-]*(?:password|passwd|secret|token|key|signature|sig|auth)[\w.-]*|authMechanismProperties)=)[^&;#\s]*",
    re.IGNORECASE,
)
_KEY = re.compile(r"(?P<before>\ble_[0-9a-f]{16}_)[0-9a-f]{64}\b")
_WEBHOOK = re.compile(r"(?P<before>\bwhsec_)[A-Za-z0-9+/=_-]+")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def without_secrets(text: str) -> str:
    """The text with passwords in URLs, secret-looking query values, API keys and webhook secrets masked."""
    for pattern in (_IN_ADDRESS, _IN_QUERY, _KEY, _WEBHOOK):
        text = pattern.sub(rf"\g<before>{HIDDEN}", text)
    return text


def without_quotations(text: str) -> str:
    """The text with its quotations masked: parsers tend to quote the very part of a URL that is the password."""
    return _QUOTED.sub(f"'{HIDDEN}'", text)


def passwords_in(address: str) -> list[str]:
    """The password in a URL, percent-encoded and decoded; an empty list if there is none."""
    try:
        password = urlsplit(address).password
    except ValueError:
        return []
    return [] if password is None else [password, unquote(password)]


class Redactor:
    """Masks everything that looks like a secret, and the given secrets whatever they look like."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({one for one in secrets if len(one) >= _MIN_LENGTH}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, text: str) -> str:
        text = without_secrets(text)
        return self._known.sub(HIDDEN, text) if self._known else text
