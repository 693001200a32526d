"""Connections and transactions: the same words on both dialects."""

import asyncio
from typing import Any

import asyncpg
import pytest
from tortoise.exceptions import OperationalError

from rota.domain.errors import Invalid, TooSlow
from rota.store import database as module
from rota.store import postgres, tasks
from rota.store.database import Clash, Connection, Database, dialect_of, open_database
from rota.store.migrate import migrate
from rota.store.models.bookkeeping import Leader
from tests.store.test_tasks import row

COLUMNS = {"name": "text", "holder": "text", "expires_at": "bigint", "term": "bigint"}


async def names(db: Connection) -> list[str]:
    return [row["name"] for row in await db.rows("SELECT name FROM leaders ORDER BY name")]


async def test_a_statement_tells_how_many_rows_it_touched(db: Connection) -> None:
    insert = "INSERT INTO leaders (name, holder, expires_at, term) VALUES ($1, $2, 0, 0) ON CONFLICT DO NOTHING"
    assert await db.run(insert, "a", "h") == 1
    assert await db.run(insert, "a", "h") == 0
    assert await db.run(insert, "b", "h") == 1
    assert await db.run("UPDATE leaders SET term = term + 1") == 2
    assert await db.run("UPDATE leaders SET term = 0 WHERE name = $1", "c") == 0
    assert await db.run("DELETE FROM leaders WHERE holder = $1", "h") == 2


async def test_concurrent_statements_do_not_take_each_others_counts(db: Connection) -> None:
    insert = "INSERT INTO leaders (name, holder, expires_at, term) VALUES ($1, '', 0, 0)"
    misses = "UPDATE leaders SET term = 0 WHERE name = 'nobody'"
    touched = await asyncio.gather(*(db.run(insert, str(n)) if n % 2 else db.run(misses) for n in range(40)))
    assert touched == [n % 2 for n in range(40)]


async def test_rows_are_inserted_and_updated_in_batches(db: Connection) -> None:
    await db.insert("leaders", COLUMNS, [])
    await db.insert("leaders", COLUMNS, [("a", "x", 1, 2), ("b", "é\n'$1", 2**62, 4)])
    await db.insert("leaders", COLUMNS, [("a", "other", 9, 9)], "ON CONFLICT DO NOTHING")
    await db.update(
        "leaders", "name", {"name": "text", "term": "bigint", "holder": "text"}, [("b", 7, "y"), ("c", 1, "z")]
    )
    await db.update("leaders", "name", {"name": "text", "term": "bigint"}, [])
    assert await db.rows("SELECT name, holder, expires_at, term FROM leaders ORDER BY name") == [
        {"name": "a", "holder": "x", "expires_at": 1, "term": 2},
        {"name": "b", "holder": "y", "expires_at": 2**62, "term": 7},
    ]
    found = await db.rows("SELECT name FROM leaders WHERE " + db.among("name", 1), db.array(["b", "c"]))
    assert found == [{"name": "b"}]


