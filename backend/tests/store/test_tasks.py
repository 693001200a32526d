"""Tasks in SQL: inserting, finding, paging without a gap or a double, ending; and the guards of the rows."""

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import uuid_utils
from typeid import TypeID

from rota import ids
from rota.domain.states import TaskStatus
from rota.store import attempts, counters, listing, tasks
from rota.store.database import Clash, Connection, Database
from rota.store.models import Task
from rota.store.selection import TAG, TaskQuery

SHARD = "s"
AT = 1_790_000_000_000
NUMBERS = itertools.count()


def row(**values: Any) -> Task:
    base: dict[str, Any] = {
        "id": str(TypeID.from_uuid(uuid_utils.UUID(int=(AT << 80) + next(NUMBERS)), ids.TASK)), "function": "multiply", "title": "multiply", "args": '{"a":6}', "queue": "default", "priority": 5,
        "status": "QUEUED", "rank": 100, "on_deadline": "CANCEL", "max_attempts": 3, "tags": "[]", "number": 0, "lease": 0,
        "used": 0, "deaths": 0, "is_late": False, "created_at": AT, "changed_at": AT, "version": 1,
    }  # fmt: skip
    return tasks.made(base | values)


async def insert(database: Database, *rows: Task, needs: Any = ()) -> list[str]:
    """Inserts tasks as they were submitted, and writes what happened to them since."""
    async with database.transaction() as db:
        await tasks.insert(db, SHARD, rows, list(needs))
        await tasks.write(db, rows, tasks.LATER)
    return [one.id for one in rows]


@pytest.fixture
async def many(database: Database) -> list[str]:
    """Forty tasks of all sorts, with ties in everything that is sorted by."""
    sorts = itertools.cycle(
        [
            {"status": "QUEUED", "queue": "default", "priority": 5, "deadline_at": 900, "owner_id": "user_a"},
            {"status": "RUNNING", "queue": "mail", "priority": 9, "worker_id": "worker_1", "owner_id": "user_b"},
            {"status": "SCHEDULED", "function": "divide", "rank": 50, "tags": '["red","blue"]', "owner_id": "user_a"},
            {
                "status": "SUCCEEDED",
                "deadline_at": 900,
                "created_at": AT + 1_000,
                "finished_at": 3_000,
                "title": "Rise 100%",
            },
            {"status": "QUEUED", "priority": 1, "rank": 300, "tags": '["red"]', "args": '{"word":"needle"}'},
        ]
    )
    return await insert(database, *(row(**next(sorts)) for _ in range(40)))


