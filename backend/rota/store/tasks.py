"""Tasks: inserting batches, reading one or many, and ending them; `listing.py` has the lists of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from rota import jsontext
from rota.domain.states import FINAL, LIVE, AttemptOutcome, TaskStatus, is_late
from rota.store import attempts, counters, totals
from rota.store.database import Connection
from rota.store.models import Dependency, Task

# The columns of `tasks` with their PostgreSQL types, in the order of a row.
COLUMNS = {
    "id": "text",
    "function": "text",
    "title": "text",
    "args": "text",
    "queue": "text",
    "priority": "int",
    "status": "text",
    "rank": "bigint",
    "deadline_at": "bigint",
    "on_deadline": "text",
    "run_at": "bigint",
    "due_at": "bigint",
    "timeout_ms": "bigint",
    "max_attempts": "int",
    "backoff": "text",
    "idempotency_key": "text",
    "content_hash": "text",
    "owner_id": "text",
    "tags": "text",
    "limit_key": "text",
    "worker_id": "text",
    "number": "int",
    "lease": "bigint",
    "used": "int",
    "deaths": "int",
    "progress": "float8",
    "progress_message": "text",
    "result": "text",
    "exit_code": "int",
    "error": "text",
    "is_late": "boolean",
    "created_at": "bigint",
    "queued_at": "bigint",
    "assigned_at": "bigint",
    "started_at": "bigint",
    "finished_at": "bigint",
    "changed_at": "bigint",
    "version": "int",
}
WORKERS_AT_ONCE = DEPENDENTS_AT_ONCE = 100  # SQLite takes at most 500 SELECTs in one statement
NAMED_AT_ONCE = 10_000  # PostgreSQL takes 32,767 parameters in one, many a build of SQLite as many
_LIVE_DEPENDANT = (
    "SELECT t.id FROM dependencies d JOIN tasks t ON t.id = d.task_id WHERE d.needs_id = $1 "
    f"AND t.status IN ({', '.join(repr(status.value) for status in sorted(LIVE))}) LIMIT 1"
)
# What is empty in a task that has just been submitted.
LATER = (
    *("worker_id", "progress", "progress_message", "result", "exit_code", "error"),
    *("assigned_at", "started_at", "finished_at"),
)
_NEW = {name: kind for name, kind in COLUMNS.items() if name not in LATER}
_new_row = itemgetter(*_NEW)
# What Tortoise keeps of a row besides its columns.
_ROW = {"_partial": False, "_saved_in_db": True, "_custom_generated_pk": False}


def made(columns: Mapping[str, Any]) -> Task:
    """A task that is to be inserted; what is left out is empty."""
    return _of(_ROW, dict.fromkeys(COLUMNS), columns)


def alike(pattern: Task, **columns: Any) -> Task:
    """A task like another but for some columns, without Tortoise's checks: the hot path makes thousands a second."""
    return _of(pattern.__dict__, columns)


def _of(*parts: Mapping[str, Any]) -> Task:
    task = Task.__new__(Task)
    for part in parts:
        task.__dict__.update(part)
    return task


async def insert(db: Connection, shard: str, new: Sequence[Task], needs: Sequence[tuple[str, str]]) -> None:
    """Inserts tasks with their tags, dependencies (`(task, needed task)`) and counts. Their LATER columns are empty."""
    # Past the attributes: Tortoise's cost three times as much.
    await db.insert("tasks", _NEW, [_new_row(task.__dict__) for task in new])
    tags = [(tag, task.id) for task in new if task.tags != "[]" for tag in jsontext.loads(task.tags)]
    await db.insert("task_tags", {"tag": "text", "task_id": "text"}, tags, "ON CONFLICT DO NOTHING")
    await db.insert("dependencies", {"task_id": "text", "needs_id": "text"}, needs, "ON CONFLICT DO NOTHING")
    deltas = Counter((task.queue, task.status, task.priority) for task in new)
    await counters.add(db, shard, deltas)


async def with_keys(db: Connection, pairs: Sequence[tuple[str | None, str]]) -> dict[tuple[str | None, str], Task]:
    """Tasks that were submitted with these (owner, idempotency key)."""
    if not pairs:
        return {}
    wanted = set(pairs)
    by_owner: dict[str, list[str]] = {}
    for owner_id, key in wanted:
        by_owner.setdefault(owner_id or "", []).append(key)
    ids: list[str] = []
    for owner_id, keys in by_owner.items():
        # As the unique index has it: without its first column it would be read whole at each submit with a key.
        condition = "COALESCE(owner_id, '') = $1 AND idempotency_key IS NOT NULL AND " + db.among("idempotency_key", 2)
        ids += [row["id"] for row in await db.rows(f"SELECT id FROM tasks WHERE {condition}", owner_id, db.array(keys))]
    return {
        (task.owner_id, task.idempotency_key): task
        for task in await get_many(db, ids)
        if task.idempotency_key is not None
    }


