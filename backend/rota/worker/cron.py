"""Cron jobs of arq's settings: each tick becomes one task, however many workers see it."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from arq.cron import CronJob
from arq.utils import to_unix_ms

from rota.broker.client import REDIS_GONE
from rota.logs import get_logger
from rota.worker.enqueue import TaskRedis

log = get_logger(__name__)

LONGEST_SLEEP_S = 1.0  # so that a clock that was set is noticed
AHEAD_S = 0.5  # the task is there a little before its tick, and starts at it


async def run_cron(
    jobs: Sequence[CronJob], redis: TaskRedis, queues: Mapping[str, str], timezone: tzinfo | None
) -> None:
    """Submits at each tick until it is cancelled; `queues` has each job's queue by its name."""
    while jobs:
        now = datetime.now(tz=timezone)
        for job in jobs:
            if job.next_run is None and job.run_at_startup:
                job.next_run = now
            elif job.next_run is None:
                job.calculate_next(now)
            await _submit_if_due(job, redis, queues[job.name], now)
        waits = [(job.next_run - now).total_seconds() - AHEAD_S for job in jobs if job.next_run is not None]
        await asyncio.sleep(min(max(min(waits, default=LONGEST_SLEEP_S), 0.05), LONGEST_SLEEP_S))


async def _submit_if_due(job: CronJob, redis: TaskRedis, queue: str, now: datetime) -> None:
    tick = job.next_run
    if tick is None or (tick - now).total_seconds() > AHEAD_S:
        return
    # The tick is the key: the first worker's task stands, the others' adds nothing. With a job id of its own the tick
    # still belongs to it: arq forgets a job's id with its result, an idempotency key would stand in the next one's way.
    name = job.job_id or (job.name if job.unique else None)
    key = None if name is None else f"{name}:{to_unix_ms(tick)}"
    try:
        await redis.enqueue_job(job.name, _job_id=key, _queue_name=queue, _defer_until=tick)
    except REDIS_GONE as error:
        log.warning("a tick is submitted when Redis is back", job=job.name, error=str(error))
        return
    # What was missed meanwhile is not made up for, as arq has it.
    job.calculate_next(max(tick, now))
