"""Pools are sized, split between supervisors, and say why: on real Redis and both databases."""

from typing import Any

import pytest

from rota import jsontext
from rota.broker.pools import Share
from rota.coordinator.autoscaler import STOPPED_KEPT_MS, TROUBLE_MS, Autoscaler
from rota.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from rota.domain.pools import DEFAULT_POOL, NewPool
from rota.operations import pools as operations
from rota.store import pools as store
from rota.store.models import Pool
from tests.support.rota import ADMIN, ALICE, Rota

TTL_MS = 60_000
QUIET_MS = 30_000


async def start(rota: Rota, **wish: Any) -> Pool:
    return await operations.start(rota.platform, ADMIN, NewPool(**{"name": "p", **wish}))


async def read(rota: Rota, pool: Pool) -> Pool:
    return await operations.get(rota.platform, ADMIN, pool.id)


async def told(rota: Rota, pool: Pool) -> list[tuple[int, int, str]]:
    """A pool's decisions, the oldest first."""
    rows = await operations.decisions_of(rota.platform, pool.id, 200)
    return [(row.size_from, row.size_to, row.reason) for row in reversed(rows)]


async def supervisor(
    rota: Rota, name: str, capacity: int = 10, queues: list[str] | None = None, **more: Any
) -> list[Share] | None:
    """A sign of life of a supervisor; what it is to run."""
    info = {"name": name, "capacity": capacity, "queues": queues, **more}
    return await rota.platform.pools.beat(name, info, TTL_MS)


async def worker(rota: Rota, pool: Pool | None, name: str = "worker_1", **info: Any) -> None:
    """A worker in the register."""
    told = {"name": name, "status": "ONLINE", "queues": ["default"], "slots": 5, "running_count": 0}
    await rota.platform.workers.register(name, {**told, "pool": pool.id if pool else None, **info}, [], TTL_MS)


async def test_a_ready_task_wakes_a_pool_and_quiet_puts_it_to_sleep(rota: Rota) -> None:
    pool = await start(rota, min_workers=0, max_workers=3)
    scaler = Autoscaler(rota.platform)
    await supervisor(rota, "s")
    await scaler.step()
    assert (await read(rota, pool)).desired_workers == 0
    assert await supervisor(rota, "s") == []

    await rota.submit()
    await scaler.step()
    assert (await read(rota, pool)).desired_workers == 1
    assert await supervisor(rota, "s") == [Share(pool.id, "p", (), 5, True, 1)]
    await worker(rota, pool)
    await rota.run(worker="worker_1")
    await scaler.step()  # it sees that something has started
    rota.clock.ahead_ms += QUIET_MS
    await scaler.step()
    assert (await read(rota, pool)).desired_workers == 1
    rota.clock.ahead_ms += QUIET_MS + 1_000
    await scaler.step()
    assert (await read(rota, pool)).desired_workers == 0
    assert await supervisor(rota, "s") == []
    assert await told(rota, pool) == [
        (0, 0, "Started by admin with 0 to 3 workers."),
        (0, 1, "A task waits and there is no worker. How long they run is not known yet; 1 s each is assumed."),
        (1, 0, "For 30 s nothing has waited or run."),
    ]


async def test_a_backlog_is_measured_by_what_functions_take(rota: Rota) -> None:
    pool = await start(rota, max_workers=9, target_wait_ms=10_000)
    async with rota.platform.database.transaction() as db:
        await db.run("UPDATE functions SET expected_ms = 4000 WHERE name = 'multiply'")
    await worker(rota, pool, running_count=5)
    await rota.submit(25)  # 100 s of work in 10 s: ten slots
    scaler = Autoscaler(rota.platform)
    await scaler.step()
    assert (await read(rota, pool)).desired_workers == 2
    assert (await told(rota, pool))[-1][2] == "25 tasks wait about 20 s for 5 slots; 10 s is the target."
    # Others help; those of no queue of the pool's do not, nor do those that take nothing.
    await rota.submit(40)  # 260 s: 26 slots, six workers
    await worker(rota, None, "worker_2", slots=10, status="PAUSED")
    await worker(rota, None, "worker_3", slots=10, queues=["other"])
    await worker(rota, None, "worker_4", slots=10)
    await scaler.step()
    assert (await read(rota, pool)).desired_workers == 4


async def test_until_a_run_time_is_measured_it_is_at_least_what_has_run_so_far(rota: Rota) -> None:
    pool = await start(rota, max_workers=9, target_wait_ms=10_000)
    await worker(rota, pool, running_count=5)
    await rota.submit(5)
    await rota.claim(5, worker="worker_1")
    await rota.submit(10)
    await rota.record()
    scaler = Autoscaler(rota.platform)
    await scaler.step()
    assert (await read(rota, pool)).desired_workers == 1, "10 s of work for five slots, at a second each"
    rota.clock.ahead_ms += 60_000
    await scaler.step()
    assert (await read(rota, pool)).desired_workers == 3, "as many slots as tasks"
    assert any("is not known yet; 1 min each is assumed." in reason for _, _, reason in await told(rota, pool))


