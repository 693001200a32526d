"""The coordinator killed in the midst of a batch, and again and again; the reaper against who settles, step by step."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from itertools import permutations
from pathlib import Path

import asyncpg
import pytest

from rota.broker.scripts import Broker
from tests.support.broker import Line
from tests.support.faulty import Scene
from tests.support.rota import Rota, open_rota, settings_for


async def leader_of(scene: Scene) -> str | None:
    """The name of the coordinator that leads."""
    async with scene.rota.platform.database.read() as db:
        rows = await db.rows("SELECT holder FROM leaders WHERE name = 'coordinator'")
    holders = [str(row["holder"]).split(".")[-2] for row in rows]
    return next((name for name, pid in scene.fleet.pids.items() if str(pid) in holders), None)


@pytest.mark.short_on("postgres")
async def test_the_leader_is_killed_and_the_other_takes_over(scene: Scene) -> None:
    await scene.fleet.coordinator("coordinator-1")
    await scene.fleet.coordinator("coordinator-2")
    await scene.fleet.worker()
    await scene.offered()
    count = 10_000 if scene.is_long else 500
    await scene.submit_pieces(count)
    await scene.until_ended(count // 3)
    leader = await leader_of(scene)
    assert leader is not None
    other = {"coordinator-1": "coordinator-2", "coordinator-2": "coordinator-1"}[leader]
    scene.fleet.kill(leader)

    async def has_taken_over() -> bool:
        return await leader_of(scene) == other

    await scene.until(has_taken_over, "the other coordinator's lead", 10.0)
    found = await scene.audit()
    assert found.outcomes() == {"SUCCEEDED": count}
    # Submitted, started, ended: what was recorded twice would have moved on further.
    assert max(task["version"] for task in found.tasks.values()) <= 3


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.short_on("postgres")
async def test_the_coordinator_is_killed_in_the_midst_of_a_batch(scene: Scene, database_url: str) -> None:
    """A lock from outside stops the recorder after it has moved its position and the tasks; there it is killed."""
    await scene.fleet.coordinator()
    await scene.fleet.worker()
    await scene.offered()
    count, times = (2_000, 20) if scene.is_long else (200, 2)
    host, name = database_url.rpartition("host=")[2], database_url.split("@/")[1].split("?", maxsplit=1)[0]
    outside = await asyncpg.connect(user="postgres", host=host, database=name)

    async def is_caught() -> bool:
        query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'functions'::regclass"
        return bool(await outside.fetchval(query))

    try:
        for time in range(times):
            async with outside.transaction():
                await outside.execute("LOCK TABLE functions IN EXCLUSIVE MODE")
                await scene.submit_pieces(count, first=time * count)
                await scene.until(is_caught, "the recorder in the midst of a batch")
                scene.fleet.kill("coordinator")
    finally:
        await outside.close()
    found = await scene.audit()
    assert found.outcomes() == {"SUCCEEDED": times * count}
    assert set(found.starts.values()) == {1}
    assert max(task["version"] for task in found.tasks.values()) <= 3


@pytest.mark.short_on("sqlite")
async def test_the_coordinator_is_killed_again_and_again(scene: Scene) -> None:
    dice = random.Random(4)
    await scene.fleet.coordinator()
    await scene.fleet.workers(2)
    await scene.offered()
    count, times = (10_000, 60) if scene.is_long else (400, 3)
    for time in range(times):
        await scene.submit_pieces(count // times, first=time * (count // times))
        await scene.until_ended((time * (count // times)) + dice.randint(1, count // times))
        await asyncio.sleep(dice.uniform(0, 0.3))
        scene.fleet.kill_one(dice, "coordinator")
    found = await scene.audit()
    assert found.outcomes() == {"SUCCEEDED": len(found.tasks)}
    assert set(found.starts.values()) == {1}
    assert max(task["version"] for task in found.tasks.values()) <= 3


@pytest.fixture
async def rota(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Rota]:
    async with open_rota(settings_for(database_url, redis_url, tmp_path)) as opened:
        yield opened


STEPS = ("settle", "sweep", "record", "claim again", "record again")


@pytest.mark.short_on("sqlite")
async def test_reaper_against_settle_step_by_step(rota: Rota) -> None:
    for order in permutations(STEPS):
        await walk(rota, order)


async def walk(rota: Rota, order: tuple[str, ...]) -> None:
    """One task whose lease has ended; its worker settles, the reaper sweeps, another claims: in this order."""
    (task,) = await rota.submit()
    first = await rota.claim(worker="w1")
    await rota.end_leases()
    taken = {}
    for step in order:
        if step == "settle":
            taken["w1"] = await rota.settle_one(first, worker="w1", result="first")
        elif step == "sweep":
            await rota.broker.sweep(rota.queue)
        elif step == "claim again":
            second = await rota.claim(worker="w2")
            for index in range(len(second.tasks)):
                taken["w2"] = await rota.settle_one(second, index, worker="w2", result="second")
        else:
            await rota.record()
    await rota.broker.sweep(rota.queue)
    last = await rota.claim(worker="w3")
    for index in range(len(last.tasks)):
        taken["w3"] = await rota.settle_one(last, index, worker="w3", result="third")
    await rota.record()
    assert sum(taken.values()) == 1, (order, taken)
    row = await rota.task(task.id)
    winner = next(worker for worker, is_taken in taken.items() if is_taken)
    assert (row.status, row.worker_id) == ("SUCCEEDED", winner)
    assert row.result == {"w1": '"first"', "w2": '"second"', "w3": '"third"'}[winner]
    outcomes = Counter(attempt.outcome for attempt in await rota.attempts(task.id))
    assert outcomes["SUCCEEDED"] == 1
    assert outcomes.keys() <= {"SUCCEEDED", "LOST"}
    await rota.check_counters()
    assert await rota.left_over() == {}


@pytest.mark.short_on("postgres")
async def test_two_reapers_at_once(rota: Rota, redis_url: str, is_long: bool) -> None:
    count = 20_000 if is_long else 2_000
    tasks = await rota.submit(count)
    claim = await rota.claim(4_000)
    while len(claim.tasks) == 4_000 and (more := (await rota.claim(4_000)).tasks):
        claim = claim._replace(tasks=[*claim.tasks, *more])
    held = await rota.redis.hlen(rota.key("running"))
    await rota.end_leases()
    async with Line(redis_url) as other:
        swept = await asyncio.gather(*(reap(broker) for broker in (rota.broker, other.broker) * 2))
    assert sum(swept) == held
    await rota.record()
    async with rota.platform.database.read() as db:
        (row,) = await db.rows("SELECT count(*) AS n, max(deaths) AS deaths FROM tasks WHERE status = 'QUEUED'")
        (closed,) = await db.rows("SELECT count(*) AS n FROM attempts WHERE outcome = 'LOST'")
    assert (row["n"], row["deaths"], closed["n"]) == (len(tasks), 1, held)
    await rota.check_counters()


async def reap(broker: Broker) -> int:
    """Sweeps until nothing is left; how many it took back."""
    lost = 0
    while True:
        swept = await broker.sweep("default", 50)
        lost += swept.lost
        if not swept.more:
            return lost
