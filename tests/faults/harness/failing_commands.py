"""The ways in which MongoDB can fail a command, for its fail point `failCommand`."""

from __future__ import annotations

__all__ = ["COMMANDS", "OF_THE_ENGINE", "WAYS"]

COMMANDS = ("insert", "find", "commitTransaction", "update", "findAndModify")
SHUTDOWN_IN_PROGRESS, WRITE_CONFLICT, NO_SUCH_TRANSACTION, INTERRUPTED = 91, 112, 251, 11602
WAYS = {
    "connection closed": {"closeConnection": True},
    **{
        f"error {code}": {"errorCode": code}
        for code in (SHUTDOWN_IN_PROGRESS, WRITE_CONFLICT, NO_SUCH_TRANSACTION, INTERRUPTED)
    },
    "write concern failed": {
        "writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"}
    },
    "write concern, stepping down": {"writeConcernError": {"code": 189, "errmsg": "stepping down"}},
    "blocked for 3 s": {"blockConnection": True, "blockTimeMS": 3000},
}
OF_THE_ENGINE = {"appName": "lead-engine"}
