"""The user at the command line, as the actor of audit entries."""

from __future__ import annotations

import getpass
import os
import socket

from engine.operations.audit_log import Actor

__all__ = ["current_actor"]


def current_actor() -> Actor:
    """The user of this process and the machine, as well as the system knows them."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container may run as a number that has no name
        user = str(os.getuid())
    return Actor("command line", f"{user}@{socket.gethostname()}")
