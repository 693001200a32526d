"""Queues."""

from collections.abc import Iterable

from rota import ids
from rota.store.database import Connection
from rota.store.models import Queue

LONGEST_NAME = 60


async def all_queues(db: Connection) -> list[Queue]:
    """All queues, by name."""
    return await Queue.all().using_db(db.client).order_by("name")


async def get(db: Connection, name: str) -> Queue | None:
    """One queue by its name."""
    if len(name) > LONGEST_NAME:  # Tortoise does not ask for what the column cannot hold: it raises
        return None
    return await Queue.get_or_none(name=name, using_db=db.client)


async def ensure(db: Connection, names: Iterable[str], level_ms: int, at: int) -> int:
    """Makes the queues that are not there yet. Returns how many."""
    wanted = sorted(set(names))
    known = {queue.name for queue in await Queue.filter(name__in=wanted).using_db(db.client)}
    made = 0
    for name in wanted:
        if name not in known:
            made += await db.run(
                "INSERT INTO queues (id, name, kind, strategy, is_paused, level_ms, created_at) "
                "VALUES ($1, $2, 'POOL', 'PRIORITY', $3, $4, $5) ON CONFLICT (name) DO NOTHING",
                ids.new_id(ids.QUEUE),
                name,
                False,
                level_ms,
                at,
            )
    return made


async def set_paused(db: Connection, name: str, is_paused: bool) -> bool:
    """Pauses or resumes. False where it already was so."""
    sql = "UPDATE queues SET is_paused = $2 WHERE name = $1 AND is_paused <> $2"
    return bool(await db.run(sql, name, is_paused))


async def set_strategy(db: Connection, name: str, strategy: str) -> bool:
    """Sets how tasks find their workers. False where it already was so."""
    sql = "UPDATE queues SET strategy = $2 WHERE name = $1 AND strategy <> $2"
    return bool(await db.run(sql, name, strategy))


async def set_retention(db: Connection, name: str, retention_ms: int | None) -> bool:
    """Sets how long what has ended is kept; None: as the settings say. False where there is no such queue."""
    return bool(await db.run("UPDATE queues SET retention_ms = $2 WHERE name = $1", name, retention_ms))
