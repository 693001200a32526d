"""Lists over what waits go down their indexes: with a million waiting, sorting them all for a page is out of the question."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from rota import ids
from rota.store import backlog, tasks, workers
from rota.store.database import Connection, Database, open_database
from rota.store.selection import Place, Reach, Selection, TaskQuery
from tests.store.test_keys import recorded


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[Connection]:
    """On SQLite alone: PostgreSQL's choice hangs on what is in the tables."""
    async with open_database(sqlite_url) as database, database.read() as db:
        yield db


async def plan(db: Connection, sql: str, args: Any) -> str:
    return " / ".join(row["detail"] for row in await db.client.execute_query_dict(f"EXPLAIN QUERY PLAN {sql}", args))


async def plan_of(db: Connection, wanted: TaskQuery, reach: Reach | None = None) -> str:
    selection = Selection(wanted, reach, is_sqlite=True)
    return await plan(db, selection.rows("tasks.*", 10).replace("$", "?"), selection.args)


AFTER = [None, (1_000, "task_1")]
ORDERS = ["NEWEST_FIRST", "OLDEST_FIRST"]


@pytest.mark.parametrize("after", AFTER)
@pytest.mark.parametrize(
    ("order", "index"), [("NEXT_TO_RUN", "tasks_in_line"), ("DEADLINE", "tasks_by_deadline")], ids=["line", "deadline"]
)
@pytest.mark.parametrize(
    "narrowed",
    [{}, {"statuses": ("QUEUED", "ASSIGNED")}, {"queues": ("mail",)}, {"tags": ("vip",), "functions": ("a",)}],
)
async def test_a_list_with_an_order_of_its_own_is_read_down_that(
    sqlite: Connection, order: str, index: str, narrowed: dict[str, Any], after: Place | None
) -> None:
    wanted = TaskQuery(order=order, after=after, **narrowed)
    found = await plan_of(sqlite, wanted)
    assert f"USING INDEX {index}" in found
    assert "TEMP B-TREE" not in found
    assert "LIST SUBQUERY" not in found  # all that have the tag, for each page
    # A page after the first begins where the last one ended; bounded, it ends where it is to.
    assert (",id)>(?,?)" in found) is (after is not None)
    assert ",id)<(?,?)" in await plan_of(sqlite, wanted, Reach(10, (2_000, "task_2")))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("after", AFTER)
@pytest.mark.parametrize(
    ("lead", "index"),
    [
        ({"statuses": ("FAILED",)}, "tasks_by_status (status=?"),
        ({"queues": ("mail",)}, "tasks_by_queue (queue=?"),
        ({"functions": ("audit",)}, "tasks_by_function (function=?"),
        ({"owner_id": "user_a"}, "tasks_by_owner (owner_id=?"),
        ({"worker_id": "worker_1"}, "tasks_by_worker (worker_id=?"),
        ({"tags": ("vip",)}, "sqlite_autoindex_task_tags_1 (tag=?"),
        ({"search": "word"}, "sqlite_autoindex_tasks_1"),
    ],
)
async def test_a_list_is_read_down_what_leads_it(
    sqlite: Connection, lead: dict[str, Any], index: str, order: str, after: Place | None
) -> None:
    wanted = TaskQuery(**lead, order=order, after=after, priorities=(5, 7))
    found = await plan_of(sqlite, wanted)
    assert index in found
    assert "TEMP B-TREE" not in found
    assert "LIST SUBQUERY" not in found
    # A page after the first begins where the last one ended; bounded, it ends where it is to.
    key = "task_id" if "tags" in lead else "id"
    sign = "<" if order == "NEWEST_FIRST" else ">"
    assert (f"{key}{sign}?" in found) is (after is not None)
    assert f"{key}{'>' if sign == '<' else '<'}?" in await plan_of(sqlite, wanted, Reach(10, (0, "task_2")))


@pytest.mark.parametrize("lead", ["tag", "owner_id", "function", "queue", "status"])
async def test_the_lead_is_the_one_that_is_chosen(sqlite: Connection, lead: str) -> None:
    asked = TaskQuery(("FAILED",), ("mail",), ("audit",), ("vip",), owner_id="user_a", lead=lead)
    assert f"{lead}=?" in (await plan_of(sqlite, asked)).split(" / ")[0]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("after", AFTER)
