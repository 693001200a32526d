"""Comparing SQL and Redis: what was lost comes back, what ended goes, and nothing runs twice while nothing failed."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from rota.coordinator.reconciler import Reconciler
from rota.domain.limits import NewLimit
from rota.domain.states import TaskStatus
from rota.operations import limits, queues, tasks
from rota.store import tasks as store
from rota.store.models import Queue
from tests.support.broker import LEASE_MS, held, ids_of
from tests.support.rota import ADMIN, ALICE, Rota


@pytest.fixture
async def reconciler(rota: Rota) -> Reconciler:
    return Reconciler(rota.platform, rota.recorder)


async def queue_of(reconciler: Reconciler) -> Queue:
    (queue,) = await reconciler._queues()
    return queue


async def beside(rota: Rota, work: Coroutine[Any, Any, Any]) -> Any:
    """Does this with the recorder at work beside it, as in the leader."""
    doing = asyncio.create_task(work)
    while not doing.done():
        await rota.record()
        await asyncio.sleep(0)
    return await doing


async def push_missing(rota: Rota, reconciler: Reconciler, settled_ms: int = 0) -> int:
    return int(await beside(rota, reconciler.push_missing(await queue_of(reconciler), settled_ms)))


async def test_an_emptied_redis_is_filled_again(rota: Rota, reconciler: Reconciler) -> None:
    soon = rota.clock.now_ms() + 60_000
    waiting, running, failing = await rota.submit(3, deadline_at=soon)
    (later,) = await rota.submit(run_at=soon)
    (blocked,) = await rota.submit(depends_on=(later.id,))
    claim = await rota.claim(3)
    await rota.settle_one(claim, 2, outcome="FAILED", due_at=await rota.now() + 60_000, at=await rota.now())
    await rota.settle_one(claim, 0, outcome="RELEASED", due_at=await rota.now(), at=await rota.now())
    await rota.record()
    await rota.redis.flushdb()
    assert await push_missing(rota, reconciler) == 3
    assert await push_missing(rota, reconciler) == 0
    assert [await rota.status(task.id) for task in (waiting, running, failing, later, blocked)] == [
        "QUEUED", "RUNNING", "SCHEDULED", "SCHEDULED", "BLOCKED",
    ]  # fmt: skip
    assert await rota.left_over() == {
        "ready": 1, "scheduled": 2, "ranks": 2, "deadlines": 2, "tasks": 4, "tries": 2, "running": 1, "leases": 1,
    }  # fmt: skip
    again = await rota.run()
    assert [(one.id, one.number) for one in again.tasks] == [(waiting.id, 2)]
    await rota.check_counters()


async def test_what_runs_when_redis_is_emptied_goes_on(rota: Rota, reconciler: Reconciler) -> None:
    (task,) = await rota.submit()
    claim = await rota.claim()
    await rota.record()
    await rota.redis.flushdb()
    holds = held(claim)
    assert await rota.broker.renew(rota.queue, "w1", holds, LEASE_MS) == [], "it is not known to be lost"
    await push_missing(rota, reconciler)
    assert await rota.broker.renew(rota.queue, "w1", holds, LEASE_MS) == []
    assert await rota.broker.renew(rota.queue, "w2", holds, LEASE_MS) == [task.id]
    assert await rota.settle_one(claim, result="kept")
    await rota.record()
    assert [(one.number, one.outcome) for one in await rota.attempts(task.id)] == [(1, "SUCCEEDED")]
    assert await rota.left_over() == {}
    await rota.check_counters()


async def test_what_ends_while_redis_is_still_empty_has_ended(rota: Rota, reconciler: Reconciler) -> None:
    """Before anybody has told Redis what runs: SQL checks the token, and it is not taken back any more."""
    ended, failing, lost = await rota.submit(3)
    old = await rota.claim(1)
    await rota.end_leases()
    await rota.broker.sweep(rota.queue)
    claim = await rota.claim(3, worker="w2")
    await rota.record()
    await rota.redis.flushdb()
    assert await rota.settle_one(old, result="old")  # Redis cannot know
    index = {task.id: number for number, task in enumerate(claim.tasks)}
    assert await rota.settle_one(claim, index[ended.id], worker="w2", result="kept")
    at = await rota.now()
    await rota.settle_one(claim, index[failing.id], worker="w2", outcome="FAILED", due_at=at + 60_000, at=at)
    await push_missing(rota, reconciler)
    await push_missing(rota, reconciler)
    assert [await rota.status(task.id) for task in (ended, failing, lost)] == ["SUCCEEDED", "SCHEDULED", "RUNNING"]
    assert (await rota.task(ended.id)).result == '"kept"'
    assert [(one.outcome, one.late_outcome) for one in await rota.attempts(ended.id)] == [
        ("LOST", "SUCCEEDED"),
        ("SUCCEEDED", None),
    ]
    assert (await rota.claim(9)).tasks == []
    assert not await rota.settle_one(claim, index[ended.id], worker="w2", result="again"), "now Redis knows"
    await rota.check_counters()


async def test_what_is_taken_back_and_not_heard_of_runs_again(rota: Rota, reconciler: Reconciler) -> None:
    """Its worker is gone, or has handed it in just before; that is no death of its own."""
    (task,) = await rota.submit()
    await rota.claim()
    await rota.record()
    await rota.redis.flushdb()
    await push_missing(rota, reconciler)
    lease_ms = await rota.redis.zscore(rota.key("leases"), task.id) - await rota.now()
    assert 0 < lease_ms <= 3 * rota.platform.settings.heartbeat_ms
    await rota.end_leases()
    await rota.broker.sweep(rota.queue)
    await rota.record()
    found = await rota.task(task.id)
    assert (found.status, found.deaths) == ("QUEUED", 0)
    # Once it is heard of, it is a run like any other.
    claim = await rota.claim()
    await rota.record()
    await rota.redis.flushdb()
    await push_missing(rota, reconciler)
    await rota.broker.renew(rota.queue, "w1", held(claim), LEASE_MS)
    await rota.end_leases()
    await rota.broker.sweep(rota.queue)
    await rota.record()
    assert (await rota.task(task.id)).deaths == 1


async def test_what_waits_to_be_recorded_is_not_taken_back(rota: Rota, reconciler: Reconciler) -> None:
    """A Redis that was not emptied, and says nothing of it: that of a former version."""
    ended, runs = await rota.submit(2)
    claim = await rota.claim(2)
    await rota.record()
    first = next(number for number, task in enumerate(claim.tasks) if task.id == ended.id)
    await rota.settle_one(claim, first)
    await rota.redis.hdel(rota.key("config"), "rebuilt")
    assert await beside(rota, reconciler.take_back(await queue_of(reconciler))) == 0
    assert await rota.redis.hkeys(rota.key("running")) == [runs.id.encode()]
    assert await rota.broker.is_rebuilt(rota.queue)


async def test_of_many_that_run_all_are_taken_back(
    rota: Rota, reconciler: Reconciler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rota.coordinator.reconciler.AT_ONCE", 10)
    await rota.submit(20)
    await rota.claim(20)
    await rota.record()
    await rota.redis.flushdb()
    assert await beside(rota, reconciler.take_back(await queue_of(reconciler))) == 20
    assert await beside(rota, reconciler.take_back(await queue_of(reconciler))) == 0


async def test_a_run_that_redis_has_lost_alone_is_over(rota: Rota, reconciler: Reconciler) -> None:
    """An older copy of it was restored: its worker was told that it holds it no longer."""
    (task,) = await rota.submit()
    claim = await rota.claim()
    await rota.record()
    for name in ("running", "tasks"):
        await rota.redis.hdel(rota.key(name), task.id)
    await rota.redis.zrem(rota.key("leases"), task.id)
    assert await rota.broker.renew(rota.queue, "w1", held(claim), LEASE_MS) == [task.id]
    assert await push_missing(rota, reconciler) == 1
    assert await rota.status(task.id) == "QUEUED"
    # It is refused; the next has the next number.
    assert not await rota.settle_one(claim, result="old")
    assert [one.number for one in (await rota.run()).tasks] == [2]
    assert [(one.outcome, one.late_outcome) for one in await rota.attempts(task.id)] == [
        ("LOST", "SUCCEEDED"),
        ("SUCCEEDED", None),
    ]


async def test_while_nothing_failed_nothing_is_pushed(rota: Rota, reconciler: Reconciler) -> None:
    """Claims and settlements are in flight all the while, and the recorder lags behind."""
    await rota.submit(300)
    pushed = 0
    for number in range(30):
        claim = await rota.claim(10, worker=f"w{number % 3}")
        await rota.settle(claim, worker=f"w{number % 3}")
        pushed += await push_missing(rota, reconciler)
    assert pushed == 0
    assert (await rota.claim(10)).tasks == []
    assert {task["status"] for task in await rota.all_tasks()} == {"SUCCEEDED"}
    assert {task["number"] for task in await rota.all_tasks()} == {1}


async def test_it_waits_for_the_recorder_before_it_believes_that_something_is_lost(
    rota: Rota, reconciler: Reconciler
) -> None:
    (task,) = await rota.submit()
    await rota.settle(await rota.claim())  # Redis holds it no more, SQL does not know yet
    queue = await queue_of(reconciler)
    pushing = asyncio.create_task(reconciler.push_missing(queue, 0))
    done, _ = await asyncio.wait([pushing], timeout=0.3)
    assert not done
    await rota.record()
    assert await pushing == 0
    assert await rota.status(task.id) == "SUCCEEDED"


async def test_what_changed_just_now_is_left_to_who_changed_it(rota: Rota, reconciler: Reconciler) -> None:
    await rota.submit()
    await rota.redis.flushdb()
    assert await push_missing(rota, reconciler, settled_ms=5_000) == 0
    rota.clock.ahead_ms = 5_001
    assert await push_missing(rota, reconciler, settled_ms=5_000) == 1


async def test_what_changed_after_it_was_listed_is_left_to_who_changed_it(rota: Rota, reconciler: Reconciler) -> None:
    (task,) = await rota.submit()
    await rota.redis.flushdb()
    listed_at = (await rota.task(task.id)).changed_at + 1
    rota.clock.ahead_ms = 60_000
    await tasks.cancel(rota.platform, ALICE, task.id)
    await tasks.retry(rota.platform, ALICE, task.id)
    await rota.platform.submission.drain()
    await rota.redis.flushdb()
    queue = await queue_of(reconciler)
    assert await reconciler._push(queue, [task.id], listed_at) == 0
    assert await reconciler._push(queue, [task.id], listed_at + 120_000) == 1


async def test_what_ended_in_sql_is_dropped(rota: Rota, reconciler: Reconciler) -> None:
    """A cancellation while Redis was away."""
    kept, cancelled, gone = await rota.submit(3)
    async with rota.platform.database.transaction() as db:
        found = await store.lock(db, [cancelled.id])
        await store.end(db, "s", found, TaskStatus.CANCELLED, 1, {"type": "Cancelled", "message": "x"})
        await db.run("DELETE FROM tasks WHERE id = $1", gone.id)
    assert await reconciler.drop_ended(await queue_of(reconciler)) == 2
    assert await reconciler.drop_ended(await queue_of(reconciler)) == 0
    assert ids_of(await rota.claim(5)) == [kept.id]


async def test_a_task_that_was_retried_while_redis_was_away_comes(rota: Rota, reconciler: Reconciler) -> None:
    (task,) = await rota.submit()
    await rota.run(outcome="FAILED")
    await tasks.retry(rota.platform, ALICE, task.id)
    await rota.redis.flushdb()
    assert await push_missing(rota, reconciler) == 1
    claim = await rota.run()
    assert [one.number for one in claim.tasks] == [2]
    assert await rota.status(task.id) == "SUCCEEDED"


async def test_the_walk_reaches_every_task_in_parts(
    rota: Rota, reconciler: Reconciler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rota.coordinator.reconciler.AT_ONCE", 10)
    monkeypatch.setattr("rota.coordinator.reconciler.PAGES_A_ROUND", 2)
    await rota.submit(55)
    await rota.record()
    rota.clock.ahead_ms = 6_000
    queue = await queue_of(reconciler)
    assert await push_missing(rota, reconciler) == 0
    await rota.redis.flushdb()
    late = await rota.submit(1)  # it is new: found at once
    await rota.redis.flushdb()
    rota.clock.ahead_ms = 12_000
    sizes = []
    for _ in range(5):
        await beside(rota, reconciler._walk_on(queue))
        sizes.append((await rota.left_over())["tasks"])
    assert await rota.redis.hexists(rota.key("tasks"), late[0].id)
    assert sizes == [21, 41, 56, 56, 56]


async def test_lanes_that_redis_lost_are_dealt_out_again(rota: Rota, reconciler: Reconciler) -> None:
    await queues.set_strategy(rota.platform, ADMIN, rota.queue, "ROUND_ROBIN")
    await rota.claim(2)
    tasks_given = await rota.submit(2)
    await rota.record()
    assert [(await rota.task(task.id)).worker_id for task in tasks_given] == ["w1", "w1"]
    await rota.redis.flushdb()
    assert await push_missing(rota, reconciler) == 2
    assert [await rota.status(task.id) for task in tasks_given] == ["QUEUED", "QUEUED"]
    assert [(await rota.task(task.id)).worker_id for task in tasks_given] == [None, None]
    await reconciler.mend(await queue_of(reconciler))
    await rota.run()
    assert [await rota.status(task.id) for task in tasks_given] == ["SUCCEEDED", "SUCCEEDED"]
    assert [one.outcome for task in tasks_given for one in await rota.attempts(task.id)] == ["SUCCEEDED"] * 2
    await rota.check_counters()


async def test_who_is_not_in_the_register_has_no_lane(rota: Rota, reconciler: Reconciler) -> None:
    """Its leaving was not told: Redis came back from an older copy."""
    await queues.set_strategy(rota.platform, ADMIN, rota.queue, "ROUND_ROBIN")
    for worker in ("w1", "w2"):
        await rota.claim(2, worker)
    await rota.platform.workers.register("w2", {"name": "w2"}, [], 60_000)
    await rota.submit(4)
    await reconciler.mend(await queue_of(reconciler))
    assert {worker: len(lane) for worker, lane in (await rota.lanes()).items()} == {"w2": 2}
    assert len(ids_of(await rota.claim(4, "w2"))) == 4
    await rota.check_places()


async def test_limits_that_redis_lost_are_set_again(rota: Rota, reconciler: Reconciler) -> None:
    await limits.put(rota.platform, ADMIN, NewLimit(rota.queue, "multiply", max_running=2))
    await rota.submit(5)
    claim = await rota.claim(5)
    await rota.record()
    await rota.redis.flushdb()
    assert await reconciler.mend(await queue_of(reconciler)) == 0
    assert await push_missing(rota, reconciler) == 3
    assert await reconciler.mend(await queue_of(reconciler)) == 0, "what was taken back counts"
    assert (await rota.claim(5, worker="w2")).tasks == []
    await rota.settle_one(claim)
    assert len((await rota.claim(5, worker="w2")).tasks) == 1
    assert await rota.broker.counts(rota.queue) == {"f:multiply": 2}
    await rota.redis.hset(rota.key("counts"), "f:multiply", 5)
    assert await reconciler.mend(await queue_of(reconciler)) == 1
    await rota.check_places()


async def test_what_is_kept_of_workers_that_nobody_knows_goes_after_a_lease(rota: Rota, reconciler: Reconciler) -> None:
    queue = await queue_of(reconciler)
    await rota.submit(2)
    await rota.claim(worker="w1")
    await rota.claim(worker="w2")  # unheard, and may live: it holds a task
    assert (await rota.claim(worker="w4")).tasks == []  # dies before it is registered
    info = {"name": "w1", "queues": [rota.queue]}
    await rota.platform.workers.register("w1", info, [], 60_000)
    assert await reconciler.forget_strangers(queue) == 0
    rota.clock.ahead_ms += rota.platform.settings.lease_ms
    await rota.claim(worker="w3")  # has just come
    assert await reconciler.forget_strangers(queue) == 1
    assert await rota.broker.claimants(rota.queue) == {"w1", "w2", "w3"}
    assert await reconciler.forget_strangers(queue) == 0
