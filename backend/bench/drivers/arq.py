"""arq: 100 tasks at once, polled each 10 ms and many at a time."""

import time
from typing import Any

from arq import create_pool
from arq.connections import ArqRedis, RedisSettings
from arq.constants import default_queue_name
from arq.worker import Worker, func

from bench.drivers.base import REDIS_SOCKET, Driver, gate, main

SETTINGS = RedisSettings(unix_socket_path=REDIS_SOCKET)


async def noop(_ctx: dict[str, Any]) -> float:
    return time.time()


class Arq(Driver):
    async def prepare(self) -> None:
        self._redis: ArqRedis = await create_pool(SETTINGS)

    async def submit_one(self) -> None:
        await self._redis.enqueue_job("noop")

    async def remaining(self) -> int:
        # A task leaves the queue in the transaction that stores its result.
        return int(await self._redis.zcard(default_queue_name))

    async def probe(self) -> float:
        job = await self._redis.enqueue_job("noop")
        assert job is not None
        return float(await job.result(poll_delay=0.001))


async def work() -> None:
    worker = Worker(
        [func(noop, name="noop")],
        redis_settings=SETTINGS,
        max_jobs=100,
        queue_read_limit=1000,
        poll_delay=0.01,
        log_results=False,
        handle_signals=False,
    )
    gate()
    await worker.main()


if __name__ == "__main__":
    main(Arq, work)
