"""saq: 100 tasks at once, workers that block on Redis."""

import asyncio
import time
from typing import Any

from redis.asyncio import Redis
from saq.queue.redis import RedisQueue
from saq.worker import Worker

from bench.drivers.base import REDIS_URL, Driver, gate, main

CONCURRENCY = 100


async def noop(_ctx: dict[str, Any]) -> float:
    return time.time()


def queue() -> RedisQueue:
    # Newer redis-py gives 100 connections at most and breaks a wait off after five seconds: its workers then lose tasks.
    redis = Redis.from_url(REDIS_URL, socket_timeout=None, max_connections=10 * CONCURRENCY)
    # Its own bound on operations in flight is lower than what the worker runs at once.
    return RedisQueue(redis, max_concurrent_ops=CONCURRENCY)


class Saq(Driver):
    async def prepare(self) -> None:
        self._queue = queue()
        await self._queue.connect()

    async def submit_one(self) -> None:
        await self._queue.enqueue("noop")

    async def remaining(self) -> int:
        return int(await self._queue.count("incomplete"))

    async def probe(self) -> float:
        job = await self._queue.enqueue("noop")
        assert job is not None
        # Its own waiting misses announcements with this redis-py, and takes a second then.
        while not job.completed:
            await asyncio.sleep(0.001)
            await job.refresh()
        return float(job.result)


async def work() -> None:
    own = queue()
    await own.connect()
    worker = Worker(own, [noop], concurrency=CONCURRENCY)
    gate()
    await worker.start()


if __name__ == "__main__":
    main(Saq, work)
