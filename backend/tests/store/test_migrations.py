"""A database of a former version is brought to this one's tables, with what is in it."""

import re

import pytest
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from rota.store import counters, listing, tasks
from rota.store.database import APP, Connection, config, open_database
from rota.store.migrate import migrate
from rota.store.selection import TaskQuery
from tests.store.test_tasks import insert, row

FORMER = "0010_totals"


async def indexes(db: Connection) -> dict[str, str]:
    if db.is_sqlite:
        found = await db.rows("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'tasks'")
    else:
        found = await db.rows("SELECT indexname AS name, indexdef AS sql FROM pg_indexes WHERE tablename = 'tasks'")
    # Without how they are kept.
    return {one["name"]: re.sub(r" WITH \(.*?\)", "", one["sql"] or "") for one in found}


async def columns(db: Connection) -> list[str]:
    """Those of the tasks, in whichever version."""
    names = "SELECT name FROM pragma_table_info('tasks')"
    if not db.is_sqlite:
        names = "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'tasks'"
    return [one["name"] for one in await db.rows(names)]


async def test_what_is_in_a_former_versions_tables_stays(empty_database_url: str) -> None:
    async with open_database(empty_database_url) as database, database.unguarded() as db:
        executor = MigrationExecutor(db.client, {APP: config(empty_database_url)["apps"][APP]})
        await executor.migrate([MigrationTarget(APP, FORMER)])
        before = await indexes(db)
        for one in (row(owner_id="user_a", worker_id="worker_1"), row()):
            values = {name: getattr(one, name) for name in await columns(db)}
            marks = ", ".join(f"${number}" for number in range(1, len(values) + 1))
            await db.run(f"INSERT INTO tasks ({', '.join(values)}) VALUES ({marks})", *values.values())
            await counters.add(db, "former", {(one.queue, one.status, one.priority): 1})
    await migrate(empty_database_url)
    async with open_database(empty_database_url) as database:
        async with database.read() as db:
            after = await indexes(db)
            assert await listing.count(db, TaskQuery()) == 2
            assert len((await listing.page(db, TaskQuery(owner_id="user_a"), 10)).rows) == 1
            assert len((await tasks.of_workers(db, ["worker_1"], None, 10))["worker_1"]) == 1
        await insert(database, row(owner_id="user_a"))
    changed = {name for name in before if before[name] != after.get(name)}
    assert (set(after) - set(before), changed) == ({"tasks_blocked_deadlines"}, {"tasks_by_owner", "tasks_by_worker"})


@pytest.mark.parametrize("empty_database_url", ["postgres"], indirect=True)
async def test_postgresql_looks_for_no_doubles_where_there_are_none(empty_database_url: str) -> None:
    await migrate(empty_database_url)
    async with open_database(empty_database_url) as database, database.read() as db:
        looked_for = await db.rows(
            "SELECT c.relname FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid WHERE i.indrelid = 'tasks'::regclass "
            "AND NOT COALESCE(c.reloptions, '{}') @> '{deduplicate_items=off}'"
        )
    assert {one["relname"] for one in looked_for} == {
        *("tasks_by_key", "tasks_ready", "tasks_by_deadline", "tasks_ready_deadlines", "tasks_blocked_deadlines"),
    }