@pytest.mark.parametrize("count", [1, postgres.MANY - 1, postgres.MANY, 300])
async def test_of_many_rows_what_is_alike_and_what_is_not_is_written(db: Connection, count: int) -> None:
    """PostgreSQL is given once what all of them have alike."""
    columns = {"id": "text", "is_late": "boolean", "progress": "float8", "result": "text", "lease": "bigint"}
    one = row(progress=0.5, result="old", lease=1)
    names = [f"task_{number:03}" for number in range(count)]
    await db.insert("tasks", tasks.COLUMNS, [[{**vars(one), "id": name}[of] for of in tasks.COLUMNS] for name in names])
    for other in (0, count // 2, count - 1):
        rows: list[list[Any]] = [[name, False, None, None, 7] for name in names]
        rows[other][1:] = [True, 0.25, '"ü"', 2**60]
        await db.update("tasks", "id", columns, rows)
        assert await written(db, columns) == rows
    rows = [[name, True, None, "[1]", 8] for name in names]
    await db.update("tasks", "id", columns, rows)
    assert await written(db, columns) == rows


async def written(db: Connection, columns: dict[str, str]) -> list[list[Any]]:
    found = await db.rows(f"SELECT {', '.join(columns)} FROM tasks ORDER BY id")
    return [[bool(value) if name == "is_late" else value for name, value in one.items()] for one in found]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_what_writes_finds_its_rows_by_an_index_however_few_there_are(database: Database) -> None:
    async with database.transaction() as db:
        await db.insert("leaders", COLUMNS, [("a", "", 0, 0)])
        plan = await db.rows(
            "EXPLAIN UPDATE leaders l SET term = 1 FROM unnest($1::text[]) AS u(name) WHERE l.name = u.name",
            ["a"] * 500,
        )
    async with database.read() as db:
        read = await db.rows("EXPLAIN SELECT name FROM leaders WHERE name = ANY($1::text[])", ["a"] * 500)
    assert "Index Scan using leaders_pkey" in str(plan)
    assert "Seq Scan" in str(read), "who reads may choose"


async def test_a_transaction_is_committed_whole_or_not_at_all(database: Database) -> None:
    async with database.transaction() as db:
        await db.insert("leaders", COLUMNS, [("a", "", 0, 0)])

    async def fail() -> None:
        async with database.transaction() as db:
            await db.insert("leaders", COLUMNS, [("b", "", 0, 0)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with database.read() as db:
        assert await names(db) == ["a"]


async def test_a_refused_row_is_a_clash_and_rolls_back(database: Database) -> None:
    async def twice() -> None:
        async with database.transaction() as db:
            await db.insert("leaders", COLUMNS, [("a", "", 0, 0)])
            await db.insert("leaders", COLUMNS, [("a", "", 0, 0)])

    with pytest.raises(Clash):
        await twice()
    with pytest.raises(OperationalError):
        async with database.read() as db:
            await db.rows("SELECT nothing FROM nowhere")
    async with database.read() as db:
        assert await names(db) == []


async def test_transactions_of_one_process_follow_each_other(database: Database) -> None:
    async with database.transaction() as db:
        await db.insert("leaders", COLUMNS, [("a", "", 0, 0)])

    async def add() -> None:
        async with database.transaction() as db:
            lock = "" if db.is_sqlite else " FOR UPDATE"
            (row,) = await db.rows(f"SELECT term FROM leaders WHERE name = 'a'{lock}")
            await db.run("UPDATE leaders SET term = $1 WHERE name = 'a'", row["term"] + 1)

    await asyncio.gather(*(add() for _ in range(30)))
    async with database.read() as db:
        assert (await db.rows("SELECT term FROM leaders")) == [{"term": 30}]


@pytest.mark.parametrize("reads", [False, True])
async def test_a_cancelled_transaction_frees_the_connection_wherever_it_is_cut_off(
    database: Database, *, reads: bool
) -> None:
    async def write(name: str) -> None:
        async with database.transaction() as db:
            if reads:  # on PostgreSQL what only writes is one statement, without a BEGIN
                await names(db)
            await db.insert("leaders", COLUMNS, [(name, "", 0, 0)])

    for steps in range(40):
        writing = asyncio.create_task(write(f"n{steps}"))
        for _ in range(steps):
            await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    async with asyncio.timeout(60), database.transaction() as db:
        await db.insert("leaders", COLUMNS, [("last", "", 0, 0)])
    async with database.read() as db:
        assert "last" in await names(db)


async def test_two_processes_write_by_turns(database_url: str) -> None:
    """Two connections, as two processes have: neither is told that the database is locked."""
    async with open_database(database_url) as one, open_database(database_url) as two:

        async def write(database: Database, name: str) -> None:
            async with database.transaction() as db:
                await names(db)
                await db.insert("leaders", COLUMNS, [(name, "", 0, 0)])

        await asyncio.gather(*(write(database, f"{n}{id(database)}") for n in range(10) for database in (one, two)))
        async with one.read() as db:
            assert len(await names(db)) == 20


async def test_migrating_twice_changes_nothing(empty_database_url: str) -> None:
    await migrate(empty_database_url)
    await migrate(empty_database_url)
    async with open_database(empty_database_url) as database, database.read() as db:
        assert await db.rows("SELECT id FROM tasks") == []


async def test_two_migrations_at_once_wait_for_each_other(empty_database_url: str) -> None:
    await asyncio.gather(migrate(empty_database_url), migrate(empty_database_url))
    async with open_database(empty_database_url) as database, database.read() as db:
        assert await db.rows("SELECT id FROM tasks") == []


def test_other_databases_are_refused() -> None:
    assert (dialect_of("sqlite:///x"), dialect_of("postgresql://h/x")) == ("sqlite", "postgres")
    with pytest.raises(ValueError, match="no address of a database"):
        dialect_of("mysql://h/x")


async def slow(db: Connection) -> None:
    """Something that goes on for a minute and more."""
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000000) SELECT max(i) FROM n"
    await db.rows(count if db.is_sqlite else "SELECT pg_sleep(600)")


async def test_a_search_that_takes_too_long_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEARCH_MS", 50)
    with pytest.raises(Invalid, match=r"longer than 0.05 s: narrow it down"):
        async with database.search() as db:
            await slow(db)
    async with database.search() as db:
        assert await db.rows("SELECT 1 AS one") == [{"one": 1}]
    with pytest.raises(OperationalError, match="nowhere"):  # another fault stays what it is
        async with database.search() as db:
            await db.rows("SELECT 1 AS one FROM nowhere")


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_read_that_takes_too_long_is_stopped(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READ_MS", 50)
    async with open_database(database_url) as database:
        with pytest.raises(TooSlow, match=r"longer than 0.05 s"):
            async with database.read() as db:
                await slow(db)
        async with database.transaction() as db:  # what writes is not stopped
            assert await db.rows("SHOW statement_timeout") == [{"statement_timeout": "0"}]


async def test_what_reads_cannot_write(database: Database) -> None:
    for connected in (database.read(), database.search()):
        with pytest.raises((OperationalError, asyncpg.ReadOnlySQLTransactionError)):
            async with connected as db:
                await db.insert("leaders", COLUMNS, [("a", "", 0, 0)])
    async with database.read() as db:
        assert await names(db) == []


async def test_a_slow_search_holds_up_neither_reads_nor_commits(database: Database) -> None:
    async def search() -> None:
        async with database.search() as db:
            await slow(db)

    searching = asyncio.create_task(search())
    async with asyncio.timeout(60):
        for number in range(20):
            async with database.transaction() as db:
                await db.insert("leaders", COLUMNS, [(f"n{number:02}", "", 0, 0)])
            async with database.read() as db:  # and what is committed is read at once
                assert len(await names(db)) == number + 1
    assert not searching.done()
    searching.cancel()
    await asyncio.gather(searching, return_exceptions=True)


async def test_a_transaction_that_is_open_is_not_read(database: Database) -> None:
    async with database.transaction() as writes:
        await writes.insert("leaders", COLUMNS, [("a", "", 0, 0)])
        async with database.read() as db:
            assert await names(db) == []
    async with database.read() as db:
        assert await names(db) == ["a"]


async def test_a_search_reads(database: Database) -> None:
    async with database.search() as db:
        assert await db.rows("SELECT 1 AS one") == [{"one": 1}]


async def test_many_rows_are_written_in_parts_and_none_is_left_out(database: Database) -> None:
    for count in (1, 7, 8, 9, 40, 127, 128, 300):
        rows = [(f"{count:03}-{index:03}", "", index, 0) for index in range(count)]
        async with database.transaction() as db:
            await db.insert("leaders", COLUMNS, rows)
        async with database.transaction() as db:
            await db.update(
                "leaders", "name", {"name": "text", "term": "bigint"}, [(row[0], row[2] * 2) for row in rows]
            )
            found = await db.lists(["name", "term"], "FROM leaders WHERE expires_at > $1 - 1 ORDER BY name", 0)
            assert [tuple(row) for row in found] == [(row[0], row[2] * 2) for row in rows]
            assert await db.run("DELETE FROM leaders") == count
            assert await db.lists(["name", "term"], "FROM leaders") == []


async def test_what_waits_for_an_answer_comes_before_what_answers(database: Database) -> None:
    async with database.transaction() as db:
        await db.insert("leaders", COLUMNS, [("a", "", 0, 0)])
        await db.many("UPDATE leaders SET term = term + $1", [(1,), (2,)])
        assert await db.rows("SELECT name, term FROM leaders") == [{"name": "a", "term": 3}]
        await db.update("leaders", "name", {"name": "text", "term": "bigint"}, [("a", 7)])
        assert await Leader.all().using_db(db.client).values_list("name", "term") == [("a", 7)]
        await db.many("UPDATE leaders SET term = $1", [(8,)])
        assert await db.run("UPDATE leaders SET holder = 'h' WHERE term = 8") == 1


async def test_what_only_writes_is_written_whole_or_not_at_all(database: Database) -> None:
    """On PostgreSQL these are one statement and a second: to one table twice cannot be parts of one."""
    positions = {"queue": "text", "position": "text"}

    async def write(*queues: str) -> None:
        async with database.transaction() as db:
            await db.insert("leaders", COLUMNS, [("a", "", 0, 0)], "ON CONFLICT DO NOTHING")
            await db.insert("positions", positions, [(queue, "") for queue in queues])
            await db.update("leaders", "name", {"name": "text", "term": "bigint"}, [("a", 5)])

    with pytest.raises(Clash):
        await write("q", "q")
    async with database.read() as db:
        assert await names(db) == []
    await write("q", "r")
    async with database.read() as db:
        assert await db.rows("SELECT name, term FROM leaders") == [{"name": "a", "term": 5}]
        assert [row["queue"] for row in await db.rows("SELECT queue FROM positions ORDER BY queue")] == ["q", "r"]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_transaction_that_only_writes_is_one_trip_to_postgres(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    execute = asyncpg.Connection.execute

    async def counted(self: asyncpg.Connection, sql: str, *args: object) -> str:
        asked.append(sql)
        return str(await execute(self, sql, *args))

    async with open_database(database_url) as database:
        async with database.transaction() as db:
            monkeypatch.setattr(asyncpg.Connection, "execute", counted)
            await db.insert("leaders", COLUMNS, [("a", "h", 1, 2)])
            await db.insert("positions", {"queue": "text", "position": "text"}, [("q", "p")])
            assert asked == []
        monkeypatch.undo()
        assert len(asked) == 1
        async with database.read() as db:
            assert await db.rows("SELECT name, holder, expires_at, term FROM leaders") == [
                {"name": "a", "holder": "h", "expires_at": 1, "term": 2}
            ]
            assert await db.rows("SELECT queue, position FROM positions") == [{"queue": "q", "position": "p"}]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_one_transaction_after_the_other_has_the_same_connection_while_it_lasts(database: Database) -> None:
    async def backend(db: Connection) -> Any:
        return (await db.rows("SELECT pg_backend_pid() AS pid"))[0]["pid"]

    async with database.transaction() as db:
        first = await backend(db)
    async with database.transaction() as db, database.transaction() as beside:
        assert await backend(db) == first
        assert await backend(beside) != first

    async def fail() -> None:
        async with database.transaction() as db:
            await db.run("SELECT 1 / 0")

    with pytest.raises(OperationalError, match="division"):
        await fail()
    lost = asyncio.Event()
    async with database.transaction() as db:
        db.client._connection.add_termination_listener(lambda _: lost.set())
        kept = await backend(db)
    async with database.transaction() as db:
        assert await backend(db) == kept
    async with database.unguarded() as other:
        await other.rows("SELECT pg_terminate_backend($1)", kept)
    async with asyncio.timeout(60):
        await lost.wait()
    async with database.transaction() as db:
        assert await backend(db) != kept


async def test_a_transaction_that_sqlite_gave_up_commits_nothing_more(sqlite_url: str) -> None:
    async def go_on() -> None:
        async with database.transaction() as db:
            await db.run("INSERT INTO leaders (name, holder, expires_at, term) VALUES ('a', '', 0, 0)")
            await db.run("ROLLBACK")  # as SQLite does by itself where the disk is full
            await db.insert("leaders", COLUMNS, [("b", "", 0, 0)])

    async with open_database(sqlite_url) as database:
        with pytest.raises(OperationalError, match="rolled back"):
            await go_on()
        async with database.read() as db:
            assert await names(db) == []


async def test_what_is_asked_together_is_answered_in_order_or_refused(database: Database) -> None:
    async with database.transaction() as db:
        await db.write("leaders", "INSERT INTO leaders (name, holder, expires_at, term) VALUES ($1, '', 0, 0)", "a")
        touched, found = await db.together(
            lambda: db.run("UPDATE leaders SET term = 3"), lambda: db.lists(["name", "term"], "FROM leaders")
        )
        assert (touched, [tuple(row) for row in found]) == (1, [("a", 3)])

    async def refused() -> None:
        async with database.transaction() as db:
            await db.together(
                lambda: db.run("UPDATE leaders SET term = 4"), lambda: db.rows("SELECT nothing FROM nowhere")
            )

    with pytest.raises(OperationalError):
        await refused()
    async with database.read() as db:
        assert await db.rows("SELECT term FROM leaders") == [{"term": 3}]
