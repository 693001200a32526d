"""Counts that a dashboard shows: kept by whoever moves rows, never counted."""

from collections.abc import Mapping

from rota.store.database import Connection

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
    """Adds the counts of all other processes to one shard, so that the table stays small.

    A process that still counts makes its rows anew. They are locked in order of id, as `add` takes them.
    """
    if not db.is_sqlite:
        await db.rows('SELECT id FROM counters ORDER BY id COLLATE "C" FOR UPDATE')
    taken = await db.rows("DELETE FROM counters WHERE shard <> $1 RETURNING queue, status, priority, amount", into)
    totals: dict[tuple[str, str, int], int] = {}
    for row in taken:
        key = (row["queue"], row["status"], row["priority"])
        totals[key] = totals.get(key, 0) + row["amount"]
    await add(db, into, totals)
