"""Whole processes of Rota, broken on purpose: what was accepted ends exactly once all the same."""

import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from rota.domain.tasks import NewTask
from rota.store import functions
from rota.store.models import Task
from rota.wiring import open_platform
from tests.support import ledger
from tests.support.broker import until
from tests.support.fleet import Fleet
from tests.support.rota import ALICE, Rota, SetClock, settings_for
from tests.support.servers import RedisServer

pytestmark = [pytest.mark.faults, pytest.mark.processes, pytest.mark.slow]
ALL_DONE_S = 60.0
only_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


class Scene:
    """A platform to submit by and to look through, and the processes that do the work."""

    def __init__(self, rota: Rota, fleet: Fleet) -> None:
        self.rota = rota
        self.fleet = fleet

    async def submit(self, count: int, seconds: float = 0.01) -> list[Task]:
        """Submits pieces of work as soon as a worker has offered the function."""

        async def is_offered() -> bool:
            async with self.rota.platform.database.read() as db:
                return await functions.get(db, "noted") is not None

        await self.until(is_offered, "the worker's offer")
        wishes = [NewTask(function="noted", args={"piece": piece, "seconds": seconds}) for piece in range(count)]
        return await self.rota.platform.submission.submit(ALICE.user_id, wishes)

    def ended(self) -> int:
        """How many pieces of work have come to their end, by the ledger."""
        return sum(line.what == "end" for line in ledger.read(self.fleet.ledger))

    async def until_ended(self, count: int) -> None:
        async def are_ended() -> bool:
            return self.ended() >= count

        await self.until(are_ended, f"{count} ends in the ledger")

    async def until_all_done(self) -> None:
        async def are_done() -> bool:
            return {task["status"] for task in await self.rota.all_tasks()} <= {
                "SUCCEEDED",
                "FAILED",
                "CANCELLED",
                "EXPIRED",
            }

        await self.until(are_done, "the end of all tasks")

    async def until(self, condition: Callable[[], Any], what: str) -> Any:
        try:
            return await until(condition, what, ALL_DONE_S)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.fleet.logs()}") from None

    async def check(self, count: int) -> list[dict[str, Any]]:
        """All succeeded, each once, each was truly done; nothing is left over. Returns the attempts."""
        found = await self.rota.all_tasks()
        assert Counter(task["status"] for task in found) == {"SUCCEEDED": count}
        assert sorted(int(task["result"]) for task in found) == list(range(count))
        async with self.rota.platform.database.read() as db:
            attempts = await db.rows("SELECT * FROM attempts ORDER BY id")
        won = Counter(attempt["task_id"] for attempt in attempts if attempt["outcome"] == "SUCCEEDED")
        assert won == Counter(task["id"] for task in found)
        assert {attempt["outcome"] for attempt in attempts} <= {"SUCCEEDED", "LOST", "RELEASED", "CANCELLED"}
        assert {line.piece for line in ledger.read(self.fleet.ledger) if line.what == "end"} == set(range(count))
        await self.rota.check_counters()

        async def is_clean() -> bool:
            return not await self.rota.left_over()

        await self.until(is_clean, "an empty Redis")
        return attempts


@pytest.fixture
async def scene(database_url: str, own_redis: RedisServer, tmp_path: Path) -> AsyncIterator[Scene]:
    settings = settings_for(database_url, own_redis.url, tmp_path)
    clock = SetClock()
    with Fleet(settings, tmp_path) as fleet:
        async with open_platform(settings, clock) as platform, Rota(platform, clock) as rota:
            yield Scene(rota, fleet)


async def test_a_worker_killed_half_way(scene: Scene) -> None:
    scene.fleet.coordinator()
    first, _ = scene.fleet.worker(), scene.fleet.worker()
    await scene.submit(1_000)
    await scene.until_ended(400)
    first.kill()
    await scene.until_all_done()
    attempts = await scene.check(1_000)
    assert all(attempt["outcome"] in ("SUCCEEDED", "LOST") for attempt in attempts)
    # Only what the killed one held was started again.
    starts = Counter(line.piece for line in ledger.read(scene.fleet.ledger) if line.what == "start")
    by_first = {line.piece for line in ledger.read(scene.fleet.ledger) if line.pid == first.pid}
    assert {piece for piece, times in starts.items() if times > 1} <= by_first


@only_postgres
async def test_redis_away_during_a_submit(scene: Scene, own_redis: RedisServer) -> None:
    scene.fleet.coordinator()
    scene.fleet.worker()
    await scene.submit(0)
    own_redis.stop()
    (task,) = await scene.submit(1)
    assert await scene.rota.status(task.id) == "QUEUED"
    own_redis.start()
    await scene.until_all_done()
    await scene.check(1)


@only_postgres
async def test_redis_emptied_half_way(scene: Scene) -> None:
    scene.fleet.coordinator()
    scene.fleet.worker()
    await scene.submit(600)
    await scene.until_ended(200)
    await scene.rota.redis.flushall()
    await scene.until_all_done()
    await scene.check(600)


@only_postgres
async def test_the_leading_coordinator_killed(scene: Scene) -> None:
    processes = [scene.fleet.coordinator(), scene.fleet.coordinator()]
    scene.fleet.worker()
    await scene.submit(500)
    await scene.until_ended(150)
    leader = await leading(scene, processes)
    assert leader is not None
    leader.kill()
    (other,) = (process for process in processes if process is not leader)

    async def has_taken_over() -> bool:
        return await leading(scene, processes) is other

    await until(has_taken_over, "the other coordinator's lead", 10.0)
    await scene.until_all_done()
    attempts = await scene.check(500)
    assert len(attempts) == 500
    # Submitted, started, ended: what was recorded twice would have moved on further.
    assert max(task["version"] for task in await scene.rota.all_tasks()) <= 3


@only_postgres
async def test_a_worker_that_sleeps_past_its_lease(scene: Scene) -> None:
    scene.fleet.coordinator()
    sleeper = scene.fleet.worker()
    await scene.submit(100, seconds=0.2)
    await scene.until_ended(20)
    sleeper.send_signal(signal.SIGSTOP)
    awake = scene.fleet.worker()
    await scene.until_all_done()
    before = await scene.rota.all_tasks()
    sleeper.send_signal(signal.SIGCONT)
    own = {line.piece for line in ledger.read(scene.fleet.ledger) if line.pid == sleeper.pid}
    others = {line.piece for line in ledger.read(scene.fleet.ledger) if line.pid == awake.pid}
    assert own & others, "some work was taken from the sleeper"

    async def is_told() -> bool:
        # What it held is settled late or given up; then it takes new work again.
        return bool(await scene.rota.redis.hexists(scene.rota.key("idle"), await worker_of(scene, sleeper)))

    await scene.until(is_told, "the sleeper to be idle")
    await scene.check(100)
    after = {task["id"]: task for task in await scene.rota.all_tasks()}
    for task in before:
        assert (after[task["id"]]["result"], after[task["id"]]["worker_id"]) == (task["result"], task["worker_id"])


async def leading(scene: Scene, processes: list[subprocess.Popen[bytes]]) -> subprocess.Popen[bytes] | None:
    async with scene.rota.platform.database.read() as db:
        rows = await db.rows("SELECT holder FROM leaders WHERE name = 'coordinator'")
    holders = [str(row["holder"]).split(".")[-2] for row in rows]
    return next((process for process in processes if str(process.pid) in holders), None)


async def worker_of(scene: Scene, process: subprocess.Popen[bytes]) -> str:
    _, registered = await scene.rota.platform.workers.roll()
    return next((worker.id for worker in registered if worker.info["pid"] == process.pid), "")
