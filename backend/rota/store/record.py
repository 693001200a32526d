"""The recorder's side of SQL: facts in, facts out, with the position in the same transaction."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from rota import jsontext
from rota.domain.record import TaskFacts, counter_deltas
from rota.domain.states import FINAL, TaskStatus
from rota.store import attempts, counters
from rota.store.database import Connection

# In the order of the fields of TaskFacts.
_FACTS = (
    "id",
    "queue",
    "priority",
    "status",
    "number",
    "lease",
    "used",
    "deaths",
    "rank",
    "version",
    "worker_id",
    "function",
    "deadline_at",
    "due_at",
    "queued_at",
    "assigned_at",
    "started_at",
    "progress",
    "progress_message",
    "finished_at",
)
_STATUS = _FACTS.index("status")
_STATUSES = {status.value: status for status in TaskStatus}
# What a batch may write of a task that it changed.
_MOVED = {
    "id": "text",
    "status": "text",
    "number": "int",
    "lease": "bigint",
    "used": "int",
    "deaths": "int",
    "rank": "bigint",
    "version": "int",
    "worker_id": "text",
    "due_at": "bigint",
    "queued_at": "bigint",
    "assigned_at": "bigint",
    "started_at": "bigint",
    "finished_at": "bigint",
    "exit_code": "int",
    "progress": "float8",
    "progress_message": "text",
    "is_late": "boolean",
    "result": "text",
    "error": "text",
    "changed_at": "bigint",
}
_PLACE = ("deaths", "rank", "queued_at")
_RUN = ("number", "lease", "worker_id", "assigned_at", "started_at", "progress_message")
_ENDING = ("finished_at", "exit_code", "is_late", "result", "error")


class _Shape:
    """A statement without some columns: SQLite rewrites each index of a column that is named, changed or not."""

    def __init__(self, without: Sequence[str] = ()) -> None:
        self.columns = {name: kind for name, kind in _MOVED.items() if name not in without}
        self.pick = itemgetter(*(index for index, name in enumerate(_MOVED) if name in self.columns))


_WHOLE = _Shape()
_RAN = _Shape(_PLACE)
_STARTED = _Shape((*_PLACE, *_ENDING))
_ENDED = _Shape((*_PLACE, *_RUN))


class PositionMoved(Exception):
    """Another recorder has recorded past this position: this one does not lead any more."""


async def positions(db: Connection) -> dict[str, str]:
    """Up to where each queue's journal is recorded."""
    return {row["queue"]: row["position"] for row in await db.rows("SELECT queue, position FROM positions")}


async def advance(db: Connection, queue: str, was: str, now: str) -> None:
    """Moves a position in the transaction at hand. Raises PositionMoved where it is not `was` any more."""
    if was:
        moved = await db.run("UPDATE positions SET position = $3 WHERE queue = $1 AND position = $2", queue, was, now)
    else:
        moved = await db.run(
            "INSERT INTO positions (queue, position) VALUES ($1, $2) ON CONFLICT DO NOTHING", queue, now
        )
    if not moved:
        raise PositionMoved(queue)


async def load(db: Connection, ids: Sequence[str]) -> dict[str, TaskFacts]:
    """What SQL knows of these tasks; on PostgreSQL the rows stay locked, in order of id, until the transaction ends."""
    if not ids:
        return {}
    lock = "" if db.is_sqlite else " ORDER BY id FOR UPDATE"
    facts = {}
    for row in await db.lists(_FACTS, f"FROM tasks WHERE {db.among('id', 1)}{lock}", db.array(ids)):
        row[_STATUS] = _STATUSES[row[_STATUS]]
        facts[row[0]] = TaskFacts(*row)
    return facts


async def save(db: Connection, shard: str, tasks: Sequence[TaskFacts], at: int) -> list[TaskFacts]:
    """Writes what the events changed: rows, attempts, counters. Returns the tasks whose rows moved."""
    # A row that moves has not ended before, so result, error and the like are empty unless the events set them.
    moved = [task for task in tasks if task.is_changed]
    rows: dict[_Shape, list[tuple[Any, ...]]] = {}
    for task in moved:
        shape = _shape_of(task)
        rows.setdefault(shape, []).append(shape.pick(_moved_row(task, at)))
    for shape, some in rows.items():
        await db.update("tasks", "id", shape.columns, some)
    await _save_attempts(db, tasks)
    for task in tasks:
        if not task.is_changed and (task.attempts or task.late):
            await _save_after_the_end(db, task, at)
    await counters.add(db, shard, counter_deltas(moved))
    return moved


async def _save_attempts(db: Connection, tasks: Sequence[TaskFacts]) -> None:
    ended = [
        attempts.row(
            task.id, attempt.number, attempt.lease, attempt.worker_id, attempt.outcome.value, attempt.started_at,
            attempt.finished_at, None if attempt.error is None else jsontext.dumps(attempt.error),
            assigned_at=attempt.assigned_at,
        )
        for task in tasks if task.attempts for attempt in task.attempts.values()
    ]  # fmt: skip
    await attempts.insert(db, ended)
    for task in tasks:
        if task.late and task.is_changed:
            await _save_late(db, task)


async def _save_after_the_end(db: Connection, task: TaskFacts, at: int) -> None:
    """Of what has ended only this moves: its attempts' late outcomes, and the number and lease that were given last."""
    is_kept = await _save_late(db, task)
    if is_kept or not task.kept_run:
        sql = "UPDATE tasks SET number = $2, lease = $3, version = version + 1, changed_at = $4 WHERE id = $1"
        await db.run(sql, task.id, task.number, task.lease, at)


async def _save_late(db: Connection, task: TaskFacts) -> bool:
    """Keeps refused outcomes with their attempts; what the attempt has as its own outcome was only told again."""
    kept = 0
    for one in task.late:
        kept += await attempts.keep_late(db, task.id, one.number, one.lease, one.outcome)
    return bool(kept)


async def learn(db: Connection, runs: dict[str, list[int]]) -> None:
    """Moves each function's expected run time a fifth of the way to the mean of what was measured (ms).

    At least to 1: 0 stands for a function that has not been measured, and the quickest has.
    """
    for function, measured in sorted(runs.items()):
        mean = max(round(sum(measured) / len(measured)), 1)
        await db.write(
            "functions",
            "UPDATE functions SET expected_ms = CASE WHEN expected_ms = 0 THEN $2 ELSE (expected_ms * 4 + $2 + 2) / 5 END WHERE name = $1",
            function,
            mean,
        )


def _shape_of(task: TaskFacts) -> _Shape:
    if not task.kept_place:
        return _WHOLE
    if task.status is TaskStatus.RUNNING:
        return _STARTED
    if task.status not in FINAL:
        return _WHOLE
    return _ENDED if task.kept_run else _RAN


def _moved_row(task: TaskFacts, at: int) -> list[Any]:
    return [
        task.id,
        task.status._value_,
        task.number,
        task.lease,
        task.used,
        task.deaths,
        task.rank,
        task.version + 1,
        task.worker_id,
        task.due_at,
        task.queued_at,
        task.assigned_at,
        task.started_at,
        task.finished_at,
        task.exit_code,
        task.progress,
        task.progress_message,
        task.is_late,
        jsontext.dumps(task.result) if task.has_result else None,
        None if task.error is None else jsontext.dumps(task.error),
        at,
    ]
