"""What waits by queue and priority, and since when: read in bounded steps, whatever waits."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from rota.store.database import Connection

LINES_AT_ONCE = 100  # SQLite takes at most 500 SELECTs in one statement

# Each part walks `tasks_ready`, whose condition stands here word for word so that it serves, and no further than its bound.
_LINE = "FROM tasks WHERE status = 'QUEUED' AND queue = {queue} AND priority = {priority}"
_ENDS = "(SELECT min(queued_at) {line}) AS oldest, (SELECT max(queued_at) {line}) AS newest, "
# The bound is written out and the order is said: PostgreSQL, which does not know how far a parameter goes, would read the table.
_FRESH = (
    "(SELECT count(*) FROM (SELECT 1 AS one {line} AND queued_at > $1 ORDER BY queued_at DESC LIMIT {most}) AS a) AS n"
)
_WAITING = (
    "(SELECT count(*) FROM (SELECT 1 AS one {line} AND queued_at <= $1 ORDER BY queued_at LIMIT {most}) AS b) AS n"
)
Line = tuple[str, int]  # queue and priority


class Ages(NamedTuple):
    """How old the tasks of one queue and priority are: `fresh` became ready after the instant asked for, `waiting` before.

    Both are counted up to the bound that was asked for, `waiting` only where `fresh` reached it. `oldest` and `newest` are
    instants, None where nothing waits.
    """

    oldest: int | None
    newest: int | None
    fresh: int
    waiting: int


class Waiter(NamedTuple):
    """A ready task as far as its place in time goes; `function` is empty for what people do."""

    id: str
    queue: str
    priority: int
    function: str
    queued_at: int
    deadline_at: int | None


async def ages(db: Connection, lines: Sequence[Line], instant: int, most: int) -> dict[Line, Ages]:
    """How old what waits in these (queue, priority) is."""
    fresh = await _asked(db, lines, _ENDS + _FRESH, instant, most)
    waiting = await _asked(db, [line for line in lines if fresh[line]["n"] >= most], _WAITING, instant, most)
    return {
        line: Ages(row["oldest"], row["newest"], row["n"], waiting[line]["n"] if line in waiting else 0)
        for line, row in fresh.items()
    }


async def _asked(
    db: Connection, lines: Sequence[Line], columns: str, instant: int, most: int
) -> dict[Line, dict[str, Any]]:
    """A row of each line."""
    if not db.is_sqlite:
        # One subplan for all of them: planning each for itself would take longer than running it.
        parts = columns.format(most=int(most), line=_LINE.format(queue="l.queue", priority="l.priority"))
        source = "unnest($2::text[], $3::int[]) AS l(queue, priority)"
        queues, priorities = [queue for queue, _ in lines], [priority for _, priority in lines]
        rows = await db.rows(f"SELECT l.queue, l.priority, {parts} FROM {source}", instant, queues, priorities)
        return {(row["queue"], row["priority"]): row for row in rows}
    found = {}
    for start in range(0, len(lines), LINES_AT_ONCE):
        some = lines[start : start + LINES_AT_ONCE]
        marks = [_LINE.format(queue=f"${2 + 2 * index}", priority=f"${3 + 2 * index}") for index in range(len(some))]
        selects = [
            f"SELECT {index} AS line, {columns.format(most=int(most), line=mark)}" for index, mark in enumerate(marks)
        ]
        values = [value for line in some for value in line]
        for row in await db.rows(" UNION ALL ".join(selects), instant, *values):
            found[some[row["line"]]] = row
    return found


async def with_deadlines(db: Connection, queue: str, before: int, most: int) -> list[Waiter]:
    """The ready tasks of a queue whose deadline comes before an instant, the soonest first."""
    rows = await db.rows(
        "SELECT id, priority, function, queued_at, deadline_at FROM tasks WHERE status = 'QUEUED' AND queue = $1 "
        "AND deadline_at IS NOT NULL AND deadline_at < $2 ORDER BY deadline_at LIMIT $3",
        queue,
        before,
        most,
    )
    return [_waiter(row, queue) for row in rows]


async def in_lanes(db: Connection, most: int) -> list[Waiter]:
    """The tasks that stand in lanes; never more than the workers have slots."""
    rows = await db.rows(
        "SELECT id, queue, priority, function, queued_at, deadline_at FROM tasks WHERE status = 'ASSIGNED' "
        "ORDER BY id LIMIT $1",
        most,
    )
    return [_waiter(row, row["queue"]) for row in rows]


def _waiter(row: dict[str, Any], queue: str) -> Waiter:
    function, queued_at = row["function"] or "", row["queued_at"] or 0
    return Waiter(row["id"], queue, row["priority"], function, queued_at, row["deadline_at"])
