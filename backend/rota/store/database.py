"""Opens the database, and gives connections that speak both dialects."""

import asyncio
import contextlib
import random
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext, _current_context
from tortoise.exceptions import IntegrityError, OperationalError, ValidationError

from rota import jsontext
from rota.domain.errors import Invalid, TooSlow
from rota.store import postgres, sqlite

APP = "rota"
SQLITE = "sqlite"
POSTGRES = "postgres"
Clash = IntegrityError
P = ParamSpec("P")
T = TypeVar("T")
# PostgreSQL ended one of two transactions that waited for each other, or that cannot be put in an order.
_OF_TWO = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
READ_MS = 30_000  # a statement of `Database.read` on PostgreSQL
SEARCH_MS = 10_000
POOL = 8  # connections to PostgreSQL at most that write, and as many that read
_WRITER = "default"
_READER = "reader"
_SEARCHER = "searcher"
_BY_INDEX = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
_TRIES = 5
_PAUSE_S = 0.02


class Connection:
    """A database connection inside or outside a transaction; statements are written with `$1` placeholders.

    They go straight to the driver: Tortoise does not tell how many rows an INSERT touched. What the database refuses
    is raised as Tortoise raises it; `Clash` is a broken rule of uniqueness, of reference or of a CHECK. In a transaction
    `insert`, `update` and (on SQLite) `many` are run with the next statement that answers, or with the commit: those raise
    what they raise.
    """

    def __init__(self, client: BaseDBAsyncClient, dialect: str) -> None:
        self.client = client
        self.dialect = dialect

    @property
    def is_sqlite(self) -> bool:
        return self.dialect == SQLITE

    async def rows(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        """The rows of a SELECT or of a RETURNING."""
        if self.is_sqlite:
            return list(map(dict, await self._ask(sqlite.query(sql, args))))
        async with self._driver() as driver:
            return list(map(dict, await driver.fetch(sql, *args)))

    async def lists(self, columns: Sequence[str], tail: str, *args: Any) -> list[list[Any]]:
        """The rows of `SELECT columns tail` as lists: for many at once. SQLite gives floats to 15 digits."""
        if self.is_sqlite:
            # As one text: SQLite gives the interpreter's lock back once, not at each row.
            listed = f"SELECT json_group_array(json_array({', '.join(columns)})) AS listed {tail}"
            found: list[list[Any]] = jsontext.loads((await self._ask(sqlite.query(listed, args)))[0][0])
            return found
        async with self._driver() as driver:
            return list(map(list, await driver.fetch(f"SELECT {', '.join(columns)} {tail}", *args)))

    async def run(self, sql: str, *args: Any) -> int:
        """Runs a statement. Returns how many rows it touched."""
        if self.is_sqlite:
            return int(await self._ask(sqlite.statement(sql, args)))
        async with self._driver() as driver:
            # "UPDATE 3", "INSERT 0 3"
            count = (await driver.execute(sql, *args)).rpartition(" ")[2]
            return int(count) if count.isdigit() else 0

    async def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Runs a statement once for each row, inside the transaction at hand."""
        if not rows:
            return
        if self.is_sqlite:
            await self._tell([sqlite.many(sql, rows)])
            return
        async with self._driver() as driver:
            await driver.executemany(sql, rows)

    async def write(self, table: str, sql: str, *args: Any) -> None:
        """Runs a statement that writes to one table, and of which nobody asks how many rows it touched."""
        if self.is_sqlite:
            await self._tell([sqlite.statement(sql, args)])
        else:
            await self._write(table, sql, args)

    async def together(self, *asked: Callable[[], Awaitable[Any]]) -> list[Any]:
        """The answers to several questions, in their order; SQLite's thread is asked once for all of them."""
        if not self.is_sqlite:
            return [await ask() for ask in asked]
        answers = await asyncio.gather(*(ask() for ask in asked), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return answers

    async def insert(self, table: str, columns: dict[str, str], rows: Sequence[Sequence[Any]], tail: str = "") -> None:
        """Inserts rows, many in one statement. `columns` maps names to PostgreSQL types."""
        if not rows:
            return
        if self.is_sqlite:
            await self._tell(sqlite.inserts(table, list(columns), rows, tail))
            return
        await self._write(table, *postgres.inserting(table, columns, rows, tail))

    async def update(self, table: str, key: str, columns: dict[str, str], rows: Sequence[Sequence[Any]]) -> None:
        """Updates rows by their key, which is the first of `columns`; no two of these rows may have the same."""
        if not rows:
            return
        if self.is_sqlite:
            await self._tell(sqlite.updates(table, key, list(columns), rows))
            return
        await self._write(table, *postgres.updating(table, key, columns, rows))

    def among(self, column: str, index: int) -> str:
        """The condition that a text column is among the texts of parameter `index`; pass it through `array`."""
        if self.is_sqlite:
            # The + keeps SQLite from walking another index instead of the one on this column's list.
            return f"{column} IN (SELECT value FROM json_each(${index}))"
        return f"{column} = ANY(${index}::text[])"

    def array(self, values: Sequence[str]) -> Any:
        """A list of texts as a parameter."""
        return jsontext.dumps(list(values)) if self.is_sqlite else list(values)

    async def _ask(self, statement: sqlite.Statement) -> Any:
        """SQLite's answer to a statement."""
        with _refused():
            if isinstance(self.client, sqlite.Transaction):
                return await self.client.now(statement)
            async with self.client.acquire_connection() as driver:
                return await sqlite.in_thread(driver, lambda: statement(driver._conn))  # noqa: SLF001

    async def _tell(self, statements: Sequence[sqlite.Statement]) -> None:
        """Has SQLite run statements: later, in a transaction."""
        if isinstance(self.client, sqlite.Transaction):
            self.client.later(*statements)
            return
        for statement in statements:
            await self._ask(statement)

    async def _write(self, table: str, sql: str, args: Sequence[Any]) -> None:
        """Has PostgreSQL write to a table: later, in a transaction."""
        if isinstance(self.client, postgres.Transaction):
            self.client.later(postgres.Write(table, sql, args))
        else:
            await self.run(sql, *args)

    @contextlib.asynccontextmanager
    async def _driver(self) -> AsyncIterator[Any]:
        """PostgreSQL's own connection, for one statement."""
        with _refused():
            async with self.client.acquire_connection() as driver:
                yield driver


@contextlib.contextmanager
def _refused() -> Iterator[None]:
    """Raises what a database refuses as Tortoise raises it."""
    try:
        yield
    except (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError) as error:
        raise Clash(error) from error
    except (sqlite3.OperationalError, asyncpg.SyntaxOrAccessError, asyncpg.DataError) as error:
        raise OperationalError(error) from error


def is_unkept(error: BaseException) -> bool:
    """Whether the database cannot keep a value, however often it is asked: a number too large, half a character, no JSON."""
    refused = (OverflowError, TypeError, ValueError, ValidationError, sqlite3.InterfaceError)
    return isinstance(error, refused) or isinstance(error.__cause__, asyncpg.DataError)


def again_on_deadlock(work: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """For functions around one transaction: run anew, a few times, where PostgreSQL chose it as a deadlock's victim.

    Everything that such a function does before its commit must be within the transaction.
    """

    @wraps(work)
    async def again(*args: P.args, **kwargs: P.kwargs) -> T:
        for tried in range(1, _TRIES):
            try:
                return await work(*args, **kwargs)
            except _OF_TWO:
                # Not in step with the other one.
                await asyncio.sleep(random.uniform(0, _PAUSE_S * tried))  # noqa: S311
        return await work(*args, **kwargs)

    return again


class Database:
    """The one database of a process.

    What reads has connections of its own, which cannot write: however long a reader takes, it holds up no commit, and it
    sees each commit from the moment on that `transaction` has ended.
    """

    def __init__(self, context: TortoiseContext, dialect: str) -> None:
        self._context = context
        self._searching = asyncio.Lock()
        self._spares = {name: postgres.Spare() for name in (_WRITER, _READER)}
        self.dialect = dialect

    def _client(self, name: str) -> Any:
        return self._context.connections.get(name)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction: committed at the end, rolled back where something is raised or the task is cancelled."""
        # Not Tortoise's own: when it is cancelled while it begins, it keeps its connection for ever.
        # On SQLite the write lock is taken with the first statement, waiting for it if need be: a transaction that has
        # read before it writes would fail at once where another process wrote.
        parent = self._client(_WRITER)
        begun = sqlite.begun(parent, "BEGIN IMMEDIATE") if self.dialect == SQLITE else self._begun(_WRITER)
        with self._active(), _refused():
            async with begun as client:
                yield Connection(client, self.dialect)

    @contextlib.asynccontextmanager
    async def unguarded(self) -> AsyncIterator[Connection]:
        """A connection that may write, outside any transaction: for migrations, which begin their own."""
        with self._active():
            yield Connection(self._client(_WRITER), self.dialect)

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """A connection for single statements that only read, outside any transaction.

        Raises TooSlow where PostgreSQL takes longer than READ_MS for one.
        """
        with self._active():
            try:
                yield Connection(self._client(_READER), self.dialect)
            except asyncpg.QueryCanceledError:
                raise TooSlow(f"The database took longer than {READ_MS / 1000:g} s for this and was stopped.") from None

    @contextlib.asynccontextmanager
    async def search(self) -> AsyncIterator[Connection]:
        """As `read`, for what no index serves. Raises Invalid where it takes longer than SEARCH_MS.

        On SQLite one search follows the other, on a connection of their own: lists and sessions do not wait for them.
        """
        searched = self._searched_sqlite() if self.dialect == SQLITE else self._searched_postgres()
        try:
            with self._active(), _refused():
                async with searched as client:
                    yield Connection(client, self.dialect)
        except (asyncpg.QueryCanceledError, TimeoutError, OperationalError) as error:
            if isinstance(error, OperationalError) and str(error) != "interrupted":
                raise
            raise Invalid(
                f"This takes longer than {SEARCH_MS / 1000:g} s: narrow it down by queue, status or time of creation."
            ) from None

    @contextlib.asynccontextmanager
    async def _searched_sqlite(self) -> AsyncIterator[BaseDBAsyncClient]:
        parent = self._client(_SEARCHER)
        async with asyncio.timeout(SEARCH_MS / 1000):
            await self._searching.acquire()
        try:
            async with sqlite.begun(parent, "BEGIN") as client:
                # Nobody else is on this connection: it is this search that is interrupted.
                interrupt = parent._connection._conn.interrupt  # noqa: SLF001
                bound = asyncio.get_running_loop().call_later(SEARCH_MS / 1000, interrupt)
                try:
                    yield client
                except BaseException:
                    interrupt()  # whoever asked may have left: the next one need not wait for it
                    raise
                finally:
                    bound.cancel()
        finally:
            self._searching.release()

    @contextlib.asynccontextmanager
    async def _searched_postgres(self) -> AsyncIterator[BaseDBAsyncClient]:
        async with self._begun(_READER) as client:
            await Connection(client, self.dialect).run(f"SET LOCAL statement_timeout = {SEARCH_MS}")
            yield client

    def _begun(self, name: str) -> contextlib.AbstractAsyncContextManager[postgres.Transaction]:
        return postgres.begun(self._client(name), self._spares[name])

    async def close(self) -> None:
        """Lets go of connections that no transaction uses."""
        with self._active():
            for spare in self._spares.values():
                await spare.close()

    @contextlib.contextmanager
    def _active(self) -> Any:
        # Tortoise finds its state in a context variable, which a task that was started elsewhere does not have.
        token = _current_context.set(self._context)
        try:
            yield
        finally:
            _current_context.reset(token)


def dialect_of(url: str) -> str:
    """`sqlite` or `postgres`. Raises ValueError for any other address."""
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        return SQLITE
    if scheme in ("postgres", "postgresql"):
        return POSTGRES
    raise ValueError(f"{url!r} is no address of a database: sqlite:///path or postgres://user:password@host/name.")


def config(url: str) -> dict[str, Any]:
    """Tortoise's configuration for an address."""
    writer, reader = _sqlite(url) if dialect_of(url) == SQLITE else _postgres(url)
    return {
        "connections": {_WRITER: writer, _READER: reader, _SEARCHER: reader},
        "apps": {
            APP: {
                "models": ["rota.store.models"],
                "default_connection": _WRITER,
                "migrations": "rota.store.migrations",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


def _sqlite(url: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """How the connection that writes and those that read are made."""
    shared = {
        "file_path": url.removeprefix("sqlite:///"),
        "journal_mode": "WAL",
        "busy_timeout": 10_000,
        "cache_size": -65_536,
    }
    # A commit is on the disk before anybody is told; group commit pays for it.
    writes = {**shared, "synchronous": "FULL", "journal_size_limit": 67_108_864}
    engine = "tortoise.backends.sqlite"
    return (
        {"engine": engine, "credentials": writes},
        {"engine": engine, "credentials": {**shared, "query_only": "ON"}},
    )


def _postgres(url: str) -> tuple[dict[str, Any], dict[str, Any]]:
    from tortoise.backends.base.config_generator import expand_db_url

    writer: dict[str, Any] = expand_db_url(re.sub(r"^postgres(ql)?://", "asyncpg://", url))
    writer["credentials"].setdefault("minsize", 1)
    writer["credentials"].setdefault("maxsize", POOL)
    # Nothing here outlives its transaction (SET LOCAL, locks), and by itself each release costs a trip to the server.
    writer["credentials"]["reset"] = _kept_as_it_is
    # All that writes finds its rows by indexes. PostgreSQL, which learns only now and then how large a table is, would read a
    # queue's table whole for each batch, long after it has grown.
    writer["credentials"]["server_settings"] = dict.fromkeys(_BY_INDEX, "off")
    reads = {"default_transaction_read_only": "on", "statement_timeout": str(READ_MS)}
    return writer, {**writer, "credentials": {**writer["credentials"], "server_settings": reads}}


async def _kept_as_it_is(_: asyncpg.Connection) -> None: ...


@contextlib.asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Database]:
    """The database at this address, its connections closed at the end."""
    dialect = dialect_of(url)
    settings = config(url)
    if dialect == SQLITE:
        Path(settings["connections"][_WRITER]["credentials"]["file_path"]).parent.mkdir(parents=True, exist_ok=True)
    async with TortoiseContext() as context:
        await context.init(config=settings)
        database = Database(context, dialect)
        # Connects; where that fails, it is said here. Who writes comes first: it makes SQLite's file.
        for connected in (database.unguarded(), database.read()):
            async with connected as db:
                await db.rows("SELECT 1 AS one")
        try:
            yield database
        finally:
            await database.close()
