"""Checkouts of this repository that can be measured: the one that runs, and a temporary clone of another commit."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from domain.errors import Invalid, Unavailable

__all__ = ["Checkout", "check_out", "this_checkout"]

ROOT = Path(__file__).parents[3]
_LOCK = "requirements.lock"
_LAST_LINES = 15


class Checkout(Struct, frozen=True):
    """A folder with the program, and the Python that has its dependencies."""

    name: str
    folder: Path
    python: Path


def this_checkout() -> Checkout:
    """The running program, with its uncommitted changes."""
    return Checkout("now", ROOT, Path(sys.executable))


@contextlib.contextmanager
def check_out(commit: str, say: Callable[[str], None], repository: Path = ROOT) -> Iterator[Checkout]:
    """Clone the commit into a temporary folder, with an environment of its own unless this one fits.

    Raises `Invalid` for a commit that does not exist, `Unavailable` if its dependencies cannot be installed.
    """
    found = _git(repository, "rev-parse", "--short", "--verify", "--quiet", f"{commit}^{{commit}}")
    if found.returncode:
        raise Invalid(f"There is no commit '{commit}' in {repository}.")
    with tempfile.TemporaryDirectory(prefix="lead-engine-against-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary) / "checkout"
        say(f"checking out {commit}")
        _run("git", "clone", "--quiet", "--shared", "--no-checkout", str(repository), str(folder))
        _run("git", "-C", str(folder), "checkout", "--quiet", "--detach", found.stdout.strip())
        yield Checkout(found.stdout.strip(), folder, _environment(folder, say))


def _environment(folder: Path, say: Callable[[str], None]) -> Path:
    """The Python of this process if it has all that the commit pins, else that of a new virtual environment."""
    if _pins(folder / _LOCK) <= _pins(ROOT / _LOCK):
        return Path(sys.executable)
    say("installing the dependencies that it pins")
    _run("make", "-C", str(folder), f"PYTHON={sys.executable}", "VENV=.venv", ".venv/.installed")
    return folder / ".venv" / "bin" / "python"


def _pins(lock: Path) -> set[str]:
    """The pins of a lock file: `name==version`."""
    return set(re.findall(r"^([\w.-]+==[\w.+-]+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


def _git(repository: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(repository), *words], capture_output=True, text=True, check=False)


def _run(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        last = "\n".join(done.stdout.splitlines()[-_LAST_LINES:])
        raise Unavailable(f"`{' '.join(command)}` failed:\n{last}")
