"""Limits."""

from rota import ids
from rota.domain.limits import NewLimit
from rota.store.database import Connection
from rota.store.models import Limit


async def all_limits(db: Connection) -> list[Limit]:
    """All limits: by queue, the queue's own first, then by function."""
    found = await Limit.all().using_db(db.client)
    return sorted(found, key=lambda limit: (limit.queue, limit.function or "", limit.per_key))


async def of_queue(db: Connection, queue: str) -> list[Limit]:
    """The limits of one queue."""
    return await Limit.filter(queue=queue).using_db(db.client)


async def get(db: Connection, limit_id: str) -> Limit | None:
    """One limit."""
    return await Limit.get_or_none(id=limit_id, using_db=db.client)


async def put(db: Connection, wanted: NewLimit, at: int) -> str:
    """Makes a limit, or changes the one that the queue, function or keys have. Returns its id."""
    (row,) = await db.rows(
        "INSERT INTO limits (id, queue, function, per_key, max_running, max_starts, period_ms, created_at, changed_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (queue, COALESCE(function, ''), per_key) DO UPDATE SET "
        "max_running = excluded.max_running, max_starts = excluded.max_starts, period_ms = excluded.period_ms, "
        "changed_at = excluded.changed_at RETURNING id",
        ids.new_id(ids.LIMIT),
        wanted.queue,
        wanted.function,
        wanted.per_key,
        wanted.max_running,
        wanted.max_starts,
        wanted.period_ms,
        at,
    )
    return str(row["id"])


async def remove(db: Connection, limit_id: str) -> None:
    """Deletes a limit."""
    await db.run("DELETE FROM limits WHERE id = $1", limit_id)
