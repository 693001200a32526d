"""Deleting what has ended long ago, a few rows at a time."""

from typing import NamedTuple

from rota.domain.states import FINAL, LIVE
from rota.store import counters, totals
from rota.store.database import Connection

_FINAL = ", ".join(f"'{status}'" for status in sorted(FINAL))
_LIVE = ", ".join(f"'{status}'" for status in sorted(LIVE))

# A walk along (queue, id), that is by age: no index of its own that every ending would have to write, and a step's cost is
# bounded whatever it finds. The oldest rows are those that go, so that a walk looks at little else.
_LOOK = "SELECT id, status, finished_at FROM tasks WHERE queue = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4"
# Locked, and looked at again: it may have been revived. What somebody else has locked comes next time.
_LOCK = f"SELECT id, status, priority FROM tasks WHERE {{}} AND status IN ({_FINAL}) AND finished_at < $2{{}}"
# In a statement after the lock, whose holder may have added a dependant just before.
_NEEDED = (
    "SELECT DISTINCT d.needs_id AS id FROM dependencies d JOIN tasks t ON t.id = d.task_id "
    f"WHERE {{}} AND t.status IN ({_LIVE})"
)


class Step(NamedTuple):
    """What a step did, and the id after which the next goes on; empty at the end."""

    deleted: int
    after: str


async def step(db: Connection, shard: str, queue: str, before: int, after: str, upto: str, limit: int) -> Step:
    """Looks at the next tasks of a queue, with ids after one and below another, and deletes those that ended before an instant.

    Attempts, tags, dependencies and whatever else belongs to a task go with it (ON DELETE CASCADE); the counters follow in
    the same transaction. What a task that has not ended waits for is kept.
    """
    rows = await db.rows(_LOOK, queue, after, upto, limit)
    ended = [row["id"] for row in rows if row["status"] in FINAL and (row["finished_at"] or 0) < before]
    deleted = await _delete(db, shard, queue, ended, before) if ended else 0
    return Step(deleted, rows[-1]["id"] if len(rows) == limit else "")


async def _delete(db: Connection, shard: str, queue: str, ids: list[str], before: int) -> int:
    tail = "" if db.is_sqlite else " ORDER BY id FOR UPDATE SKIP LOCKED"
    locked = await db.rows(_LOCK.format(db.among("id", 1), tail), db.array(ids), before)
    needed = await db.rows(_NEEDED.format(db.among("d.needs_id", 1)), db.array([row["id"] for row in locked]))
    kept = {row["id"] for row in needed}
    gone = [row for row in locked if row["id"] not in kept]
    if gone:
        await db.run(f"DELETE FROM tasks WHERE {db.among('id', 1)}", db.array([row["id"] for row in gone]))
    deltas: dict[tuple[str, str, int], int] = {}
    for row in gone:
        key = (queue, row["status"], row["priority"])
        deltas[key] = deltas.get(key, 0) - 1
    await counters.add(db, shard, deltas)
    await totals.note_deleted(db, shard, [(queue, row["status"]) for row in gone])
    return len(gone)
