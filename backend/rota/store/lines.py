"""What functions said: recorded once, bounded for each task, read in pages."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from rota import jsontext
from rota.domain.lines import MOST_LINES, Lines
from rota.domain.record import TaskFacts
from rota.store.database import Connection

_LINE = {
    "task_id": "text",
    "seq": "int",
    "number": "int",
    "at": "bigint",
    "level": "text",
    "message": "text",
    "is_late": "boolean",
}
_TOTAL = {"task_id": "text", "amount": "int", "left_out": "int", "seen": "text"}
_REPLACE = (
    "ON CONFLICT (task_id) DO UPDATE SET amount = excluded.amount, left_out = excluded.left_out, seen = excluded.seen"
)
# By the unique index on (task_id, seq).
_PAGE = (
    "SELECT seq, number, at, level, message, is_late FROM logs WHERE task_id = $1 AND seq > $2 ORDER BY seq LIMIT $3"
)


class Line(NamedTuple):
    """A recorded line; `seq` is its place among its task's."""

    seq: int
    number: int
    at: int
    level: str
    message: str
    is_late: bool


class Page(NamedTuple):
    """Lines of a task, whether more follow, and how many were left out of it in all."""

    lines: list[Line]
    has_next: bool
    left_out: int


async def save(db: Connection, tasks: Sequence[TaskFacts]) -> None:
    """Writes the lines that the events told, in the recorder's transaction; told twice is recorded once."""
    speakers = [task for task in tasks if task.lines]
    if not speakers:
        return
    known = await _totals(db, [task.id for task in speakers])
    rows: list[tuple[Any, ...]] = []
    totals: list[tuple[Any, ...]] = []
    for task in speakers:
        book = known.get(task.id) or _Book(0, 0, {})
        for told in task.lines:
            rows += book.take(task.id, told)
        totals.append((task.id, book.amount, book.left_out, jsontext.dumps(book.seen)))
    await db.insert("logs", _LINE, rows)
    await db.insert("log_totals", _TOTAL, totals, _REPLACE)


async def page(db: Connection, task_id: str, after: int, first: int) -> Page:
    """The lines of a task after a place, 0 for the start."""
    rows = await db.rows(_PAGE, task_id, after, first + 1)
    totals = await db.rows("SELECT left_out FROM log_totals WHERE task_id = $1", task_id)
    lines = [Line(**{**row, "is_late": bool(row["is_late"])}) for row in rows[:first]]
    return Page(lines, len(rows) > first, totals[0]["left_out"] if totals else 0)


class _Book:
    """What is kept of a task's lines."""

    def __init__(self, amount: int, left_out: int, seen: dict[str, list[int]]) -> None:
        self.amount = amount
        self.left_out = left_out
        self.seen = seen

    def take(self, task_id: str, told: Lines) -> list[tuple[Any, ...]]:
        """The rows of the lines that are new, as many as there is room for."""
        key = f"{told.number}:{told.lease}"
        last, left_out = self.seen.get(key, (0, 0))
        new = told.said[max(last + 1 - told.first, 0) :]
        kept = new[: max(MOST_LINES - self.amount, 0)]
        self.left_out += len(new) - len(kept) + max(told.left_out - left_out, 0)
        self.seen[key] = [max(last, told.first + len(told.said) - 1), max(left_out, told.left_out)]
        rows = [
            (task_id, self.amount + index, told.number, said.at, said.level, said.message, told.is_late)
            for index, said in enumerate(kept, 1)
        ]
        self.amount += len(kept)
        return rows


async def _totals(db: Connection, ids: Sequence[str]) -> dict[str, _Book]:
    rows = await db.rows(
        f"SELECT task_id, amount, left_out, seen FROM log_totals WHERE {db.among('task_id', 1)}", db.array(ids)
    )
    return {row["task_id"]: _Book(row["amount"], row["left_out"], jsontext.loads(row["seen"])) for row in rows}