async def lock(db: Connection, ids: Sequence[str]) -> list[Task]:
    """These tasks, locked on PostgreSQL until the transaction ends (SQLite has one writer)."""
    ordered, found = sorted(ids), list[Task]()
    for start in range(0, len(ordered), NAMED_AT_ONCE):
        query = Task.filter(id__in=ordered[start : start + NAMED_AT_ONCE]).using_db(db.client).order_by("id")
        found += await (query if db.is_sqlite else query.select_for_update())
    return found


async def lock_many(db: Connection, ids: Sequence[str]) -> list[Task]:
    """The same for very many, without Tortoise's checks."""
    return await read_many(db, ids, "" if db.is_sqlite else " FOR UPDATE")


async def read_many(db: Connection, ids: Sequence[str], tail: str = "") -> list[Task]:
    """The same without a lock."""
    found = await db.lists(list(COLUMNS), f"FROM tasks WHERE {db.among('id', 1)} ORDER BY id{tail}", db.array(ids))
    return [_of(_ROW, dict(zip(COLUMNS, row, strict=True))) for row in found]


async def get(db: Connection, task_id: str) -> Task | None:
    """One task."""
    return await Task.get_or_none(id=task_id, using_db=db.client)


async def get_many(db: Connection, ids: Sequence[str]) -> list[Task]:
    """These tasks, in no order."""
    found: list[Task] = []
    for start in range(0, len(ids), NAMED_AT_ONCE):
        found += await Task.filter(id__in=list(ids[start : start + NAMED_AT_ONCE])).using_db(db.client)
    return found


async def versions(db: Connection, ids: Sequence[str]) -> dict[str, int]:
    """How often each of these tasks has changed."""
    rows = await db.rows(f"SELECT id, version FROM tasks WHERE {db.among('id', 1)}", db.array(ids)) if ids else []
    return {row["id"]: row["version"] for row in rows}


async def needs_of(db: Connection, task_id: str) -> list[str]:
    """The ids of the tasks that this one waits for."""
    rows = await Dependency.filter(task_id=task_id).using_db(db.client).order_by("id")
    return [row.needs_id for row in rows]


async def of_workers(db: Connection, ids: Sequence[str], owner_id: str | None, first: int) -> dict[str, list[Task]]:
    """The newest tasks of each of these workers; of one owner where given."""
    found: dict[str, list[Task]] = {worker_id: [] for worker_id in ids}
    task_ids: list[str] = []
    for start in range(0, len(ids), WORKERS_AT_ONCE):
        some = ids[start : start + WORKERS_AT_ONCE]
        args = [*some, first, *([] if owner_id is None else [owner_id])]
        limit, owned = f"${len(some) + 1}", "" if owner_id is None else f"AND owner_id = ${len(some) + 2} "
        # One short walk down the index for each worker: a window function would read all that they ever did.
        parts = [
            f"SELECT id FROM (SELECT id FROM tasks WHERE worker_id = ${index} {owned}ORDER BY id DESC LIMIT {limit}) AS t"
            for index in range(1, len(some) + 1)
        ]
        task_ids += [row["id"] for row in await db.rows(" UNION ALL ".join(parts), *args)]
    for task in sorted(await get_many(db, task_ids), key=lambda task: task.id, reverse=True):
        if task.worker_id in found:  # it may have found another worker in between
            found[task.worker_id].append(task)
    return found


async def end(
    db: Connection, shard: str, found: Sequence[Task], status: TaskStatus, at: int, error: dict[str, Any]
) -> None:
    """Ends these locked tasks, closes their running attempts and moves the counters. They must not be final."""
    outcome = AttemptOutcome(status.value)
    text = jsontext.dumps(error)
    deltas: dict[tuple[str, str, int], int] = {}
    for task in found:
        for key, amount in (
            ((task.queue, task.status, task.priority), -1),
            ((task.queue, status.value, task.priority), 1),
        ):
            deltas[key] = deltas.get(key, 0) + amount
    await attempts.close(db, [task.id for task in found], outcome, at)
    for task in found:
        task.status, task.finished_at, task.error = status.value, at, text
        task.is_late = is_late(status, task.deadline_at, at)
        task.due_at, task.changed_at, task.version = None, at, task.version + 1
    await write(db, found, ("status", "finished_at", "error", "is_late", "due_at", "changed_at", "version"))
    await counters.add(db, shard, deltas)


