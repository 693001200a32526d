"""Actions on many tasks: kept, taken up step by step, pruned."""

from rota.domain.bulk import BulkStatus
from rota.store.database import Connection
from rota.store.models import BulkAction

_WRITTEN = ("status", "total", "done", "failed", "errors", "stopped", "place", "finished_at")


async def create(db: Connection, action: BulkAction) -> None:
    """Keeps a new action."""
    await action.save(using_db=db.client, force_create=True)


async def get(db: Connection, action_id: str) -> BulkAction | None:
    """One action."""
    return await BulkAction.get_or_none(id=action_id, using_db=db.client)


async def unfinished(db: Connection) -> list[str]:
    """The ids of all that are not finished, the oldest first."""
    rows = await db.rows("SELECT id FROM bulk_actions WHERE status = 'RUNNING' ORDER BY id")
    return [row["id"] for row in rows]


async def unfinished_of(db: Connection, owner_id: str) -> int:
    """How many of a user's are not finished."""
    rows = await db.rows("SELECT count(*) AS n FROM bulk_actions WHERE status = 'RUNNING' AND owner_id = $1", owner_id)
    return int(rows[0]["n"])


async def lock(db: Connection, action_id: str) -> BulkAction | None:
    """An action that is not finished, locked until the transaction ends."""
    query = BulkAction.filter(id=action_id, status=BulkStatus.RUNNING.value).using_db(db.client)
    return await (query if db.is_sqlite else query.select_for_update()).first()


async def save(db: Connection, action: BulkAction) -> None:
    """Writes how far a locked action is."""
    await action.save(using_db=db.client, update_fields=_WRITTEN)


async def prune(db: Connection, before: int) -> int:
    """Forgets what finished before an instant."""
    return await db.run("DELETE FROM bulk_actions WHERE finished_at < $1", before)
