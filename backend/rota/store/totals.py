"""Totals that only grow, for observers from outside: by queue and name (`domain/totals.py` has the names).

Each writing process has its own shard, as with the counters, so that none waits for another's row.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from rota.domain.states import FINAL
from rota.domain.totals import left
from rota.store.database import Connection
from rota.store.shards import take_others

DELETED = "deleted"
_COLUMNS = {"id": "text", "shard": "text", "queue": "text", "name": "text", "amount": "bigint"}


async def add(db: Connection, shard: str, amounts: Mapping[tuple[str, str], int]) -> None:
    """Adds to totals by (queue, name)."""
    rows = sorted(
        (f"{shard}|{queue}|{name}", shard, queue, name, amount) for (queue, name), amount in amounts.items() if amount
    )
    await db.insert("totals", _COLUMNS, rows, "ON CONFLICT (id) DO UPDATE SET amount = totals.amount + excluded.amount")


async def note_deleted(db: Connection, shard: str, tasks: Iterable[tuple[str, str]]) -> None:
    """Notes tasks that are deleted, as (queue, status): what was counted by what is kept stays counted."""
    amounts: Counter[tuple[str, str]] = Counter()
    for queue, status in tasks:
        amounts[queue, DELETED] += 1
        if status in FINAL:
            amounts[queue, left(status)] += 1
    await add(db, shard, amounts)


async def note_revived(db: Connection, shard: str, queue: str, status: str) -> None:
    """Notes a task that had ended so and goes back into line."""
    await add(db, shard, {(queue, left(status)): 1})


async def by_queue(db: Connection) -> dict[str, dict[str, int]]:
    """All totals: queue -> name -> amount."""
    found: dict[str, dict[str, int]] = {}
    for row in await db.rows("SELECT queue, name, sum(amount) AS n FROM totals GROUP BY queue, name"):
        found.setdefault(row["queue"], {})[row["name"]] = int(row["n"])
    return found


async def fold_shards(db: Connection, into: str) -> None:
    """Adds the totals of all other processes to one shard, as `counters.fold_shards` does."""
    await add(db, into, await take_others(db, "totals", ("queue", "name"), into))