async def revive(db: Connection, shard: str, task: Task, at: int, rank: int, *, is_blocked: bool) -> None:
    """A locked task that has ended (not SUCCEEDED) goes back into line with a fresh allowance; numbers go on.

    It waits again for its `run_at` where that has not come, and where `is_blocked` first for other tasks.
    """
    was = task.status
    due_at = task.run_at if task.run_at is not None and task.run_at > at else None
    status = TaskStatus.BLOCKED if is_blocked else TaskStatus.SCHEDULED if due_at else TaskStatus.QUEUED
    task.status, task.rank = status.value, rank
    task.used = task.deaths = 0
    task.queued_at = at if status is TaskStatus.QUEUED else None
    task.due_at, task.changed_at, task.version = due_at, at, task.version + 1
    task.assigned_at = task.started_at = task.finished_at = task.worker_id = None
    task.error = task.result = task.exit_code = task.progress = task.progress_message = None
    task.is_late = False
    if task.deadline_at is not None and task.deadline_at <= at:
        task.deadline_at = None  # it was for the first run; a task that is revived after it would expire at once
    await write(db, [task], tuple(name for name in COLUMNS if name != "id"))
    await counters.add(db, shard, {(task.queue, was, task.priority): -1, (task.queue, task.status, task.priority): 1})
    await totals.note_revived(db, shard, task.queue, was)


async def replace(db: Connection, shard: str, moved: Sequence[tuple[Task, tuple[str, int]]]) -> None:
    """Writes locked tasks whose place in line was changed, each with its status and priority before."""
    await write(
        db,
        [task for task, _ in moved],
        (
            *("priority", "deadline_at", "run_at", "due_at", "rank", "status"),
            *("queued_at", "worker_id", "changed_at", "version"),
        ),
    )
    deltas: Counter[tuple[str, str, int]] = Counter()
    for task, was in moved:
        deltas[task.queue, *was] -= 1
        deltas[task.queue, task.status, task.priority] += 1
    await counters.add(db, shard, deltas)


async def live_ids(db: Connection, queue: str, older_than: int, after: str, limit: int) -> list[str]:
    """Ids of tasks of a queue that have not ended, wait for no other task and have not changed since an instant.

    `finished_at` stands here as in the partial index `tasks_live`, so that it serves.
    """
    rows = await db.rows(
        "SELECT id FROM tasks WHERE queue = $1 AND finished_at IS NULL AND status <> 'BLOCKED' "
        "AND changed_at < $2 AND id > $3 ORDER BY id LIMIT $4",
        queue,
        older_than,
        after,
        limit,
    )
    return [row["id"] for row in rows]


async def running_ids(db: Connection, queue: str, after: str, limit: int) -> list[str]:
    """Ids of tasks of a queue that run. By `tasks_by_status`."""
    rows = await db.rows(
        "SELECT id FROM tasks WHERE status = 'RUNNING' AND queue = $1 AND id > $2 ORDER BY id LIMIT $3",
        queue,
        after,
        limit,
    )
    return [row["id"] for row in rows]


async def blocked_past(db: Connection, at: int, limit: int) -> list[str]:
    """Ids of tasks that wait for others and whose deadline has passed, the earliest first. By `tasks_blocked_deadlines`."""
    rows = await db.rows(
        "SELECT id FROM tasks WHERE status = 'BLOCKED' AND deadline_at IS NOT NULL AND deadline_at <= $1 "
        "ORDER BY deadline_at LIMIT $2",
        at,
        limit,
    )
    return [row["id"] for row in rows]