@pytest.mark.parametrize("lead", ["tag", "owner_id", "function", "queue", "status"])
@pytest.mark.parametrize("beside", ["owner_id", "function", "queue", "status", "worker_id"])
async def test_what_a_second_index_does_not_have_is_not_read(
    sqlite: Connection, lead: str, beside: str, after: Place | None, order: str
) -> None:
    asked = TaskQuery(("FAILED",), ("mail",), ("audit",), ("vip",), owner_id="user_a", worker_id="worker_1")
    if lead == beside:
        return
    steps = (await plan_of(sqlite, replace(asked, lead=lead, beside=beside, after=after, order=order))).split(" / ")
    assert "USING COVERING INDEX" in steps[0]
    assert f"{lead}=?" in steps[0]
    assert ("<?" in steps[0] or ">?" in steps[0]) is (after is not None)
    index = f"COVERING INDEX tasks_by_{beside.removesuffix('_id')} ({beside}=? AND id=?)"
    assert any(index in step for step in steps[1:3])
    assert not any("TEMP B-TREE" in step for step in steps)


@pytest.mark.parametrize("order", ORDERS)
async def test_each_of_several_statuses_leads_to_its_own(sqlite: Connection, order: str) -> None:
    found = await plan_of(sqlite, TaskQuery(("RUNNING", "ASSIGNED"), order=order, priorities=(5,)))
    assert found.count("tasks_by_status (status=?)") == 2


async def test_an_instant_is_a_range_of_ids(sqlite: Connection) -> None:
    found = await plan_of(sqlite, TaskQuery(created_after=1_800_000_000_000, created_before=1_800_000_100_000))
    assert "(id>? AND id<?)" in found
    assert "TEMP B-TREE" not in found


@pytest.mark.parametrize("order", ORDERS)
async def test_each_end_has_one_bound_the_nearest(order: str) -> None:
    """SQLite would begin at the first, and pass over all up to the other."""
    early, late = 1_800_000_000_000, 1_800_000_900_000
    within = (ids.first_of(ids.TASK, early + 300_000), ids.first_of(ids.TASK, early + 600_000))
    after, upto = within if order == "OLDEST_FIRST" else within[::-1]
    wanted = TaskQuery(created_after=early, created_before=late, order=order, after=(0, after))
    selection = Selection(wanted, Reach(10, (0, upto)), is_sqlite=True)
    sql = selection.rows("tasks.*", 10)
    assert sorted(re.findall(r"\bid ([<>]=?) \$", sql)) == (["<", ">="] if order == "NEWEST_FIRST" else ["<=", ">"])
    assert set(within) <= set(selection.args)
    # And what is asked for lies nearer than the page's place.
    far = Selection(replace(wanted, after=(0, "task_9" if order == "NEWEST_FIRST" else "task_0")), is_sqlite=True)
    far.rows("tasks.*", 10)
    assert not {"task_9", "task_0"} & set(far.args)


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


async def test_what_waits_for_others_past_its_deadline_is_found_without_the_rest(
    sqlite: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = recorded(monkeypatch)
    assert await tasks.blocked_past(sqlite, 1, 10) == []
    [(sql, args)] = asked
    found = await plan(sqlite, sql.replace("$", "?"), list(args))
    assert "USING INDEX tasks_blocked_deadlines (status=? AND deadline_at>? AND deadline_at<?)" in found
    assert "TEMP B-TREE" not in found


async def test_what_runs_is_read_down_its_status(sqlite: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = recorded(monkeypatch)
    assert await tasks.running_now(sqlite, 10) == []
    [(sql, args)] = asked
    found = await plan(sqlite, sql.replace("$", "?"), list(args))
    assert "USING INDEX tasks_by_status (status=?)" in found
    assert "TEMP B-TREE" not in found


@pytest.mark.parametrize(("what", "index"), [("owner_id", "tasks_by_owner"), ("worker_id", "tasks_by_worker")])
async def test_the_tasks_of_somebody_are_read_down_an_index_that_leaves_out_nobodys(
    database: Database, what: str, index: str
) -> None:
    wanted: dict[str, Any] = {what: "user_a"}
    async with database.transaction() as db:
        if not db.is_sqlite:
            await db.run("SET LOCAL enable_seqscan = off")
        selection = Selection(TaskQuery(**wanted), is_sqlite=db.is_sqlite)
        assert index in await explained(db, selection.rows("tasks.*", 10), selection.args)


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
