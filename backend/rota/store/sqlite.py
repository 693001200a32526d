"""SQLite's side of a connection: in a transaction, what only writes goes to SQLite's thread together with what follows it.

Each trip to that thread waits for a core twice, there and back, so BEGIN, COMMIT and all statements without an answer wait
for the next one that has one. A statement gives the interpreter's lock back while SQLite works, and takes it again for each
row that it steps over: rows are written many a statement, else a busy loop holds up each of them.
"""

import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

from tortoise.backends.base.client import ConnectionWrapper
from tortoise.backends.sqlite.client import SqliteTransactionWrapper

from rota.store.flushing import Flushing

T = TypeVar("T")
Statement = Callable[[sqlite3.Connection], Any]
_PLACEHOLDER = re.compile(r"\$(\d+)(::[a-z\[\]]+)?")
# So many rows in one statement, the rest one by one. Few sizes: a statement is prepared once for each.
_ROWS = (128, 32, 8)


def statement(sql: str, args: Sequence[Any] = ()) -> Statement:
    """A statement with `$1` placeholders, that answers how many rows it touched."""
    placed = _placed(sql)
    return lambda driver: max(driver.execute(placed, args).rowcount, 0)


def query(sql: str, args: Sequence[Any]) -> Statement:
    """A statement with `$1` placeholders, that answers its rows."""
    placed = _placed(sql)
    return lambda driver: driver.execute(placed, args).fetchall()


def inserts(table: str, names: Sequence[str], rows: Sequence[Sequence[Any]], tail: str) -> list[Statement]:
    """Statements that insert these rows."""
    head = f"INSERT INTO {table} ({', '.join(names)}) VALUES "
    alone = f"{head}{_marks(len(names))} {tail}"
    return _in_parts(lambda count: f"{head}{_table(len(names), count)} {tail}", alone, rows)


def updates(table: str, key: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Statement]:
    """Statements that update rows by their key, which is the first of the names; no two of these rows may have the same."""
    alone = ", ".join(f"{name} = ?{index}" for index, name in enumerate(names, 1) if name != key)
    sets = ", ".join(f"{name} = u.column{index}" for index, name in enumerate(names, 1) if name != key)
    return _in_parts(
        lambda count: (
            f"UPDATE {table} SET {sets} FROM (VALUES {_table(len(names), count)}) AS u WHERE {table}.{key} = u.column1"
        ),
        f"UPDATE {table} SET {alone} WHERE {key} = ?1",
        rows,
    )


def many(sql: str, rows: Sequence[Sequence[Any]]) -> Statement:
    """A statement with `$1` placeholders, run once for each row."""
    return _each(_placed(sql), rows)


class Transaction(SqliteTransactionWrapper):
    """A transaction of which nothing is sent before something of it is asked for."""

    def __init__(self, parent: Any, begin: str) -> None:
        super().__init__(parent)
        self._waiting: list[Statement] = [lambda driver: driver.execute(begin)]
        self._has_begun = False

    def later(self, *statements: Statement) -> None:
        """Runs these with the next statement, at the latest before the commit, which raises what they raise."""
        self._waiting += [_inside(one) for one in statements]

    async def now(self, one: Statement) -> Any:
        """Runs what waits, then this one. Returns its answer."""
        return await self._run(_inside(one))

    async def commit(self) -> None:
        """Runs what waits and commits."""
        if self._has_begun or len(self._waiting) > 1:
            await self._run(_inside(sqlite3.Connection.commit))

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        """The connection for a statement of Tortoise's own: it comes after what waits."""
        return Flushing(self._lock, self)

    async def flush(self) -> None:
        """Runs what waits."""
        if self._waiting:
            await self._run(lambda _: None)

    async def _run(self, last: Statement) -> Any:
        taken, self._waiting = [*self._waiting, last], []
        self._has_begun = True

        def run() -> Any:
            driver = self._connection._conn  # noqa: SLF001
            for one in taken[:-1]:
                one(driver)
            return taken[-1](driver)

        return await in_thread(self._connection, run)


@asynccontextmanager
async def begun(parent: Any, begin: str) -> AsyncIterator[Transaction]:
    """A transaction on a connection that nobody else uses meanwhile."""
    async with parent.acquire_connection() as driver:
        transaction = Transaction(parent, begin)
        try:
            yield transaction
            await transaction.commit()
        except BaseException:
            # The driver does one thing after the other: this comes after whatever was cut off.
            await driver.rollback()
            raise


async def in_thread(driver: Any, work: Callable[[], T]) -> T:
    """Runs this in the thread of an aiosqlite connection, after all that was asked of it before."""
    answer: T = await driver._execute(work)  # noqa: SLF001
    return answer


def _inside(one: Statement) -> Statement:
    """The statement, refused where the transaction has ended: SQLite rolls back by itself where a disk is full, say.

    What is run after that would be committed on its own.
    """

    def run(driver: sqlite3.Connection) -> Any:
        if not driver.in_transaction:
            raise sqlite3.OperationalError("the transaction has been rolled back")
        return one(driver)

    return run


def _in_parts(sql: Callable[[int], str], alone: str, rows: Sequence[Sequence[Any]]) -> list[Statement]:
    parts: list[Statement] = []
    at = 0
    for size in _ROWS:
        while len(rows) - at >= size:
            parts.append(statement(sql(size), list(chain.from_iterable(rows[at : at + size]))))
            at += size
    if at < len(rows):
        parts.append(_each(alone, rows[at:]))
    return parts


def _each(sql: str, rows: Sequence[Sequence[Any]]) -> Statement:
    def run(driver: sqlite3.Connection) -> None:
        driver.executemany(sql, rows)

    return run


@lru_cache(maxsize=256)
def _table(width: int, count: int) -> str:
    return ", ".join([_marks(width)] * count)


def _marks(width: int) -> str:
    return f"({', '.join('?' * width)})"


@lru_cache(maxsize=1024)
def _placed(sql: str) -> str:
    return _PLACEHOLDER.sub(r"?\1", sql)