async def live_among(db: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these tasks are there and have not ended."""
    rows = await db.rows(f"SELECT id FROM tasks WHERE {db.among('id', 1)} AND finished_at IS NULL", db.array(ids))
    return {row["id"] for row in rows}


async def dependants(db: Connection, ids: Sequence[str]) -> list[str]:
    """Ids of the tasks that wait for any of these."""
    rows = await db.rows("SELECT DISTINCT task_id FROM dependencies WHERE " + db.among("needs_id", 1), db.array(ids))
    return [row["task_id"] for row in rows]


async def dependents_of(db: Connection, ids: Sequence[str], owner_id: str | None, first: int) -> dict[str, list[Task]]:
    """The first tasks that wait or waited for each of these, the first submitted first; of one owner where given."""
    found: dict[str, list[str]] = {task_id: [] for task_id in ids}
    for start in range(0, len(ids), DEPENDENTS_AT_ONCE):
        some = ids[start : start + DEPENDENTS_AT_ONCE]
        args = [*some, first, *([] if owner_id is None else [owner_id])]
        limit, owned = f"${len(some) + 1}", "" if owner_id is None else f"AND t.owner_id = ${len(some) + 2} "
        # One short walk down the index for each: ids sort by the time of the submit.
        parts = [
            "SELECT needs_id, task_id FROM (SELECT d.needs_id, d.task_id FROM dependencies d JOIN tasks t ON t.id = d.task_id "
            f"WHERE d.needs_id = ${index} {owned}ORDER BY d.task_id LIMIT {limit}) AS w"
            for index in range(1, len(some) + 1)
        ]
        for row in await db.rows(" UNION ALL ".join(parts), *args):
            found[row["needs_id"]].append(row["task_id"])
    rows = {row.id: row for row in await get_many(db, sorted({one for some in found.values() for one in some}))}
    return {task_id: [rows[one] for one in sorted(wanted) if one in rows] for task_id, wanted in found.items()}


async def live_dependant(db: Connection, task_id: str) -> str | None:
    """The id of a task that depends on this one and has not ended."""
    rows = await db.rows(_LIVE_DEPENDANT, task_id)
    return rows[0]["id"] if rows else None


async def delete(db: Connection, shard: str, found: Sequence[Task]) -> None:
    """Deletes these locked tasks, with what belongs to them (ON DELETE CASCADE), and moves the counters."""
    await db.run(f"DELETE FROM tasks WHERE {db.among('id', 1)}", db.array([task.id for task in found]))
    deltas: dict[tuple[str, str, int], int] = {}
    for task in found:
        key = (task.queue, task.status, task.priority)
        deltas[key] = deltas.get(key, 0) - 1
    await counters.add(db, shard, deltas)
    await totals.note_deleted(db, shard, [(task.queue, task.status) for task in found])


async def has_dependencies(db: Connection) -> bool:
    """Whether any task waits or waited for another: nearly always no, and then nobody looks further."""
    return bool(await db.rows("SELECT 1 AS one FROM dependencies LIMIT 1"))


async def statuses_of_needs(db: Connection, ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """For each of these tasks, the id and status of each task that it waits for."""
    rows = await db.rows(
        "SELECT d.task_id, t.id, t.status FROM dependencies d JOIN tasks t ON t.id = d.needs_id WHERE "
        + db.among("d.task_id", 1),
        db.array(ids),
    )
    found: dict[str, list[tuple[str, str]]] = {task_id: [] for task_id in ids}
    for row in rows:
        found[row["task_id"]].append((row["id"], row["status"]))
    return found


async def functions_at_head(db: Connection, queue: str, first: int) -> dict[str, int]:
    """How often each function is among the first ready tasks of a queue: of the highest priority, those that wait longest.

    Not by rank: for a mean it does not matter that a low priority may have waited itself to the front, and this goes down `tasks_ready`.
    """
    rows = await db.rows(
        "SELECT function, count(*) AS n FROM (SELECT function FROM tasks WHERE queue = $1 AND status = 'QUEUED' "
        "ORDER BY priority DESC, queued_at LIMIT $2) AS head GROUP BY function",
        queue,
        first,
    )
    return {row["function"] or "": int(row["n"]) for row in rows}


async def run_so_far_ms(db: Connection, now: int) -> dict[str, float]:
    """How long the tasks that run in each queue have run so far, on average; no queue in which nothing runs."""
    # By `tasks_by_status`: there are no more of them than slots.
    rows = await db.rows(
        "SELECT queue, count(*) AS n, sum(started_at) AS begun FROM tasks WHERE status = 'RUNNING' GROUP BY queue"
    )
    return {row["queue"]: max(now - int(row["begun"]) / row["n"], 0.0) for row in rows}


async def running_now(db: Connection, most: int) -> list[tuple[str, str, str, int]]:
    """What runs: queue, worker, function, and since when; the oldest first, and no more than this."""
    # As above.
    rows = await db.rows(
        "SELECT queue, worker_id, function, started_at FROM tasks WHERE status = 'RUNNING' ORDER BY id LIMIT $1", most
    )
    return [(row["queue"], row["worker_id"] or "", row["function"] or "", row["started_at"] or 0) for row in rows]


async def write(db: Connection, found: Sequence[Task], names: Sequence[str]) -> None:
    """Writes these columns of locked tasks."""
    columns = {"id": "text", **{name: COLUMNS[name] for name in names}}
    await db.update("tasks", "id", columns, [[getattr(task, name) for name in columns] for task in found])


def is_final(task: Task) -> bool:
    """Whether it has ended."""
    return TaskStatus(task.status) in FINAL
