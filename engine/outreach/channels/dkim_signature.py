"""DKIM signatures (RFC 6376): rsa-sha256 over relaxed headers and a relaxed body.

Written here, since no library that does it comes as a wheel, and installations build nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from domain.errors import Fault, Invalid
from domain.instant import SECOND, Millis

__all__ = ["load_dkim_key", "sign_mail"]

_SPACES = re.compile(rb"[ \t]+")
_FOLD = re.compile(rb"\r\n[ \t]+")


def load_dkim_key(pem: bytes) -> RSAPrivateKey:
    """The private key in a PEM file. Raises `Invalid` for what is none, or no RSA key."""
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise Invalid(
            "The DKIM key is wrong.", (Fault("DKIM_KEY_FILE", "should hold a private RSA key (PEM)"),)
        )
    return key


def sign_mail(  # noqa: PLR0917 - the parts of a signature
    mail: bytes, key: RSAPrivateKey, domain: str, selector: str, names: Sequence[str], at: Millis
) -> bytes:
    """The mail with its signature in front. `names`: the headers to sign, in lower case, as far as the mail has them."""
    head, _, body = mail.partition(b"\r\n\r\n")
    headers = _relaxed_headers(head)
    signed = [name for name in names if name.encode() in headers]
    tags = {
        "v": "1",
        "a": "rsa-sha256",
        "c": "relaxed/relaxed",
        "d": domain,
        "s": selector,
        "t": str(at // SECOND),
        "h": ":".join(signed),
        "bh": _base64(hashlib.sha256(_relaxed_body(body)).digest()),
        "b": "",
    }
    value = "; ".join(f"{name}={content}" for name, content in tags.items())
    text = b"".join(b"%s:%s\r\n" % (name.encode(), headers[name.encode()]) for name in signed)
    signature = key.sign(text + b"dkim-signature:" + value.encode(), PKCS1v15(), SHA256())
    folded = f"DKIM-Signature: {value}{_base64(signature)}".replace("; h=", ";\r\n h=").replace(
        "; b", ";\r\n b"
    )
    return folded.encode() + b"\r\n" + mail


def _relaxed_headers(head: bytes) -> dict[bytes, bytes]:
    """Each header by its name in lower case, unfolded, with single spaces; of several of a name the last (section 5.4.2)."""
    lines = (line.partition(b":") for line in _FOLD.sub(b" ", head).split(b"\r\n"))
    return {name.strip().lower(): _SPACES.sub(b" ", value).strip() for name, _, value in lines}


def _relaxed_body(body: bytes) -> bytes:
    """The body with single spaces, none at the ends of lines, and no empty lines at its end (section 3.4.4)."""
    lines = [_SPACES.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
