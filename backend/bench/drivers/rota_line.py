"""What is asked of Rota's line alone: claims one at a time, and all of it made anew after Redis was emptied."""

import asyncio
import statistics
import time
from typing import Any

from rota.operations.platform import Platform
from rota.worker.outcomes import succeeded

WORKER, LEASE_MS = "worker_bench", 60_000


async def claims(platform: Platform, queue: str, count: int) -> dict[str, float]:
    """Claims and settles one task after the other: µs of the clock for a claim (the median), and of Redis' CPU for both (the mean)."""
    broker, took = platform.broker, []
    before = await _cpu_s(platform)
    for number in range(count):
        started = time.perf_counter()
        claim = await broker.claim(queue, WORKER, f"claim-{number}", 1, LEASE_MS)
        took.append(time.perf_counter() - started)
        [task] = claim.tasks
        done = succeeded(task.id, task.number, claim.lease, task.used, claim.at, "0")
        await broker.settle(queue, WORKER, f"settle-{number}", [done])
    spent = await _cpu_s(platform) - before
    return {"us": statistics.median(took) * 1e6, "redis_us": spent / count * 1e6}


async def rebuild(platform: Platform, held: str) -> float:
    """Empties Redis; the seconds until the hash of what it holds is as large again, by the work of whoever leads."""
    redis = platform.broker.redis
    total = await redis.hlen(held)
    started = time.perf_counter()
    await redis.flushall()
    while await redis.hlen(held) < total:  # noqa: ASYNC110 - Redis tells nobody
        await asyncio.sleep(0.02)
    return time.perf_counter() - started


async def _cpu_s(platform: Platform) -> float:
    info: Any = await platform.broker.redis.info("cpu")
    return float(info["used_cpu_user"]) + float(info["used_cpu_sys"])
