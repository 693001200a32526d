"""Prunes what ended longer ago than its queue keeps it: in small steps with rests between, in SQL alone."""

import asyncio
from collections.abc import Awaitable, Callable

from rota import ids
from rota.domain.retention import DAY_MS
from rota.logs import get_logger
from rota.operations.platform import Platform
from rota.store import audit, queues, retention
from rota.store.models import Queue

log = get_logger(__name__)

EVERY_S = 60.0
AT_ONCE = 500
REST_S = 0.05
REST_SHARE = 4  # it rests four times as long as it works: at most a fifth of the database's time is its

Rest = Callable[[float], Awaitable[None]]


async def run(platform: Platform) -> None:
    """Prunes each minute until it is cancelled."""
    while True:
        await prune(platform)
        await prune_trail(platform)
        await asyncio.sleep(EVERY_S)


async def prune(platform: Platform, rest: Rest = asyncio.sleep) -> int:
    """One walk through all queues. Returns how many tasks were deleted."""
    async with platform.database.read() as db:
        found = await queues.all_queues(db)
    return sum([await _prune_queue(platform, queue, rest) for queue in found])


async def prune_trail(platform: Platform, rest: Rest = asyncio.sleep) -> int:
    """Forgets what was done too long ago. Returns how many entries."""
    before = platform.clock.now_ms() - round(platform.settings.audit_days * DAY_MS)
    upto = ids.first_of(ids.ENTRY, before)
    loop = asyncio.get_running_loop()
    deleted = 0
    while True:
        started = loop.time()
        async with platform.database.transaction() as db:
            gone = await audit.prune(db, upto, AT_ONCE)
        deleted += gone
        if gone < AT_ONCE:
            return deleted
        await rest(max(REST_S, REST_SHARE * (loop.time() - started)))


async def _prune_queue(platform: Platform, queue: Queue, rest: Rest) -> int:
    kept_ms = queue.retention_ms if queue.retention_ms is not None else platform.settings.retention_ms
    before = platform.clock.now_ms() - kept_ms
    upto = ids.first_of(ids.TASK, before)  # what was made later cannot have ended earlier
    loop = asyncio.get_running_loop()
    deleted, after = 0, ""
    while True:
        started = loop.time()
        async with platform.database.transaction() as db:
            done = await retention.step(db, platform.shard, queue.name, before, after, upto, AT_ONCE)
        deleted, after = deleted + done.deleted, done.after
        if not after:
            break
        await rest(max(REST_S, REST_SHARE * (loop.time() - started)))
    if deleted:
        log.info("pruned", queue=queue.name, tasks=deleted)
    return deleted
