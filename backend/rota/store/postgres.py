"""PostgreSQL's side of a connection: in a transaction, what only writes goes to the server in one statement.

Each statement is a trip to the server and back. So BEGIN and all that has no answer wait for what has one; writes to different
tables then go together, as the parts of a WITH, and where a transaction only writes, that one statement is all of it.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.backends.base.client import ConnectionWrapper

from rota.store.flushing import Flushing

# From so many rows on it is worth a statement of its own that few columns differ: PostgreSQL plans each once a connection.
MANY = 64
_PLACEHOLDER = re.compile(r"\$(\d+)")


class Write(NamedTuple):
    """A statement with `$1` placeholders that writes to one table and answers nothing."""

    table: str
    sql: str
    args: Sequence[Any]


class Transaction(TransactionWrapper):
    """A transaction that begins with the first statement that must be answered, or with the commit."""

    def __init__(self, parent: Any, driver: Any, stack: AsyncExitStack) -> None:
        super().__init__(parent)
        self._connection = driver
        self._stack = stack
        self._has_begun = False
        self._waiting: list[list[Write]] = []  # each of different tables, so that they may go together

    def later(self, write: Write) -> None:
        """Runs it with the next statement, at the latest with the commit, which raises what it raises."""
        if not self._waiting or any(one.table == write.table for one in self._waiting[-1]):
            self._waiting.append([])
        self._waiting[-1].append(write)

    async def flush(self) -> None:
        """Begins, where it has not, and runs what waits."""
        if not self._has_begun:
            await self._stack.enter_async_context(self._connection.transaction())
            self._has_begun = True
        waiting, self._waiting = self._waiting, []
        for writes in waiting:
            await self._send(writes)

    async def finish(self) -> None:
        """Runs what waits; `begun` commits."""
        if not self._has_begun and len(self._waiting) == 1:
            # A statement of its own is a transaction of its own.
            await self._send(self._waiting.pop())
        elif self._waiting:
            await self.flush()

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        """The connection for one statement, which comes after what waits."""
        return Flushing(self._lock, self)

    async def _send(self, writes: Sequence[Write]) -> None:
        sql = _together(tuple(one.sql for one in writes), tuple(len(one.args) for one in writes))
        await self._connection.execute(sql, *(arg for one in writes for arg in one.args))


class Spare:
    """A connection that stays out of its pool from one transaction to the next, unless something went wrong with it.

    asyncpg takes turns of the loop and a task for giving a connection back, and looks it over: an idle submit would wait for that.
    """

    def __init__(self) -> None:
        self._wrapper: Any = None

    @asynccontextmanager
    async def taken(self, parent: Any) -> AsyncIterator[Any]:
        """This connection or, while somebody else has it, another one of the pool."""
        wrapper, self._wrapper = self._wrapper, None
        if wrapper is not None and _is_lost(wrapper.connection):
            await wrapper.__aexit__(None, None, None)
            wrapper = None
        if wrapper is None:
            wrapper = parent.acquire_connection()
            await wrapper.__aenter__()
        is_sound = False
        try:
            yield wrapper.connection
            is_sound = True
        finally:
            if is_sound and self._wrapper is None:
                self._wrapper = wrapper
            else:
                await wrapper.__aexit__(None, None, None)

    async def close(self) -> None:
        """Gives it back."""
        wrapper, self._wrapper = self._wrapper, None
        if wrapper is not None:
            await wrapper.__aexit__(None, None, None)


def _is_lost(driver: Any) -> bool:
    # The pool takes its hands off a connection that the server has closed.
    return driver._con is None or driver.is_closed()  # noqa: SLF001


@asynccontextmanager
async def begun(parent: Any, spare: Spare) -> AsyncIterator[Transaction]:
    """A transaction on a connection of its own."""
    async with spare.taken(parent) as driver, AsyncExitStack() as stack:
        transaction = Transaction(parent, driver, stack)
        yield transaction
        await transaction.finish()


def inserting(
    table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]], tail: str
) -> tuple[str, Sequence[Any]]:
    """The statement that inserts rows of `columns`, which map names to types, and its parameters."""
    alike, args = _given(rows)
    return _insert(table, tuple(columns.items()), alike, tail), args


def updating(
    table: str, key: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]
) -> tuple[str, Sequence[Any]]:
    """The statement that updates rows by their key, and its parameters."""
    alike, args = _given(rows)
    return _update(table, key, tuple(columns.items()), alike), args


def _given(rows: Sequence[Sequence[Any]]) -> tuple[frozenset[int] | None, Sequence[Any]]:
    """Which columns are alike, and the parameters: an array for each column, or one value where it is alike.

    Of many rows most columns say the same in each: such a one is a single value, which costs neither side anything by row.
    The first, by which rows are told apart, always is an array. A row by itself is no rows at all (None), only values.
    """
    if len(rows) == 1:
        return None, rows[0]
    lists = list(zip(*rows, strict=True))
    alike = frozenset(
        index
        for index, values in enumerate(lists)
        # The first look spares most of the second.
        if len(rows) >= MANY and index and values[0] == values[-1] and values.count(values[0]) == len(rows)
    )
    return alike, [values[0] if index in alike else values for index, values in enumerate(lists)]


# Kept as they are made: a long text is hashed once, and asyncpg and `_together` look each of them up by it.
@lru_cache(maxsize=256)
def _insert(table: str, columns: tuple[tuple[str, str], ...], alike: frozenset[int] | None, tail: str) -> str:
    names = ", ".join(name for name, _ in columns)
    values = ", ".join(_values(columns, alike))
    # PostgreSQL takes a fifth of an idle submit's time for making a row out of arrays.
    rows = f"VALUES ({values})" if alike is None else f"SELECT {values} FROM {_source(columns, alike)}"
    return f"INSERT INTO {table} ({names}) {rows} {tail}"


@lru_cache(maxsize=256)
def _update(table: str, key: str, columns: tuple[tuple[str, str], ...], alike: frozenset[int] | None) -> str:
    values = dict(zip((name for name, _ in columns), _values(columns, alike), strict=True))
    sets = ", ".join(f"{name} = {value}" for name, value in values.items() if name != key)
    source = "" if alike is None else f" FROM {_source(columns, alike)}"
    return f"UPDATE {table} t SET {sets}{source} WHERE t.{key} = {values[key]}"


def _source(columns: tuple[tuple[str, str], ...], alike: frozenset[int]) -> str:
    arrays = [(f"${index + 1}::{kind}[]", name) for index, (name, kind) in enumerate(columns) if index not in alike]
    return f"unnest({', '.join(array for array, _ in arrays)}) AS u({', '.join(name for _, name in arrays)})"


def _values(columns: tuple[tuple[str, str], ...], alike: frozenset[int] | None) -> list[str]:
    return [
        f"${index + 1}::{kind}" if alike is None or index in alike else f"u.{name}"
        for index, (name, kind) in enumerate(columns)
    ]


@lru_cache(maxsize=256)
def _together(statements: tuple[str, ...], counts: tuple[int, ...]) -> str:
    """One statement that does what several do, its parameters one after the other."""
    parts, before = [], 0
    for sql, count in zip(statements, counts, strict=True):
        parts.append(_PLACEHOLDER.sub(lambda found, by=before: f"${int(found[1]) + by}", sql))  # type: ignore[misc]
        before += count
    first, *others = parts
    # PostgreSQL runs the statement itself, then the parts of its WITH from the last to the first. Written so they go, and
    # lock, in the order in which they were asked for; nothing but the order of locks depends on it.
    named = ", ".join(f"w{index} AS ({part})" for index, part in enumerate(reversed(others)))
    return f"WITH {named} {first}" if named else first
