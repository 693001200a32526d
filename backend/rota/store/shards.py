"""Amounts that each process keeps in rows of its own, so that none waits for another's: how they become few again."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rota.store.database import Connection


async def take_others(db: Connection, table: str, names: Sequence[str], shard: str) -> Counter[tuple[Any, ...]]:
    """Deletes the rows of all other processes than this shard's. Returns their amounts, by the values of `names`.

    A process that still counts makes its rows anew. They are locked in order of id, as an upsert of sorted rows takes them.
    """
    if not db.is_sqlite:
        await db.rows(f'SELECT id FROM {table} ORDER BY id COLLATE "C" FOR UPDATE')
    columns = ", ".join(names)
    taken = await db.rows(f"DELETE FROM {table} WHERE shard <> $1 RETURNING {columns}, amount", shard)
    amounts: Counter[tuple[Any, ...]] = Counter()
    for row in taken:
        amounts[tuple(row[name] for name in names)] += int(row["amount"])
    return amounts
