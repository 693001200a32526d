"""Workers as their heartbeats told of them."""

from collections.abc import Sequence
from typing import Any

from rota.store.database import Connection
from rota.store.models import Worker

HERE = ("ONLINE", "PAUSED", "DRAINING")

_COLUMNS = {
    "id": "text",
    "name": "text",
    "kind": "text",
    "status": "text",
    "queues": "text",
    "slots": "int",
    "running_count": "int",
    "stealing": "boolean",
    "is_stuck": "boolean",
    "pool": "text",
    "host": "text",
    "pid": "int",
    "started_at": "bigint",
    "heartbeat_at": "bigint",
    "ended_at": "bigint",
}


async def here(db: Connection) -> list[Worker]:
    """Workers that are there, the oldest first."""
    return await Worker.filter(status__in=HERE).using_db(db.client).order_by("started_at", "id")


async def listed(db: Connection, ended_after: int) -> list[Worker]:
    """Workers that are there, then those that ended after an instant, at most 50, the last first."""
    gone = await Worker.filter(ended_at__gt=ended_after).using_db(db.client).order_by("-ended_at").limit(50)
    return [*await here(db), *gone]


async def get_many(db: Connection, ids: Sequence[str]) -> list[Worker]:
    """These workers, in no order."""
    return await Worker.filter(id__in=list(ids)).using_db(db.client) if ids else []


async def get(db: Connection, worker_id: str) -> Worker | None:
    """One worker."""
    return await Worker.get_or_none(id=worker_id, using_db=db.client)


async def save(db: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Writes workers as they are now, new or known."""
    sets = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "id")
    tail = f"ON CONFLICT (id) DO UPDATE SET {sets}"
    await db.insert("workers", _COLUMNS, [[row[name] for name in _COLUMNS] for row in rows], tail)


async def end(db: Connection, worker_id: str, status: str, at: int) -> None:
    """Marks a worker as OFFLINE or LOST."""
    await db.run(
        "UPDATE workers SET status = $2, ended_at = $3, running_count = 0 WHERE id = $1", worker_id, status, at
    )


async def prune(db: Connection, ended_before: int) -> None:
    """Forgets workers that ended before an instant and that no kept task names."""
    await db.run(
        "DELETE FROM workers WHERE ended_at < $1 AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.worker_id = workers.id)",
        ended_before,
    )


async def stays(db: Connection, pool_id: str, since: int, most: int) -> list[tuple[int, int | None]]:
    """From when until when (None: still) each worker of a pool was there, of those that had not ended before an instant."""
    rows = await db.rows(
        "SELECT started_at, ended_at FROM workers WHERE pool = $1 AND (ended_at IS NULL OR ended_at > $2) "
        "ORDER BY started_at DESC LIMIT $3",
        pool_id,
        since,
        most,
    )
    return [(row["started_at"], row["ended_at"]) for row in rows]
