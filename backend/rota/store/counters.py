"""Counts that a dashboard shows: kept by whoever moves rows, never counted."""

from collections.abc import Mapping

from rota.store.database import Connection
from rota.store.shards import take_others

_COLUMNS = {"id": "text", "shard": "text", "queue": "text", "status": "text", "priority": "int", "amount": "bigint"}


async def add(db: Connection, shard: str, deltas: Mapping[tuple[str, str, int], int]) -> None:
    """Adds to the counts by (queue, status, priority), in the transaction that moves the rows."""
    rows = sorted(
        (f"{shard}|{queue}|{status}|{priority}", shard, queue, status, priority, amount)
        for (queue, status, priority), amount in deltas.items()
        if amount
    )
    await db.insert(
        "counters", _COLUMNS, rows, "ON CONFLICT (id) DO UPDATE SET amount = counters.amount + excluded.amount"
    )


async def totals(db: Connection) -> dict[tuple[str, str, int], int]:
    """Tasks by (queue, status, priority)."""
    rows = await db.rows(
        "SELECT queue, status, priority, sum(amount) AS n FROM counters GROUP BY queue, status, priority"
    )
    return {(row["queue"], row["status"], row["priority"]): int(row["n"]) for row in rows if row["n"]}


async def fold_shards(db: Connection, into: str) -> None:
    """Adds the counts of all other processes to one shard, so that the table stays small."""
    await add(db, into, await take_others(db, "counters", ("queue", "status", "priority"), into))
