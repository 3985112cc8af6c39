"""Of what the clients of Redis and MongoDB import, nothing is kept that a process of the engine does not use."""

from __future__ import annotations

import subprocess
import sys

LEANLY = "from engine.process.lean_imports import import_clients_leanly as lean; lean()"
_COUNT = "import typing; print(sum(len(kept) for kept in typing._overload_registry.values()))"


def _overloads_kept(statement: str) -> int:
    program = f"{statement}; {_COUNT}"
    return int(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)


def test_nothing_is_kept_of_the_overloads_of_the_redis_client():
    assert _overloads_kept(LEANLY) == 0


def test_control_the_redis_client_alone_leaves_hundreds():
    assert _overloads_kept("import redis.asyncio") > 100


def _is_imported(module: str, statement: str) -> bool:
    program = f"{statement}; import sys; print(int({module!r} in sys.modules))"
    return bool(int(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout))


def test_pymongo_uses_tls_of_the_standard_library_without_importing_another():
    assert not _is_imported("OpenSSL", LEANLY)
    assert not _is_imported("cryptography.x509", LEANLY)


def test_the_api_imports_the_library_of_passkeys_with_the_first_one():
    assert not _is_imported("webauthn", f"{LEANLY}; import api.server")


def test_control_pymongo_alone_imports_what_it_does_not_use():
    assert _is_imported("cryptography.x509", "import pymongo")
