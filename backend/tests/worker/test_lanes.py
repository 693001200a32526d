"""Real workers in a queue with lanes: strategies change under load and nothing is lost; lanes are stolen and given back."""

import asyncio
import collections
from typing import Any

from rota.broker.workers import Workers
from tests.support.working import Shop, shop, until, working


async def quick(ctx: Any) -> None:
    """Something that takes a moment."""
    await asyncio.sleep(0.002)


async def gate(ctx: Any) -> None:
    """Runs until it is cancelled."""
    await asyncio.Event().wait()


async def lane(line: Shop, worker: str) -> int:
    return (await line.broker.lane_sizes([(line.queue, worker)]))[0]


async def test_strategies_change_under_load_and_every_task_runs_once(redis_url: str) -> None:
    async with (
        shop(redis_url) as line,
        working(redis_url, quick) as one,
        working(redis_url, quick, stealing=False) as two,
    ):
        names: list[str] = []
        for strategy in ("ROUND_ROBIN", "LEAST_LOADED", "PRIORITY", "LEAST_LOADED", "ROUND_ROBIN", "PRIORITY"):
            names += await line.push_many("quick", 120)
            await line.broker.configure(line.queue, is_paused=False, strategy=strategy)

            async def is_half_done(wanted: int = len(names) - 60) -> bool:
                return len(await line.all_told("settled")) >= wanted

            await until(is_half_done)
        for name in names:
            assert (await line.settled(name))["outcome"] == "SUCCEEDED"
        runs = collections.Counter(task_id for task_id, _ in await line.all_told("claimed"))
        assert runs == dict.fromkeys(names, 1)
        assert one.jobs_complete > 0
        assert two.jobs_complete > 0
        assert await line.redis.hlen(line.broker.keys.queue(line.queue, "laned")) == 0


async def test_an_idle_worker_takes_over_what_a_busy_one_was_given(redis_url: str) -> None:
    async with shop(redis_url) as line, working(redis_url, quick, gate, slots=1) as busy:
        await line.broker.configure(line.queue, is_paused=False, strategy="ROUND_ROBIN")
        blocker = await line.push("gate")
        await line.told("claimed", blocker)
        waiting = await line.push("quick")

        async def is_given() -> bool:
            return await lane(line, busy.worker_id) == 1

        await until(is_given)
        async with working(redis_url, quick, slots=1):
            assert (await line.settled(waiting))["outcome"] == "SUCCEEDED"
        assert (await line.broker.stats(line.queue))["stolen"] == 1


async def test_a_worker_without_stealing_leaves_others_lanes_alone_until_they_are_given_back(redis_url: str) -> None:
    async with shop(redis_url) as line, working(redis_url, quick, gate, slots=1) as busy:
        await line.broker.configure(line.queue, is_paused=False, strategy="ROUND_ROBIN")
        await line.told("claimed", await line.push("gate"))
        waiting = await line.push("quick")

        async def is_given() -> bool:
            return await lane(line, busy.worker_id) == 1

        await until(is_given)
        async with working(redis_url, quick, slots=1, stealing=False):
            later = await line.push("quick")
            await line.settled(later)
            assert await lane(line, busy.worker_id) == 1
            busy.drain()
            assert (await line.settled(waiting))["outcome"] == "SUCCEEDED"
        assert await line.all_told("unassigned") != []


async def test_stealing_is_switched_on_while_a_worker_runs(redis_url: str) -> None:
    async with shop(redis_url) as line, working(redis_url, quick, gate, slots=1) as busy:
        await line.broker.configure(line.queue, is_paused=False, strategy="ROUND_ROBIN")
        await line.told("claimed", await line.push("gate"))
        waiting = await line.push("quick")

        async def is_given() -> bool:
            return await lane(line, busy.worker_id) == 1

        await until(is_given)
        async with working(redis_url, quick, slots=1, stealing=False) as idle:
            await line.settled(await line.push("quick"))
            assert await lane(line, busy.worker_id) == 1
            await Workers(line.redis, "rota").want_stealing(idle.worker_id, True)
            assert (await line.settled(waiting))["outcome"] == "SUCCEEDED"
            assert idle.identity.stealing is True
        assert (await line.broker.stats(line.queue))["stolen"] == 1