async def test_a_paused_queue_asks_for_nobody(rota: Rota) -> None:
    pool = await start(rota, min_workers=0)
    await rota.submit(3)
    async with rota.platform.database.transaction() as db:
        await db.run("UPDATE queues SET is_paused = $1", True)
    await Autoscaler(rota.platform).step()
    assert (await read(rota, pool)).desired_workers == 0


async def test_it_keeps_which_queues_its_workers_take_from(rota: Rota) -> None:
    async with rota.platform.database.transaction() as db:
        await db.run(
            "INSERT INTO queues (id, name, kind, strategy, is_paused, level_ms, created_at) "
            "SELECT 'queue_2', 'other', kind, strategy, is_paused, level_ms, created_at FROM queues"
        )
    pool = await start(rota, min_workers=0)
    await worker(rota, pool, queues=["other"])
    scaler = Autoscaler(rota.platform)
    await scaler.step()
    await rota.platform.workers.leave("worker_1")
    await rota.submit()  # in a queue that is none of its
    await scaler.step()
    row = await read(rota, pool)
    assert (operations.queues_of(row), row.desired_workers) == (["other"], 0)


async def test_a_dry_run_says_what_it_would_do(rota: Rota) -> None:
    pool = await start(rota, min_workers=1, max_workers=4, dry_run=True)
    await rota.submit(200)
    scaler = Autoscaler(rota.platform)
    for _ in range(3):
        await scaler.step()
    row = await read(rota, pool)
    assert (row.desired_workers, row.advised_workers) == (1, 4)
    decisions = await operations.decisions_of(rota.platform, pool.id, 10)
    assert [(one.size_from, one.size_to, one.is_dry_run) for one in decisions] == [(1, 4, True), (0, 1, False)]


async def test_supervisors_share_and_who_is_lost_gives_its_share_away(rota: Rota) -> None:
    pool = await start(rota, min_workers=4, max_workers=4, queues=("default",), stealing=False)
    scaler = Autoscaler(rota.platform)
    for name in ("a", "b"):
        assert await supervisor(rota, name) is None  # nobody has said anything yet
    await scaler.step()
    share = [Share(pool.id, "p", ("default",), 5, False, 2)]
    assert [await supervisor(rota, name) for name in ("a", "b")] == [share, share]
    await rota.redis.zadd(rota.broker.keys.pools("seen"), {"a": 1})
    await scaler.step()
    assert await supervisor(rota, "b") == [share[0]._replace(workers=4)]
    assert [one.id for one in (await rota.platform.pools.roll())[1]] == ["b"]
    # It comes back, and has its share again.
    assert await supervisor(rota, "a") is None
    await scaler.step()
    assert await supervisor(rota, "a") == share


async def test_what_keeps_a_pool_from_its_workers_is_said_once(rota: Rota) -> None:
    pool = await start(rota, queues=("default",))
    scaler = Autoscaler(rota.platform)

    async def pass_time() -> None:
        for _ in range(3):
            await scaler.step()
            rota.clock.ahead_ms += TROUBLE_MS

    await scaler.step()
    assert len(await told(rota, pool)) == 1  # everything may just have been started
    await pass_time()
    await supervisor(rota, "s", queues=["mail"])
    await pass_time()
    await supervisor(rota, "t", queues=["default"])
    await pass_time()
    said = [reason for _, _, reason in (await told(rota, pool))[1:]]
    assert len(said) == 3
    assert "No supervisor is there" in said[0]
    assert said[1:] == [
        "No supervisor has functions of default: start one with a target that has.",
        "There is room for all its workers again.",
    ]


@pytest.mark.parametrize("by", ["start", "change"])
async def test_what_was_wrong_is_taken_back_after_a_new_start_or_a_change(rota: Rota, by: str) -> None:
    (pool,) = await operations.ensure_default(rota.platform, 2, 5)
    scaler = Autoscaler(rota.platform)
    # Its supervisor has ended, and what runs takes its time to finish.
    for _ in range(2):
        await scaler.step()
        rota.clock.ahead_ms += TROUBLE_MS
    await scaler.step()
    ((_, _, trouble),) = await told(rota, pool)
    assert "No supervisor is there" in trouble
    assert "`" not in trouble
    if by == "start":
        await operations.ensure_default(rota.platform, 2, 5)
    else:
        wish = NewPool(min_workers=2, max_workers=2, slots_per_worker=7)
        await operations.update(rota.platform, ADMIN, pool.id, wish)
    await supervisor(rota, "s")
    await Autoscaler(rota.platform).step()
    assert (await told(rota, pool))[1:] == [(2, 2, "There is room for all its workers again.")]


async def test_that_its_workers_do_not_live_is_told(rota: Rota) -> None:
    pool = await start(rota, min_workers=1, max_workers=1)
    scaler = Autoscaler(rota.platform)

    async def pass_time(**failing: int) -> None:
        await supervisor(rota, "s", host="far", failing=failing)
        for _ in range(3):
            await scaler.step()
            rota.clock.ahead_ms += TROUBLE_MS

    await pass_time(**{pool.id: 2, "pool_gone": 2})
    await pass_time()
    assert [reason for _, _, reason in (await told(rota, pool))[1:]] == [
        "Its workers end as soon as they have started on far (status 2); what they log says why.",
        "Its workers live again.",
    ]


