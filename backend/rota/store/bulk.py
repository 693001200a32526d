"""Actions on many tasks: kept, taken up step by step, pruned."""

from collections.abc import Sequence

from rota.domain.bulk import BulkStatus
from rota.store.database import Connection
from rota.store.models import BulkAction, BulkMark

_WRITTEN = ("status", "total", "done", "failed", "errors", "stopped", "place", "finished_at", "marked")


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


async def newest(db: Connection, owner_id: str | None, first: int) -> list[BulkAction]:
    """The newest actions, of one owner where given."""
    query = BulkAction.all() if owner_id is None else BulkAction.filter(owner_id=owner_id)
    return await query.using_db(db.client).order_by("-id").limit(first)


async def set_undone(db: Connection, action_id: str, undone_by: str) -> bool:
    """Notes that an action is undone by another; False where it was already."""
    sql = "UPDATE bulk_actions SET undone_by = $2 WHERE id = $1 AND undone_by IS NULL AND status <> 'RUNNING'"
    return await db.run(sql, action_id, undone_by) > 0


async def mark(db: Connection, action_id: str, marks: Sequence[tuple[str, int, str]]) -> None:
    """Keeps what tasks were before an action changed them: (task, its version after, JSON of its place before)."""
    columns = {"action_id": "text", "task_id": "text", "version": "int", "before": "text"}
    await db.insert("bulk_marks", columns, [(action_id, *one) for one in marks], "ON CONFLICT DO NOTHING")


async def marks(db: Connection, action_id: str, after: str, first: int) -> list[BulkMark]:
    """An action's marks in the order of the tasks' ids, after a task."""
    query = BulkMark.filter(action_id=action_id, task_id__gt=after).using_db(db.client)
    return await query.order_by("task_id").limit(first)


async def prune_marks(db: Connection, before: int, most: int) -> int:
    """Forgets marks of what finished before an instant, so many at most: there may be as many as tasks."""
    return await db.run(
        "DELETE FROM bulk_marks WHERE id IN (SELECT m.id FROM bulk_marks m JOIN bulk_actions a ON a.id = m.action_id "
        "WHERE a.finished_at < $1 LIMIT $2)",
        before,
        most,
    )


async def prune(db: Connection, before: int) -> int:
    """Forgets what finished before an instant, whose marks are gone."""
    return await db.run("DELETE FROM bulk_actions WHERE finished_at < $1", before)
