"""The attempts of tasks: each told by a row of `attempts`, or by its task's own row.

Of an attempt that runs or that succeeded the task's row has everything: number, lease, worker, start, end. It gets a row of
its own only where the task tells of it no longer: when it ended otherwise, when something was refused after it, or when
another came after it. So what nearly every task goes through is one row, not two.
"""

from collections.abc import Sequence
from typing import Any

from rota.domain.states import AttemptOutcome
from rota.ids import attempt_id
from rota.store.database import Connection
from rota.store.models import Attempt

_COLUMNS = {
    "id": "text",
    "task_id": "text",
    "number": "int",
    "lease": "bigint",
    "worker_id": "text",
    "outcome": "text",
    "started_at": "bigint",
    "finished_at": "bigint",
    "error": "text",
    "assigned_at": "bigint",
}
# The same number comes twice where a cancellation was quicker than the record of the start: the later lease stays.
# There are rows of what runs where a former version, which gave it one, recorded the start.
_LATER_LEASE = (
    "ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in ("id", "task_id", "number"))
    + ", late_outcome = NULL WHERE attempts.lease < excluded.lease OR attempts.outcome = 'RUNNING'"
)
_ID = "'attempt_' || substr(t.id, 6) || '_' || t.number"
_CLOSE = (
    f"INSERT INTO attempts ({', '.join(name for name in _COLUMNS if name != 'error')}) "
    f"SELECT {_ID}, t.id, t.number, t.lease, t.worker_id, CAST($2 AS TEXT), COALESCE(t.started_at, CAST($3 AS BIGINT)), CAST($3 AS BIGINT), t.assigned_at "
    f"FROM tasks t WHERE {{among}} AND t.status = 'RUNNING' {_LATER_LEASE}"
)
# In one statement: between two the task may move from one place to the other.
_TOLD = (
    "SELECT a.task_id, a.number, a.lease, a.worker_id, a.outcome, a.late_outcome, a.started_at, a.finished_at, a.error, a.assigned_at "
    "FROM attempts a JOIN tasks t ON t.id = a.task_id WHERE {of_rows} AND a.outcome <> 'RUNNING' "
    "AND NOT (t.status IN ('RUNNING', 'SUCCEEDED') AND t.number = a.number AND t.lease > a.lease) "
    "UNION ALL SELECT t.id, t.number, t.lease, t.worker_id, t.status, NULL, t.started_at, t.finished_at, t.error, t.assigned_at "
    "FROM tasks t WHERE {of_tasks} AND t.status IN ('RUNNING', 'SUCCEEDED') AND t.started_at IS NOT NULL AND NOT EXISTS (SELECT 1 "
    "FROM attempts a WHERE a.task_id = t.id AND a.number = t.number AND a.lease >= t.lease AND a.outcome <> 'RUNNING') "
    "ORDER BY 1, 2"
)


def row(task_id: str, number: int, *others: Any, assigned_at: int | None = None) -> tuple[Any, ...]:
    """A row for `insert`; the others are lease, worker, outcome, start, end, and the error as JSON text."""
    return (attempt_id(task_id, number), task_id, number, *others, assigned_at)


async def insert(db: Connection, rows: Sequence[Sequence[Any]]) -> None:
    """Keeps attempts that their tasks do not tell of."""
    await db.insert("attempts", _COLUMNS, rows, _LATER_LEASE)


async def close(db: Connection, ids: Sequence[str], outcome: AttemptOutcome, at: int) -> None:
    """Keeps how the running attempts of these locked tasks ended, before the tasks' rows say that they do not run."""
    await db.run(_CLOSE.format(among=db.among("t.id", 1)), db.array(ids), outcome.value, at)


async def keep_late(db: Connection, task_id: str, number: int, lease: int, outcome: str) -> bool:
    """Keeps a refused outcome with its attempt, the first of each; what the attempt has as its own was only told again."""
    sql = (
        "UPDATE attempts SET late_outcome = $3 WHERE id = $1 AND lease = $2 AND outcome <> $3 AND late_outcome IS NULL"
    )
    return await db.run(sql, attempt_id(task_id, number), lease, outcome) > 0


async def of(db: Connection, ids: Sequence[str]) -> dict[str, list[Attempt]]:
    """The attempts of these tasks, by number."""
    found: dict[str, list[Attempt]] = {task_id: [] for task_id in ids}
    sql = _TOLD.format(of_rows=db.among("a.task_id", 1), of_tasks=db.among("t.id", 1))
    for told in await db.rows(sql, db.array(ids)):
        found[told["task_id"]].append(Attempt(id=attempt_id(told["task_id"], told["number"]), **told))
    return found