async def test_a_new_leader_goes_on_where_the_last_one_was(rota: Rota) -> None:
    pool = await start(rota, min_workers=0, max_workers=3)
    await rota.submit()
    await Autoscaler(rota.platform).step()
    await Autoscaler(rota.platform).step()
    assert (await read(rota, pool)).desired_workers == 1
    assert len(await told(rota, pool)) == 2


async def test_decisions_are_bounded(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "KEPT_DECISIONS", 3)
    pool, other = await start(rota), await start(rota, name="q")
    async with rota.platform.database.transaction() as db:
        for number in range(5):
            await store.add_decision(db, pool.id, number, (0, number), "x" * 900)
    assert [to for _, to, _ in await told(rota, pool)] == [2, 3, 4]
    assert len(await told(rota, other)) == 1


async def test_what_was_stopped_long_ago_is_forgotten(rota: Rota) -> None:
    pool = await start(rota)
    await operations.stop(rota.platform, ADMIN, pool.id)
    async with rota.platform.database.transaction() as db:
        assert await store.prune(db, rota.platform.clock.now_ms() - STOPPED_KEPT_MS, DEFAULT_POOL) == 0
        assert await store.prune(db, rota.platform.clock.now_ms() + 1, "p") == 0
        assert await store.prune(db, rota.platform.clock.now_ms() + 1, DEFAULT_POOL) == 1
    with pytest.raises(NotFound):
        await read(rota, pool)


async def test_a_stopped_pool_has_no_workers_and_starts_again_by_its_name(rota: Rota) -> None:
    pool = await start(rota, min_workers=2, max_workers=2)
    scaler = Autoscaler(rota.platform)
    await supervisor(rota, "s")
    await scaler.step()
    with pytest.raises(Conflict, match="named 'p'"):
        await start(rota)
    assert (await operations.stop(rota.platform, ADMIN, pool.id)).stopped_at is not None
    await operations.stop(rota.platform, ADMIN, pool.id)
    await scaler.step()
    assert await supervisor(rota, "s") == []
    with pytest.raises(Conflict, match="startPool"):
        await operations.update(rota.platform, ADMIN, pool.id, NewPool())
    again = await start(rota, slots_per_worker=7)
    assert (again.id, again.stopped_at, again.desired_workers) == (pool.id, None, 1)
    await scaler.step()
    assert await supervisor(rota, "s") == [Share(pool.id, "p", (), 7, True, 1)]


async def test_a_change_is_within_its_bounds_at_once(rota: Rota) -> None:
    pool = await start(rota, min_workers=2, max_workers=2, queues=("default",))
    changed = await operations.update(rota.platform, ADMIN, pool.id, NewPool(min_workers=3, max_workers=5))
    assert (changed.name, jsontext.loads(changed.queues), changed.desired_workers) == ("p", ["default"], 3)
    assert (await told(rota, pool))[-1] == (2, 3, "admin allows 3 to 5 workers.")
    changed = await operations.update(rota.platform, ADMIN, pool.id, NewPool(name="q", queues=()))
    assert (changed.name, jsontext.loads(changed.queues), changed.desired_workers) == ("q", [], 1)


async def test_what_is_refused(rota: Rota) -> None:
    pool = await start(rota)
    for refused, error in (
        (operations.start(rota.platform, ALICE, NewPool()), NotAllowed),
        (operations.update(rota.platform, ALICE, pool.id, NewPool()), NotAllowed),
        (operations.stop(rota.platform, ALICE, pool.id), NotAllowed),
        (operations.listed(rota.platform, ALICE), NotAllowed),
        (operations.start(rota.platform, ADMIN, NewPool(queues=("nowhere",))), Invalid),
        (operations.update(rota.platform, ADMIN, pool.id, NewPool(max_workers=0)), Invalid),
        (operations.stop(rota.platform, ADMIN, "pool_none"), NotFound),
    ):
        with pytest.raises(error):
            await refused


async def test_the_default_pool_follows_the_settings_until_somebody_changes_it(rota: Rota) -> None:
    (pool,) = await operations.ensure_default(rota.platform, 2, 10)
    assert (pool.name, pool.desired_workers, pool.min_workers, pool.max_workers) == ("default", 2, 2, 2)
    (pool,) = await operations.ensure_default(rota.platform, 4, 6)
    row = await read(rota, pool)
    assert (row.desired_workers, row.max_workers, row.slots_per_worker) == (4, 4, 6)
    await operations.update(rota.platform, ADMIN, pool.id, NewPool(min_workers=1, max_workers=3))
    await operations.ensure_default(rota.platform, 8, 10)
    row = await read(rota, pool)
    assert (row.desired_workers, row.max_workers, row.slots_per_worker) == (3, 3, 5)
    with pytest.raises(Invalid, match="keeps its name"):
        await operations.update(rota.platform, ADMIN, pool.id, NewPool(name="mine"))
    await operations.stop(rota.platform, ADMIN, pool.id)
    assert await operations.ensure_default(rota.platform, 8, 10) == []