async def test_any_number_of_tasks_is_locked_and_read(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    # More than either takes as parameters of one statement.
    unknown = [f"task_{number}" for number in range(40_000)]
    names = await insert(database, *(row() for _ in range(3)))
    async with database.transaction() as db:
        assert [task.id for task in await tasks.lock(db, [*unknown, *reversed(names)])] == names
        assert sorted(task.id for task in await tasks.get_many(db, [*names[1:], *unknown, names[0]])) == names
    monkeypatch.setattr(tasks, "NAMED_AT_ONCE", 2)
    async with database.transaction() as db:
        assert [task.id for task in await tasks.lock(db, names[::-1])] == names
        assert sorted(task.id for task in await tasks.get_many(db, names)) == names


async def test_a_filter_is_counted_no_further_than_asked(database: Database, many: list[str]) -> None:
    async with database.read() as db:
        for wanted, matching in ((TaskQuery(search="multiply"), 40), (TaskQuery(tags=("red",)), 16)):
            assert await listing.count(db, wanted, 100) == await listing.count(db, wanted) == matching
            assert await listing.count(db, wanted, matching) == matching
            assert await listing.count(db, wanted, 10) == 11  # more than ten


async def walk(db: Connection, wanted: dict[str, Any], size: int) -> list[str]:
    """All pages, one after the other."""
    found: list[Any] = []
    after = None
    while True:
        page = await listing.page(db, TaskQuery(**wanted, after=after), size)
        found += page.rows
        if not page.has_next:
            return [task.id for task in found]
        assert len(page.rows) == size
        after = (listing.sort_value(found[-1], wanted.get("order", "NEWEST_FIRST")), found[-1].id)


@pytest.mark.parametrize("order", ["NEWEST_FIRST", "OLDEST_FIRST", "NEXT_TO_RUN", "DEADLINE"])
async def test_pages_follow_each_other_without_a_gap_or_a_double(db: Connection, many: list[str], order: str) -> None:
    whole = await walk(db, {"order": order}, 1_000)
    assert len(whole) == len(set(whole)) == {"NEXT_TO_RUN": 24, "DEADLINE": 16}.get(order, 40)
    for size in (1, 3, 8, 40):
        assert await walk(db, {"order": order}, size) == whole
    kept = {task.id: task for task in await tasks.get_many(db, whole)}
    keys: dict[str, Callable[[Any], Any]] = {
        "NEWEST_FIRST": lambda task: tuple(-ord(letter) for letter in task.id),
        "OLDEST_FIRST": lambda task: task.id,
        "NEXT_TO_RUN": lambda task: (task.rank, task.id),
        "DEADLINE": lambda task: (task.deadline_at, task.id),
    }
    assert whole == sorted(whole, key=lambda task_id: keys[order](kept[task_id]))


@pytest.mark.parametrize(
    ("wanted", "sorts"),
    [
        ({}, {0, 1, 2, 3, 4}),
        ({"statuses": ("QUEUED", "RUNNING")}, {0, 1, 4}),
        ({"queues": ("mail",)}, {1}),
        ({"functions": ("divide",)}, {2}),
        ({"tags": ("red",)}, {2, 4}),
        ({"tags": ("blue", "green")}, {2}),
        ({"priority_at_least": 6}, {1}),
        ({"priorities": (2, 9)}, {1}),
        ({"args": ((("word",), ('"needle"',)),)}, {4}),
        ({"owner_id": "user_a"}, {0, 2}),
        ({"worker_id": "worker_1"}, {1}),
        ({"search": "NEEDLE"}, {4}),
        ({"search": "100%"}, {3}),
        ({"search": "di_ide"}, set()),  # no wildcard
        ({"search": "RISÉ", "owner_id": "user_a"}, set()),
        ({"search": "eedle", "queues": ("default",)}, {4}),
        ({"statuses": ("QUEUED",), "queues": ("default",), "functions": ("multiply",), "tags": ("red",)}, {4}),
        ({"statuses": ("SCHEDULED",), "tags": ("red", "blue"), "owner_id": "user_a"}, {2}),
        ({"statuses": ("RUNNING",), "worker_id": "worker_1", "owner_id": "user_b"}, {1}),
        ({"statuses": ("RUNNING", "SCHEDULED"), "priority_at_least": 9}, {1}),
        ({"statuses": ("FAILED", "EXPIRED")}, set()),
        ({"statuses": ("QUEUED",), "queues": ("mail",)}, set()),
        ({"created_after": AT}, {3}),
        ({"created_before": AT + 1_000}, {0, 1, 2, 4}),
        ({"statuses": ("QUEUED",), "queues": ("default",), "priority_at_least": 2}, {0}),
        ({"order": "NEXT_TO_RUN"}, {0, 2, 4}),
        ({"order": "DEADLINE"}, {0, 3}),
        ({"has_deadline": True}, {0, 3}),
        ({"has_deadline": False, "statuses": ("QUEUED", "RUNNING")}, {1, 4}),
        ({"order": "DEADLINE", "statuses": ("QUEUED",)}, {0}),
        ({"order": "DEADLINE", "tags": ("red",)}, set()),
        ({"order": "NEXT_TO_RUN", "tags": ("red",)}, {2, 4}),
        ({"order": "NEXT_TO_RUN", "tags": ("blue", "green"), "owner_id": "user_a"}, {2}),
        (
            {"order": "NEXT_TO_RUN", "statuses": ("QUEUED", "RUNNING", "SUCCEEDED")},
            {0, 1, 4},
        ),  # what has ended stands in no line
        ({"order": "NEXT_TO_RUN", "statuses": ("SUCCEEDED",)}, set()),
        ({"order": "OLDEST_FIRST", "functions": ("divide",), "statuses": ("SCHEDULED",)}, {2}),
    ],
)
async def test_a_filter_finds_and_counts_the_same(
    db: Connection, many: list[str], wanted: dict[str, Any], sorts: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {task_id for index, task_id in enumerate(many) if index % 5 in sorts}
    assert set(await walk(db, wanted, 7)) == expected
    assert await listing.count(db, TaskQuery(**wanted)) == len(expected)
    assert await listing.total(db, TaskQuery(**wanted), patience_s=math.inf) == (len(expected), True)
    whole = await walk(db, wanted, 50)
    # Whatever leads it, and whatever stands beside that, it is the same list.
    monkeypatch.setattr(listing, "_narrowed", as_told)
    leads = TaskQuery(**wanted).leads
    for lead in leads:
        assert await walk(db, {**wanted, "lead": lead}, 7) == whole
    for lead, beside in itertools.permutations(leads, 2):
        if beside != TAG and (lead != TAG or db.is_sqlite):
            assert await walk(db, {**wanted, "lead": lead, "beside": beside}, 3) == whole


async def as_told(_: Connection, wanted: TaskQuery, __: int) -> TaskQuery:
    return wanted


@pytest.mark.parametrize("order", ["NEWEST_FIRST", "OLDEST_FIRST", "NEXT_TO_RUN", "DEADLINE"])
@pytest.mark.parametrize(
    "narrowed",
    [{}, {"search": "ulti"}, {"search": "nothing"}, {"owner_id": "user_a", "search": "multi"}, {"tags": ("red",)}],
)
async def test_what_is_looked_for_comes_in_parts_without_a_gap_or_a_double(
    db: Connection, many: list[str], monkeypatch: pytest.MonkeyPatch, order: str, narrowed: dict[str, Any]
) -> None:
    monkeypatch.setattr(listing, "FIRST_LOOK", 3)
    whole = await walk(db, {"order": order, **narrowed}, 1_000)
    found: list[str] = []
    wanted = TaskQuery(order=order, **narrowed)
    looks = 0
    while True:
        page = await listing.look(db, wanted, 2, patience_s=0)
        looks += 1
        found += [task.id for task in page.rows]
        if not page.has_next:
            break
        assert page.end is not None
        assert page.end != wanted.after
        wanted = replace(wanted, after=page.end)
    assert found == whole
    # Three at a time: many looks find nothing, and more than one finds something.
    assert looks > len(whole) / 3
    assert [
        task.id for task in (await listing.look(db, TaskQuery(order=order, **narrowed), 1_000, math.inf)).rows
    ] == whole


@pytest.mark.parametrize("moves", ["some come", "some leave"])
async def test_parts_have_no_gap_and_no_double_while_tasks_come_and_go(
    database: Database, monkeypatch: pytest.MonkeyPatch, moves: str
) -> None:
    made = await insert(database, *(row(status="QUEUED") for _ in range(40)))
    place, has_moved = listing._Looks._place, list[bool]()

    async def between(self: Any, wanted: TaskQuery) -> Any:
        found = await place(self, wanted)
        if not has_moved:
            has_moved.append(True)
            if moves == "some come":
                await insert(database, *(row(status="QUEUED") for _ in range(3)))
            else:
                async with database.transaction() as db:
                    for task_id in made[-3:]:
                        await db.run("UPDATE tasks SET status = 'RUNNING' WHERE id = $1", task_id)
        return found

    monkeypatch.setattr(listing, "FIRST_LOOK", 8)
    monkeypatch.setattr(listing._Looks, "_place", between)
    async with database.search() as db:
        wanted = TaskQuery(statuses=("QUEUED",), search="multiply")
        found = [task.id for task in (await listing.look(db, wanted, 100, math.inf)).rows]
    assert has_moved
    assert len(found) == len(set(found))
    stayed = made if moves == "some come" else made[:-3]
    assert set(stayed) <= set(found)


async def test_a_total_is_counted_as_far_as_patience_goes(
    db: Connection, many: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "FIRST_LOOK", 8)
    wanted = TaskQuery(search="multiply", functions=("multiply",))
    assert await listing.total(db, wanted, patience_s=0) == (8, False)
    assert await listing.total(db, wanted, patience_s=math.inf) == (32, True)
    assert await listing.total(db, wanted, most=20, patience_s=math.inf) == (20, False)
    assert await listing.total(db, TaskQuery(tags=("red",)), most=15) == (15, False)
    assert await listing.total(db, TaskQuery(tags=("red",)), most=16) == (16, True)
    assert await listing.total(db, TaskQuery(statuses=("QUEUED",)), most=1) == (16, True)  # the counters know


async def test_a_list_is_led_by_what_has_the_fewest(
    db: Connection, many: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    common = TaskQuery(functions=("multiply",), queues=("default",))  # 32 each
    for fewer, lead in (
        ({"statuses": ("SUCCEEDED",)}, "status"),
        ({"tags": ("blue",)}, "tag"),
        ({"owner_id": "user_a"}, "owner_id"),
        ({"worker_id": "worker_1"}, "worker_id"),
    ):
        assert (await listing._led(db, replace(common, **fewer))).lead == lead
    # Where counting is not worth it, what the counters know to be fewer leads.
    monkeypatch.setattr(listing, "FEW", 4)
    assert (await listing._led(db, TaskQuery(owner_id="user_a", statuses=("QUEUED",)))).lead == "status"


async def test_a_second_index_narrows_a_list_where_that_is_less_work(
    db: Connection, many: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 40 tasks 8 run, in a queue of their own, and 16 are QUEUED."""
    rare = TaskQuery(("QUEUED",), ("mail",), priorities=(10,))
    common = TaskQuery(("QUEUED",), ("default",))
    monkeypatch.setattr(listing, "FIRST_LOOK", 4)

    async def beside(wanted: TaskQuery, first: int = 5) -> str | None:
        return (await listing._narrowed(db, wanted, first)).beside

    if db.is_sqlite:
        assert await beside(TaskQuery(("QUEUED",), owner_id="user_b")) is None  # 16 of 40 stand in it
        assert await beside(TaskQuery(("RUNNING",), owner_id="user_b")) == "status"
        assert await beside(TaskQuery(("RUNNING",), owner_id="user_b"), first=8) is None  # all are read anyway
        assert await beside(TaskQuery(("RUNNING",), tags=("blue",))) == "status"
        assert await beside(TaskQuery(tags=("blue",), queues=("default",))) is None
    else:
        assert await beside(rare) == "status"
        assert await beside(replace(rare, functions=("multiply",))) is None  # nobody knows how many that are
        assert await beside(TaskQuery(("RUNNING",), ("mail",), priorities=(10,))) is None  # they are the same
        monkeypatch.setattr(listing, "FIRST_LOOK", 8)
        assert await beside(rare) is None  # so few are read at once
    assert await beside(common) is None  # a page of them is soon found


async def test_counters_say_what_count_says(db: Connection, many: list[str]) -> None:
    rows = await db.rows("SELECT queue, status, priority, count(*) AS n FROM tasks GROUP BY queue, status, priority")
    assert await counters.totals(db) == {(one["queue"], one["status"], one["priority"]): one["n"] for one in rows}


async def test_counts_of_other_processes_are_folded_into_one(database: Database) -> None:
    for shard in ("a", "b", "c"):
        async with database.transaction() as db:
            await counters.add(db, shard, {("q", "QUEUED", 5): 2, ("q", "RUNNING", 10): -1})
    async with database.transaction() as db:
        await counters.fold_shards(db, "b")
    async with database.read() as db:
        assert await counters.totals(db) == {("q", "QUEUED", 5): 6, ("q", "RUNNING", 10): -3}
        assert await db.rows("SELECT DISTINCT shard FROM counters") == [{"shard": "b"}]


@pytest.mark.parametrize("statement", ["INSERT", "UPDATE"])
async def test_an_unknown_status_is_refused(database: Database, statement: str) -> None:
    (task_id,) = await insert(database, row())

    async def break_it() -> None:
        if statement == "INSERT":
            await insert(database, row(status="PENDING"))
            return
        async with database.transaction() as db:
            await db.run("UPDATE tasks SET status = 'PENDING' WHERE id = $1", task_id)

    with pytest.raises(Clash):
        await break_it()
    async with database.read() as db:
        assert [one["status"] for one in await db.rows("SELECT status FROM tasks")] == ["QUEUED"]


@pytest.mark.parametrize("owner", ["user_a", None])
async def test_a_key_is_used_once_by_an_owner(database: Database, owner: str | None) -> None:
    (first,) = await insert(database, row(owner_id=owner, idempotency_key="k"))
    with pytest.raises(Clash):
        await insert(database, row(owner_id=owner, idempotency_key="k"))
    await insert(database, row(owner_id="user_z", idempotency_key="k"), row(owner_id=owner), row(owner_id=owner))
    async with database.read() as db:
        found = await tasks.with_keys(db, [(owner, "k"), (owner, "other")])
    assert {key: task.id for key, task in found.items()} == {(owner, "k"): first}


async def test_a_row_comes_back_as_it_went_in(database: Database) -> None:
    full = row(
        args='{"n":123456789012345678901234567890,"é":"\\u0000"}',
        rank=-5,
        lease=2**60,
        progress=0.25,
        is_late=True,
        backoff="[1,2.0,3]",
    )
    (task_id,) = await insert(database, full)
    async with database.read() as db:
        task = await tasks.get(db, task_id)
        assert await tasks.get(db, "task_none") is None
    assert task is not None
    assert {name: getattr(task, name) for name in tasks.COLUMNS} == {
        name: getattr(full, name) for name in tasks.COLUMNS
    }


async def test_ending_closes_attempts_and_moves_counters(database: Database) -> None:
    (task_id,) = await insert(
        database, row(status="RUNNING", deadline_at=50, number=1, lease=3, started_at=40, worker_id="w1")
    )
    async with database.transaction() as db:
        found = await tasks.lock(db, [task_id])
        await tasks.end(db, SHARD, found, TaskStatus.CANCELLED, 99, {"type": "Cancelled", "message": "x"})
    async with database.read() as db:
        task = await tasks.get(db, task_id)
        (attempt,) = (await attempts.of(db, [task_id]))[task_id]
        assert await counters.totals(db) == {("default", "CANCELLED", 5): 1}
    assert task is not None
    assert (task.status, task.finished_at, task.is_late, task.version) == ("CANCELLED", 99, True, 2)
    assert (attempt.number, attempt.lease, attempt.worker_id, attempt.started_at) == (1, 3, "w1", 40)
    assert (attempt.outcome, attempt.finished_at) == ("CANCELLED", 99)


async def test_dependencies_and_what_is_live(database: Database) -> None:
    first, second = row(), row()
    blocked = row(status="BLOCKED")
    ids_ = await insert(database, first, second, blocked, needs=[(blocked.id, first.id), (blocked.id, second.id)])
    async with database.read() as db:
        assert await tasks.has_dependencies(db)
        assert await tasks.needs_of(db, blocked.id) == ids_[:2]
        assert await tasks.dependants(db, [first.id]) == [blocked.id]
        assert await tasks.statuses_of_needs(db, [blocked.id]) == {
            blocked.id: [(first.id, "QUEUED"), (second.id, "QUEUED")]
        }
        assert await tasks.live_ids(db, "default", AT + 1, "", 10) == ids_[:2]
        assert await tasks.live_ids(db, "default", AT, "", 10) == []
        assert await tasks.live_ids(db, "default", AT + 1, ids_[0], 10) == ids_[1:2]
