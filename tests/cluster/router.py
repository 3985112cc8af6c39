"""A test double of mongos, for machines that have none: routing code of real shards behind a real port.

Statements outside transactions go to a shard as its `cluster*` commands, which route as mongos does. A transaction
goes plain to the one shard that owns the partition of its first statement, and **any statement of it for another
shard is refused**: that refusal is what tests rely on. It is no mongos: it retries little, knows no logins, no
transactions over shards, and no command that nothing here uses. `MONGOS=` runs the same tests through a real one.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from bson import Int64, MaxKey, MinKey, ObjectId, Timestamp

from tests.cluster.wire import GONE, MORE_TO_COME, Connection, Document, Message, read_message, reply

__all__ = ["Router"]

NOT_SUPPORTED, UNREACHABLE, STALE, LEAVES_ITS_SHARD = 115, 6, 13388, 96
TRANSIENT = ["TransientTransactionError"]
ROUTED = {
    name: f"cluster{name[0].upper()}{name[1:]}"
    for name in ("insert", "update", "delete", "find", "aggregate", "getMore")
}
OF_CONFIG_SERVERS = {
    "enableSharding": "CreateDatabase",
    "addShardToZone": "AddShardToZone",
    "updateZoneKeyRange": "UpdateZoneKeyRange",
    "configureCollectionBalancing": "ConfigureCollectionBalancing",
    "moveRange": "MoveRange",
    "balancerStart": "BalancerStart",
    "balancerStop": "BalancerStop",
}
"""Commands of mongos, and what it has the config servers do for them."""
TO_ONE_SHARD = ("findAndModify", "count", "distinct")
WITHOUT_CONCERN = ("configureCollectionBalancing", "balancerStart", "balancerStop")
MAJORITY = {"w": "majority"}
UNSHARDED = {"e": ObjectId(b"\0" * 12), "t": Timestamp(0, 0), "v": Timestamp(0, 0)}


class Refused(Exception):
    """An answer instead of a result."""

    def __init__(self, code: int, reason: str, *, labels: list[str] | None = None) -> None:
        super().__init__(reason)
        labelled = {"errorLabels": labels} if labels else {}
        self.answer: Document = {"ok": 0.0, "errmsg": reason, "code": code, **labelled}


class Router:
    """Listens on a port of its own; `shards` and `config` are ports of real servers."""

    def __init__(self, config: int, shards: dict[str, int]) -> None:
        self._config, self._shards = config, shards
        self.transactions: dict[str, int] = dict.fromkeys(shards, 0)
        """Transactions that were begun on each shard."""
        self._clients: set[asyncio.Task[Any]] = set()

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        self._server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)
        session = _Client(self, self._config, self._shards)
        try:
            with contextlib.suppress(*GONE, asyncio.CancelledError):
                while True:
                    message = await read_message(reader)
                    answer = await session.answer(message)
                    if not message.flags & MORE_TO_COME:
                        writer.write(reply(message, answer))
                        await writer.drain()
        finally:
            session.close()
            writer.close()


class _Client:
    """One connection of a driver, with connections of its own to the servers."""

    pinned: dict[bytes, str] = {}  # noqa: RUF012 - of all connections: a transaction may use several
    cursors: dict[int, str] = {}  # noqa: RUF012

    def __init__(self, router: Router, config: int, shards: dict[str, int]) -> None:
        self._router = router
        self._config = Connection(config)
        self._shards = {name: Connection(port) for name, port in shards.items()}

    def close(self) -> None:
        for connection in (self._config, *self._shards.values()):
            connection.close()

    async def answer(self, message: Message) -> Document:
        body = message.body
        name = next(iter(body))
        try:
            return await self._answer(name, body)
        except Refused as refusal:
            return refusal.answer
        except GONE as error:
            transient = TRANSIENT if "autocommit" in body and name != "commitTransaction" else None
            return Refused(UNREACHABLE, f"a server of the cluster has gone: {error}", labels=transient).answer

    async def _answer(self, name: str, body: Document) -> Document:
        if name.lower() in {"hello", "ismaster"}:
            return _greeting()
        if name in {"ping", "endSessions", "killCursors"}:
            return {"ok": 1.0}
        of_cluster = body["$db"] in {"config", "admin"} and name in {"find", "aggregate", "getMore"}
        if of_cluster or name == "buildInfo":
            return await self._config.command(body)
        if "autocommit" in body:
            return await self._in_transaction(name, body)
        return await (self._routed if name in ROUTED else self._administered)(name, body)

    async def _routed(self, name: str, body: Document) -> Document:
        """By the first shard that lives: it asks the others itself."""
        cursor = body.get("getMore")
        body = _renamed({k: v for k, v in body.items() if k != "txnNumber"}, ROUTED[name])
        for shard, connection in self._shards.items():
            if cursor and self.cursors.get(cursor) != shard:
                continue
            with contextlib.suppress(*GONE):
                answer = await connection.command(body)
                if opened := answer.get("cursor", {}).get("id"):
                    self.cursors[opened] = shard
                return answer
        raise Refused(UNREACHABLE, "no shard lives")

    async def _in_transaction(self, name: str, body: Document) -> Document:
        transaction = body["lsid"]["id"] + body["txnNumber"].to_bytes(8, "big")
        if name in {"commitTransaction", "abortTransaction"}:
            shard = self.pinned.get(transaction)
            return await self._shards[shard].command(body) if shard else {"ok": 1.0}
        version, owners = await self._owners(f"{body['$db']}.{body[name]}", _partitions(name, body))
        shard = self.pinned.get(transaction)
        if len(owners) != 1 or (shard and owners != {shard}):
            raise Refused(
                LEAVES_ITS_SHARD,
                f"{name} {body[name]} is for {sorted(owners)}, and the transaction is on {shard}",
            )
        (shard,) = owners
        if body.get("startTransaction"):
            self.pinned[transaction] = shard
            self._router.transactions[shard] += 1
        answer = await self._shards[shard].command(
            {**body, "shardVersion": version[shard]} if version else body
        )
        if answer.get("code") == STALE:
            raise Refused(STALE, answer["errmsg"], labels=TRANSIENT)
        return answer

    async def _owners(self, namespace: str, partitions: set[int] | None) -> tuple[Document | None, set[str]]:
        """The version that each shard has of a collection, if it is sharded, and the shards that hold partitions."""
        found = await self._of_config("collections", {"_id": namespace})
        if not found:
            return None, {(await self._home(namespace.split(".", maxsplit=1)[0]))["primary"]}
        chunks = await self._of_config("chunks", {"uuid": found[0]["uuid"]})
        epoch, made = found[0]["lastmodEpoch"], found[0]["timestamp"]
        newest: dict[str, Timestamp] = {}
        for chunk in chunks:
            newest[chunk["shard"]] = max(newest.get(chunk["shard"], Timestamp(0, 0)), chunk["lastmod"])
        version = {s: {"e": epoch, "t": made, "v": newest.get(s, Timestamp(0, 0))} for s in self._shards}
        if partitions is None or list(found[0]["key"]) != ["p"]:
            return version, set(newest)
        return version, {chunk["shard"] for chunk in chunks for p in partitions if _holds(chunk, p)}

    async def _of_config(self, collection: str, query: Document) -> list[Document]:
        answer = await self._config.command(
            {"find": collection, "filter": query, "batchSize": 10_000, "$db": "config"}
        )
        if not answer["ok"]:
            raise Refused(UNREACHABLE, answer["errmsg"])
        return list(answer["cursor"]["firstBatch"])

    async def _home(self, database: str) -> Document:
        """The primary shard and the version of a database, which is made if there is none."""
        while not (found := await self._of_config("databases", {"_id": database})):
            command = {"_configsvrCreateDatabase": database, "writeConcern": MAJORITY, "$db": "admin"}
            await self._config.command(command)
        return found[0]

    async def _administered(self, name: str, body: Document) -> Document:
        body = {k: v for k, v in body.items() if k not in {"lsid", "$clusterTime", "txnNumber"}}
        if "forceJumbo" in body:
            body["forceJumbo"] = int(body["forceJumbo"])  # a mode, among servers
        if renamed := OF_CONFIG_SERVERS.get(name):
            majority = {} if name in WITHOUT_CONCERN else {"writeConcern": MAJORITY}
            return await self._config.command({**_renamed(body, f"_configsvr{renamed}"), **majority})
        if name == "createIndexes":
            return await self._indexed(body)
        if name in TO_ONE_SHARD:
            return await self._to_owner(name, body)
        database = body["shardCollection"].split(".")[0] if name == "shardCollection" else body["$db"]
        home = await self._home(database)
        command = _of_primary(name, body, database, {"databaseVersion": home["version"]})
        return await self._shards[home["primary"]].command(command)

    async def _to_owner(self, name: str, body: Document) -> Document:
        """For what no shard routes: done where the collection is, or the only partition that is named."""
        version, owners = await self._owners(f"{body['$db']}.{body[name]}", _partitions(name, body))
        if len(owners) != 1:
            raise Refused(
                NOT_SUPPORTED, f"the test router does {name} on one shard only, not on {sorted(owners)}"
            )
        (owner,) = owners
        return await self._shards[owner].command(
            {**body, "shardVersion": version[owner]} if version else body
        )

    async def _indexed(self, body: Document) -> Document:
        """On every shard that has a part of the collection, with its version: else the shard would not check the key."""
        version, owners = await self._owners(f"{body['$db']}.{body['createIndexes']}", None)
        answer: Document = {"ok": 1.0}
        for owner in owners:
            versioned = {**body, "shardVersion": version[owner]} if version else body
            for _ in range(3):
                answer = await self._shards[owner].command(versioned)
                if answer.get("code") != STALE:
                    break
            if not answer["ok"]:
                break
        return answer


def _of_primary(name: str, body: Document, database: str, at: Document) -> Document:
    """The command that the primary shard of the database does for a command of mongos."""
    majority = {**at, "writeConcern": MAJORITY, "$db": database}
    if name == "shardCollection":
        collection = body[name].split(".", 1)[1]
        return {"_shardsvrCreateCollection": collection, "shardKey": body["key"], "unique": False, **majority}
    if name == "dropDatabase":
        return {"_shardsvrDropDatabase": 1, **majority}
    if name == "dropIndexes":
        return {"_shardsvrDropIndexes": body[name], "index": body["index"], **majority}
    if name in {"create", "listCollections", "listIndexes"}:
        return body
    raise Refused(NOT_SUPPORTED, f"the test router does not know {name}")


def _partitions(name: str, body: Document) -> set[int] | None:
    """The partitions that a statement names; None if it names none, and so is for all of them."""
    if name == "insert":
        named = [document.get("p") for document in body["documents"]]
    elif name in {"update", "delete"}:
        named = [statement["q"].get("p") for statement in body[f"{name}s"]]
    elif name == "aggregate":
        named = [body["pipeline"][0].get("$match", {}).get("p") if body["pipeline"] else None]
    else:
        named = [body.get("filter", body.get("query", {})).get("p")]
    numbers = [number for p in named for number in (p["$in"] if isinstance(p, dict) and "$in" in p else [p])]
    return set(numbers) if all(isinstance(number, int) for number in numbers) else None


def _holds(chunk: Document, partition: int) -> bool:
    low, high = chunk["min"]["p"], chunk["max"]["p"]
    return (isinstance(low, MinKey) or low <= partition) and (isinstance(high, MaxKey) or partition < high)


def _renamed(body: Document, name: str) -> Document:
    (first, value), *rest = body.items()
    del first
    return {name: value, **dict(rest)}


def _greeting() -> Document:
    return {
        "helloOk": True,
        "ismaster": True,
        "isWritablePrimary": True,
        "msg": "isdbgrid",
        "maxBsonObjectSize": 16 * 1024 * 1024,
        "maxMessageSizeBytes": 48_000_000,
        "maxWriteBatchSize": 100_000,
        "logicalSessionTimeoutMinutes": 30,
        "minWireVersion": Int64(0),
        "maxWireVersion": 17,
        "readOnly": False,
        "ok": 1.0,
    }
