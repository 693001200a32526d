"""What ended is pruned after its queue's time, in small steps, with all that belongs to it; nothing else is touched."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from rota.coordinator import retention
from rota.domain.access import Role
from rota.domain.states import TaskStatus
from rota.domain.tasks import NewTask
from rota.operations import queues, schedules
from rota.operations.platform import Platform
from rota.store import counters
from rota.store import retention as steps
from rota.store import schedules as schedule_rows
from rota.store import tasks as store
from rota.store.database import Connection
from rota.store.models import Attempt, Dependency, ScheduleRun, Task, TaskTag
from tests.support.rota import Rota
from tests.support.schedules import DAY_MS, HandClock, furnish, instant, platform_of, tasks_in, viewer, wish

NOWHERE = "unix:///nowhere/redis.sock"  # retention needs no Redis
ADA, ROOT = viewer("ada"), viewer("root", Role.ADMIN)
WISH = NewTask(function="report", args={"day": 1}, tags=("x", "y"))


@pytest.fixture
def clock() -> HandClock:
    # Far ahead: ids are made by the machine's clock, and what is made later than it ends is never looked at.
    return HandClock(instant("2040-01-01T00:00"))


@pytest.fixture
async def platform(database_url: str, clock: HandClock) -> AsyncIterator[Platform]:
    async with platform_of(database_url, NOWHERE, clock) as platform:
        await furnish(platform, "ada")
        yield platform


async def submit(platform: Platform, count: int = 1, **changes: object) -> list[str]:
    values: dict[str, object] = {"function": "report", "args": {"day": 1}, "tags": ("x", "y"), **changes}
    rows = await platform.submission.submit(ADA.user_id, [NewTask(**values)] * count)  # type: ignore[arg-type]
    return [row.id for row in rows]


async def end(platform: Platform, ids: list[str], at: int) -> None:
    async with platform.database.transaction() as db:
        found = await store.lock(db, ids)
        await store.end(db, platform.shard, found, TaskStatus.CANCELLED, at, {"type": "Test", "message": "over"})
        for task in found:
            await Attempt.create(
                using_db=db.client,
                id=f"attempt_{task.id}",
                task_id=task.id,
                number=1,
                lease=1,
                outcome="FAILED",
                started_at=1,
            )


async def rest(_: float) -> None: ...


async def left(platform: Platform) -> set[str]:
    return {task.id for task in await tasks_in(platform)}


async def check_counters(platform: Platform) -> None:
    async with platform.database.read() as db:
        rows = await db.rows(
            "SELECT queue, status, priority, count(*) AS n FROM tasks GROUP BY queue, status, priority"
        )
        assert await counters.totals(db) == {(row["queue"], row["status"], row["priority"]): row["n"] for row in rows}


async def test_what_ended_long_ago_goes_with_all_that_belongs_to_it(platform: Platform, clock: HandClock) -> None:
    old, fresh, live = await submit(platform, 3)
    needing = (await submit(platform, depends_on=(old,)))[0]
    schedule = await schedules.create(platform, ADA, wish())
    async with platform.database.transaction() as db:
        await schedule_rows.add_runs(db, schedule.id, [(old, 1), (fresh, 2)])
    await end(platform, [old, needing], clock.at - 7 * DAY_MS - 1)
    await end(platform, [fresh], clock.at - 7 * DAY_MS)
    assert await retention.prune(platform, rest) == 2
    assert await left(platform) == {fresh, live}
    async with platform.database.read() as db:
        assert {row.task_id for row in await Attempt.all().using_db(db.client)} == {fresh}
        assert {row.task_id for row in await TaskTag.all().using_db(db.client)} == {fresh, live}
        assert {row.task_id for row in await ScheduleRun.all().using_db(db.client)} == {fresh}
        assert await Dependency.all().using_db(db.client).count() == 0
    await check_counters(platform)
    assert await retention.prune(platform, rest) == 0
    clock.move(1)
    assert await retention.prune(platform, rest) == 1
    await check_counters(platform)


async def test_each_queue_keeps_as_long_as_it_says(platform: Platform, clock: HandClock) -> None:
    here, there = (await submit(platform))[0], (await submit(platform, queue="other"))[0]
    await end(platform, [here, there], clock.at)
    await queues.set_retention(platform, ROOT, "other", 0.5)
    clock.move(DAY_MS)
    assert await retention.prune(platform, rest) == 1
    assert await left(platform) == {here}
    await queues.set_retention(platform, ROOT, "default", 30)
    clock.move(20 * DAY_MS)
    assert await retention.prune(platform, rest) == 0
    await queues.set_retention(platform, ROOT, "default", None)
    assert await retention.prune(platform, rest) == 1


async def test_what_a_live_task_waits_for_is_kept(platform: Platform, clock: HandClock) -> None:
    needed = (await submit(platform))[0]
    waits = (await submit(platform, depends_on=(needed,)))[0]
    await end(platform, [needed], clock.at)
    clock.move(8 * DAY_MS)
    assert await retention.prune(platform, rest) == 0
    await end(platform, [waits], clock.at)
    assert await retention.prune(platform, rest) == 1
    assert await left(platform) == {waits}
    await check_counters(platform)


async def test_it_goes_in_small_steps_with_rests(
    platform: Platform, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 10)
    await end(platform, (await submit(platform, 35))[::2], clock.at)
    clock.move(8 * DAY_MS)
    seen: list[int] = []

    async def look(seconds: float) -> None:
        assert seconds >= retention.REST_S
        seen.append(len(await left(platform)))
        await check_counters(platform)

    assert await retention.prune(platform, look) == 18
    assert seen == [30, 25, 20]
    assert len(await left(platform)) == 17


async def test_work_goes_on_while_a_step_is_under_way(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    await rota.submit(3)
    await rota.run()
    rota.clock.ahead_ms = 8 * DAY_MS
    await rota.submit(2)
    reached, go_on, step = asyncio.Event(), asyncio.Event(), steps.step

    async def held(db: Connection, *args: Any) -> steps.Step:
        done = await step(db, *args)
        reached.set()
        await go_on.wait()
        return done

    monkeypatch.setattr(steps, "step", held)
    pruning = asyncio.create_task(retention.prune(rota.platform, rest))
    async with asyncio.timeout(60):
        await reached.wait()
        claim = await rota.claim(1)
        assert await rota.settle(claim) == [True]
        if rota.platform.database.dialect == "postgres":  # SQLite writes one transaction after the other
            await rota.record()
            assert await rota.status(claim.tasks[0].id) == "SUCCEEDED"
            await rota.submit()
        assert len((await rota.claim(9)).tasks) >= 1
        assert not pruning.done()
    go_on.set()
    assert await pruning == 3
    await rota.record()
    await rota.check_counters()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_it_waits_for_nobody_and_deletes_nothing_that_is_revived(
    platform: Platform, clock: HandClock, database_url: str
) -> None:
    revived, other = await submit(platform, 2)
    await end(platform, [revived, other], clock.at)
    clock.move(8 * DAY_MS)
    async with platform_of(database_url, NOWHERE, clock) as second:
        async with second.database.transaction() as db:
            (task,) = await store.lock(db, [revived])
            await store.revive(db, second.shard, task, clock.at, 1, is_blocked=False)
            assert await retention.prune(platform, rest) == 1
        assert await left(platform) == {revived}
        assert await retention.prune(platform, rest) == 0
    await check_counters(platform)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_dependant_that_is_being_added_keeps_what_it_needs(
    platform: Platform, clock: HandClock, database_url: str
) -> None:
    needed = (await submit(platform))[0]
    await end(platform, [needed], clock.at)
    async with platform.database.transaction() as db:
        await Task.filter(id=needed).using_db(db.client).update(status="SUCCEEDED")
        changed = {("default", "CANCELLED", 5): -1, ("default", "SUCCEEDED", 5): 1}
        await counters.add(db, platform.shard, changed)
    clock.move(8 * DAY_MS)
    async with platform_of(database_url, NOWHERE, clock) as second:
        async with second.database.transaction() as db:
            await store.lock(db, [needed])
            task = await second.submission.prepare(ADA.user_id, WISH)
            await store.insert(db, second.shard, [task], [(task.id, needed)])
            assert await retention.prune(platform, rest) == 0
        assert await retention.prune(platform, rest) == 0
    await check_counters(platform)
