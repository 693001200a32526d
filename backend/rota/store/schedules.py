"""Schedules, and the tasks that they made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tortoise.exceptions import IntegrityError

from rota.domain.errors import Conflict
from rota.store import tasks
from rota.store.database import Connection
from rota.store.models import Schedule, Task

SCHEDULES_AT_ONCE = 50  # in one statement
_TICKED = "UPDATE schedules SET next_at = $4, {} WHERE id = $1 AND next_at = $2 AND version = $3"


@dataclass(frozen=True, slots=True)
class SchedulePage:
    """Rows of a page and whether more follow."""

    rows: list[Schedule]
    has_next: bool


async def create(db: Connection, schedule: Schedule) -> None:
    """Adds a schedule. Raises Conflict where its owner has another of this name; the transaction is lost then."""
    try:
        await schedule.save(using_db=db.client, force_create=True)
    except IntegrityError:
        raise _name_taken(schedule.name) from None


async def count_of(db: Connection, owner_id: str) -> int:
    """How many schedules a user has. On PostgreSQL no other transaction that asks this can commit in between."""
    if not db.is_sqlite:
        await db.rows("SELECT 1 AS one FROM users WHERE id = $1 FOR UPDATE", owner_id)
    return await Schedule.filter(owner_id=owner_id).using_db(db.client).count()


async def get(db: Connection, schedule_id: str) -> Schedule | None:
    """One schedule."""
    return await Schedule.get_or_none(id=schedule_id, using_db=db.client)


async def hold(db: Connection, schedule_id: str) -> bool:
    """Whether it is there; on PostgreSQL nobody deletes it before the transaction ends (SQLite has one writer)."""
    lock = "" if db.is_sqlite else " FOR KEY SHARE"
    return bool(await db.rows(f"SELECT 1 AS one FROM schedules WHERE id = $1{lock}", schedule_id))


async def page(db: Connection, owner_id: str | None, after: str | None, first: int) -> SchedulePage:
    """Schedules, newest first, after the one with this id; of one owner where given."""
    query = Schedule.all()
    if owner_id is not None:
        query = query.filter(owner_id=owner_id)
    if after is not None:
        query = query.filter(id__lt=after)
    rows = await query.using_db(db.client).order_by("-id").limit(first + 1)
    return SchedulePage(rows[:first], len(rows) > first)


async def change(db: Connection, schedule_id: str, version: int, values: Mapping[str, Any]) -> bool:
    """Writes these columns if nobody changed it since it had this version. Raises Conflict where the name is taken."""
    query = Schedule.filter(id=schedule_id, version=version).using_db(db.client)
    try:
        return bool(await query.update(**values, version=version + 1))
    except IntegrityError:
        raise _name_taken(values["name"]) from None


async def delete(db: Connection, schedule_id: str) -> bool:
    """Deletes a schedule; the tasks that it made stay. False where it is gone."""
    return bool(await db.run("DELETE FROM schedules WHERE id = $1", schedule_id))


async def due(db: Connection, now: int, after: tuple[int, str], limit: int) -> list[Schedule]:
    """Schedules whose next tick has come, by tick and id, after this pair."""
    rows = await db.rows(
        "SELECT id FROM schedules WHERE next_at <= $1 AND (next_at > $2 OR (next_at = $2 AND id > $3)) "
        "ORDER BY next_at, id LIMIT $4",
        now,
        *after,
        limit,
    )
    found = await Schedule.filter(id__in=[row["id"] for row in rows]).using_db(db.client) if rows else []
    return sorted(found, key=lambda schedule: (schedule.next_at or 0, schedule.id))


async def ticked(db: Connection, schedule: Schedule, next_at: int | None, last_at: int | None) -> bool:
    """Moves the next tick on, if it is still what was read and nobody changed the schedule meanwhile.

    The row stays locked until the transaction ends, so that of two leaders the second sees what the first did.
    With `last_at` that tick makes a task, and an earlier failure is over.
    """
    seen = (schedule.id, schedule.next_at, schedule.version, next_at)
    if last_at is None:
        return bool(await db.run(_TICKED.format("last_at = last_at"), *seen))
    return bool(await db.run(_TICKED.format("last_at = $5, error = NULL, failed_at = NULL"), *seen, last_at))


async def failed(db: Connection, schedule: Schedule, next_at: int | None, error: str, at: int) -> bool:
    """Moves the next tick on as `ticked` does, and notes why this one makes no task."""
    seen = (schedule.id, schedule.next_at, schedule.version, next_at)
    return bool(await db.run(_TICKED.format("error = $5, failed_at = $6"), *seen, error[:500], at))


async def add_runs(db: Connection, schedule_id: str, made: Sequence[tuple[str, int | None]]) -> None:
    """Notes the tasks that it made, as `(task id, tick)`."""
    rows = [(schedule_id, task_id, tick) for task_id, tick in made]
    columns = {"schedule_id": "text", "task_id": "text", "tick_at": "bigint"}
    await db.insert("schedule_runs", columns, rows, "ON CONFLICT DO NOTHING")


async def runs_of(db: Connection, schedule_ids: Sequence[str], first: int) -> dict[str, list[str]]:
    """The ids of the newest tasks that each of these made and that are kept, the newest first."""
    found: dict[str, list[str]] = {schedule_id: [] for schedule_id in schedule_ids}
    for start in range(0, len(schedule_ids), SCHEDULES_AT_ONCE):
        some = schedule_ids[start : start + SCHEDULES_AT_ONCE]
        limit = f"${len(some) + 1}"
        # One short walk down the index for each: a window function would read all runs that they ever had.
        parts = [
            f"SELECT schedule_id, task_id, id FROM (SELECT schedule_id, task_id, id FROM schedule_runs "
            f"WHERE schedule_id = ${index} ORDER BY id DESC LIMIT {limit}) AS r"
            for index in range(1, len(some) + 1)
        ]
        for row in await db.rows(f"{' UNION ALL '.join(parts)} ORDER BY id DESC", *some, first):
            found[row["schedule_id"]].append(row["task_id"])
    return found


async def tasks_of(db: Connection, schedule_ids: Sequence[str], first: int) -> dict[str, list[Task]]:
    """The newest tasks that each of these made and that are kept, the newest first."""
    runs = await runs_of(db, schedule_ids, first)
    rows = {task.id: task for task in await tasks.get_many(db, [each for ids in runs.values() for each in ids])}
    return {schedule_id: [rows[each] for each in ids if each in rows] for schedule_id, ids in runs.items()}


def _name_taken(name: str) -> Conflict:
    return Conflict(f"There is a schedule named {name!r} already.", ("name",))
