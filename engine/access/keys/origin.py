"""Origins of web pages, as browsers write them in the `Origin` header (RFC 6454)."""

from __future__ import annotations

import re

from domain.errors import Invalid

__all__ = ["check_origin"]

_ORIGIN = re.compile(r"(https?)://([a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::([1-9][0-9]{0,4}))?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def check_origin(text: str) -> None:
    """Raise `Invalid` unless a browser could send exactly this, because origins are compared byte by byte."""
    found = _ORIGIN.fullmatch(text)
    if found is None:
        raise Invalid(
            "write it as browsers do: https://shop.example.com, in small letters, without path or slash at the end"
        )
    if found[3] == _DEFAULT_PORTS[found[1]]:
        raise Invalid(f"leave out :{found[3]}, as browsers do")
