"""Memory that imports would keep for the life of a process although nothing in it uses it.

`typing` keeps every function declared with `@overload` for tools that print documentation. The Redis client declares
hundreds, each with evaluated annotations. Cleared before other modules are imported, their memory is used again:
measured, 9 of the 98 MB that the API has after its imports.

PyMongo tries its TLS context of pyOpenSSL first. Without the package `service_identity` that fails, but only after pyOpenSSL
and X.509 were imported, which stay. Then it takes the context of the standard library, as it does here at once.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import typing

__all__ = ["import_clients_leanly"]

_PYOPENSSL_CONTEXT = "pymongo.pyopenssl_context"


def import_clients_leanly() -> None:
    """Import the clients of Redis and MongoDB without what is not used. To be called before anything large is imported."""
    if importlib.util.find_spec("service_identity") is None:
        sys.modules.setdefault(_PYOPENSSL_CONTEXT, None)  # type: ignore[arg-type] # so that its import fails at once
    for client in ("redis.asyncio", "pymongo"):
        importlib.import_module(client)
        typing.clear_overloads()
