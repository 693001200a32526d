"""The recorder's side of SQL: facts in, facts out, with the position in the same transaction."""

from collections.abc import Sequence
from typing import Any

from rota import jsontext
from rota.domain.record import TaskFacts, counter_deltas
from rota.domain.states import TaskStatus
from rota.ids import attempt_id
from rota.store import counters
from rota.store.database import Connection

_FACTS = (
    "id, queue, priority, status, number, lease, used, deaths, rank, version, worker_id, function, "
    "deadline_at, due_at, queued_at, started_at"
)
# What a batch writes of every task that it changed.
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
_ATTEMPT = {
    "id": "text",
    "task_id": "text",
    "number": "int",
    "lease": "bigint",
    "worker_id": "text",
    "outcome": "text",
    "late_outcome": "text",
    "started_at": "bigint",
    "finished_at": "bigint",
    "error": "text",
}


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
    lock = "" if db.is_sqlite else " ORDER BY id FOR UPDATE"
    rows = await db.rows(f"SELECT {_FACTS} FROM tasks WHERE {db.among('id', 1)}{lock}", db.array(ids))
    facts = {}
    for row in rows:
        values = dict(row)
        values["status"] = TaskStatus(values["status"])
        facts[values["id"]] = TaskFacts(**values)
    return facts


async def save(db: Connection, shard: str, tasks: Sequence[TaskFacts], at: int) -> list[TaskFacts]:
    """Writes what the events changed: rows, attempts, counters. Returns the tasks that changed."""
    changed = [task for task in tasks if task.is_changed or task.attempts]
    await db.update("tasks", "id", _MOVED, [_moved_row(task, at) for task in changed])
    opened, closed, late = [], [], []
    for task in changed:
        for attempt in task.attempts.values():
            row_id = attempt_id(task.id, attempt.number)
            error = None if attempt.error is None else jsontext.dumps(attempt.error)
            outcome = attempt.outcome.value
            if attempt.is_new:
                opened.append(
                    (row_id, task.id, attempt.number, attempt.lease, attempt.worker_id, outcome, attempt.late_outcome,
                     attempt.started_at, attempt.finished_at, error)
                )  # fmt: skip
            elif attempt.finished_at is not None:
                closed.append((row_id, outcome, attempt.finished_at, error))
            if attempt.late_outcome and not attempt.is_new:
                late.append((row_id, attempt.late_outcome))
    await db.insert("attempts", _ATTEMPT, opened, "ON CONFLICT DO NOTHING")
    await db.update(
        "attempts", "id", {"id": "text", "outcome": "text", "finished_at": "bigint", "error": "text"}, closed
    )
    await db.update("attempts", "id", {"id": "text", "late_outcome": "text"}, late)
    await counters.add(db, shard, counter_deltas(changed))
    return changed


async def learn(db: Connection, runs: dict[str, list[int]]) -> None:
    """Moves each function's expected run time a fifth of the way to the mean of what was measured (ms)."""
    for function, measured in sorted(runs.items()):
        mean = sum(measured) // len(measured)
        await db.run(
            "UPDATE functions SET expected_ms = CASE WHEN expected_ms = 0 THEN $2 ELSE (expected_ms * 4 + $2) / 5 END WHERE name = $1",
            function,
            mean,
        )


def _moved_row(task: TaskFacts, at: int) -> list[Any]:
    return [
        task.id,
        task.status.value,
        task.number,
        task.lease,
        task.used,
        task.deaths,
        task.rank,
        task.version + 1,
        task.worker_id,
        task.due_at,
        task.queued_at,
        task.started_at,
        task.finished_at,
        task.exit_code,
        task.progress,
        task.progress_message,
        task.is_late,
        _text(task.result) if task.has_result else None,
        None if task.error is None else jsontext.dumps(task.error),
        at,
    ]


def _text(result: Any) -> str:
    return jsontext.dumps(result)
