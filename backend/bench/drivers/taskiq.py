"""taskiq: a Redis list as broker (its quickest), results in Redis, 100 tasks at once with prefetch."""

import time

from taskiq.api import run_receiver_task
from taskiq_redis import ListQueueBroker, RedisAsyncResultBackend

from bench.drivers.base import REDIS_URL, Driver, gate, main

QUEUE = "taskiq"
broker = ListQueueBroker(REDIS_URL, queue_name=QUEUE).with_result_backend(
    RedisAsyncResultBackend(REDIS_URL, result_ex_time=3600)
)


@broker.task(task_name="noop")
async def noop() -> float:
    return time.time()


class Taskiq(Driver):
    async def prepare(self) -> None:
        from redis.asyncio import Redis

        await broker.startup()
        self._redis = Redis.from_url(REDIS_URL)
        self._submitted = 0

    async def submit_one(self) -> None:
        self._submitted += 1
        await noop.kiq()

    async def remaining(self) -> int:
        # Each result is a key, and the line is one while it is not empty.
        keys = int(await self._redis.dbsize())
        if keys >= self._submitted:
            return int(await self._redis.llen(QUEUE))
        return self._submitted - keys + bool(await self._redis.exists(QUEUE))

    async def probe(self) -> float:
        task = await noop.kiq()
        result = await task.wait_result(check_interval=0.001)
        return float(result.return_value)


async def work() -> None:
    broker.is_worker_process = True
    await broker.startup()
    gate()
    await run_receiver_task(broker, max_async_tasks=100, max_prefetch=200)


if __name__ == "__main__":
    main(Taskiq, work)
