"""Lists over what waits go down their indexes: with a million waiting, sorting them all for a page is out of the question."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from rota.store import backlog, listing, tasks, workers
from rota.store.database import Connection, Database, open_database
from rota.store.listing import TaskQuery
from tests.store.test_keys import recorded


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[Connection]:
    """On SQLite alone: PostgreSQL's choice hangs on what is in the tables."""
    async with open_database(sqlite_url) as database, database.read() as db:
        yield db


async def plan(db: Connection, sql: str, args: Any) -> str:
    return " / ".join(row["detail"] for row in await db.client.execute_query_dict(f"EXPLAIN QUERY PLAN {sql}", args))


@pytest.mark.parametrize("after", [None, (1_000, "task_1")])
async def test_what_runs_next_is_read_in_order(sqlite: Connection, after: tuple[int, str] | None) -> None:
    wanted = TaskQuery(order="NEXT_TO_RUN", after=after)
    query = listing._ordered(listing._filtered(wanted), wanted).using_db(sqlite.client).limit(10)
    query._make_query()
    found = await plan(sqlite, *query.query.get_parameterized_sql())
    assert "USING INDEX tasks_in_line" in found
    assert "TEMP B-TREE" not in found
    # A page after the first begins where the last one ended.
    assert ("SEARCH" in found) is (after is not None)


@pytest.mark.parametrize("order", ["NEWEST_FIRST", "OLDEST_FIRST"])
@pytest.mark.parametrize("after", [None, (0, "task_1")])
async def test_the_tasks_of_a_tag_are_read_down_the_tags_own_rows(
    sqlite: Connection, order: str, after: tuple[int, str] | None
) -> None:
    wanted = TaskQuery(tags=("vip",), order=order, after=after)
    query = listing._ordered(listing._filtered(wanted), wanted).using_db(sqlite.client).limit(10)
    query._make_query()
    sql, args = query.query.get_parameterized_sql()
    found = await plan(sqlite, sql, args)
    assert (
        "SEARCH task_tags USING COVERING INDEX" in found or "USING COVERING INDEX sqlite_autoindex_task_tags_1" in found
    )
    assert "TEMP B-TREE" not in found
    assert "LIST SUBQUERY" not in found
    # A page after the first begins where the last one ended.
    assert ("(tag=? AND task_id" in found) is (after is not None)


async def test_an_instant_is_a_range_of_ids(sqlite: Connection) -> None:
    wanted = TaskQuery(created_after=1_800_000_000_000, created_before=1_800_000_100_000)
    query = listing._ordered(listing._filtered(wanted), wanted).using_db(sqlite.client).limit(10)
    query._make_query()
    found = await plan(sqlite, *query.query.get_parameterized_sql())
    assert "(id>? AND id<?)" in found
    assert "TEMP B-TREE" not in found


async def test_the_walk_over_what_redis_is_to_hold_reads_in_order(
    sqlite: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = recorded(monkeypatch)
    assert await tasks.live_ids(sqlite, "default", 1, "", 10) == []
    [(sql, args)] = asked
    found = await plan(sqlite, sql.replace("$", "?"), list(args))
    assert "USING INDEX tasks_live (queue=? AND id>?)" in found
    assert "TEMP B-TREE" not in found


async def test_what_is_ready_is_read_down_its_index(sqlite: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = recorded(monkeypatch)
    await backlog.ages(sqlite, [("default", 5)], 1, 0)
    await backlog.with_deadlines(sqlite, "default", 1, 10)
    await tasks.functions_at_head(sqlite, "default", 10)
    plans = [await plan(sqlite, sql.replace("$", "?"), list(args)) for sql, args in asked]
    assert len(plans) == 4
    for found in plans:
        # The one row that is scanned is what a part of the statement counted.
        assert "SCAN tasks" not in found
        assert "USING INDEX tasks_ready" in found or "USING COVERING INDEX tasks_ready" in found


@pytest.mark.parametrize(("what", "index"), [("owner_id", "tasks_by_owner"), ("worker_id", "tasks_by_worker")])
async def test_the_tasks_of_somebody_are_read_down_an_index_that_leaves_out_nobodys(
    database: Database, what: str, index: str
) -> None:
    wanted: dict[str, Any] = {what: "user_a"}
    async with database.transaction() as db:
        if not db.is_sqlite:
            await db.run("SET LOCAL enable_seqscan = off")
        query = (
            listing._ordered(listing._filtered(TaskQuery(**wanted)), TaskQuery(**wanted)).using_db(db.client).limit(10)
        )
        query._make_query()
        assert index in await explained(db, *query.query.get_parameterized_sql())


async def test_whether_a_worker_has_tasks_is_read_down_their_index(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.transaction() as db:
        if not db.is_sqlite:
            await db.run("SET LOCAL enable_seqscan = off")
            await db.run("SET LOCAL enable_hashjoin = off")
            await db.run("SET LOCAL enable_mergejoin = off")
        asked = recorded(monkeypatch, "run")
        await workers.prune(db, 1)
        [(sql, args)] = asked
        assert "tasks_by_worker" in await explained(db, sql, args)


async def explained(db: Connection, sql: str, args: Any) -> str:
    if db.is_sqlite:
        return await plan(db, sql.replace("$", "?"), list(args))
    return str(await db.rows(f"EXPLAIN {sql}", *args))
