"""The file in which `lead-engine up` keeps an API key, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from domain.errors import Invalid

__all__ = ["key_file_of", "read_key_file", "write_key_file"]

_NAME = "api-key"


def key_file_of(data_dir: Path) -> Path:
    """The key file of an engine with this data folder."""
    return data_dir.expanduser() / _NAME


def read_key_file(file: Path) -> str:
    """The key in the file, empty if there is none or it cannot be read."""
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def write_key_file(file: Path, key: str) -> None:
    """Write the key atomically, readable by the owner only. Raises `Invalid` if that fails."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as writing:
            writing.write(f"{key}\n")
        draft.replace(file)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise Invalid(f"The API key cannot be written to {file}: {error.strerror}") from error
