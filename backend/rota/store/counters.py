"""Counts that a dashboard shows: kept by whoever moves rows, never counted."""

from collections.abc import Mapping

from rota.store.database import Connection

_COLUMNS = {"id": "text", "shard": "text", "queue": "text", "status": "text", "priority": "int", "amount": "bigint"}


async def add(db: Connection, shard: str, deltas: Mapping[tuple[str, str, int], int]) -> None:
    """Adds to the counts by (queue, status, priority), in the transaction that moves the rows."""
    rows = [
        (f"{shard}|{queue}|{status}|{priority}", shard, queue, status, priority, amount)
        for (queue, status, priority), amount in sorted(deltas.items())
        if amount
    ]
    await db.insert(
        "counters", _COLUMNS, rows, "ON CONFLICT (id) DO UPDATE SET amount = counters.amount + excluded.amount"
    )


async def totals(db: Connection) -> dict[tuple[str, str, int], int]:
    """Tasks by (queue, status, priority)."""
    rows = await db.rows(
        "SELECT queue, status, priority, sum(amount) AS n FROM counters GROUP BY queue, status, priority"
    )
    return {(row["queue"], row["status"], row["priority"]): int(row["n"]) for row in rows if row["n"]}


async def fold_shards(db: Connection, into: str, but: set[str]) -> None:
    """Adds the counts of processes that are gone to one shard, so that the table stays small."""
    rows = await db.rows("SELECT DISTINCT shard FROM counters")
    for shard in sorted({row["shard"] for row in rows} - but - {into}):
        found = await db.rows("SELECT queue, status, priority, amount FROM counters WHERE shard = $1", shard)
        await add(db, into, {(row["queue"], row["status"], row["priority"]): row["amount"] for row in found})
        await db.run("DELETE FROM counters WHERE shard = $1", shard)
