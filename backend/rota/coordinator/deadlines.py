"""Expires what waits for other tasks past its deadline: it is in SQL alone, where no sweep of Redis comes by."""

import asyncio

from rota.domain.events import Change
from rota.domain.record import EXPIRED_ERROR
from rota.domain.states import TaskStatus
from rota.logs import get_logger
from rota.operations import dependencies
from rota.operations.platform import Platform
from rota.store import tasks
from rota.store.database import again_on_deadlock

log = get_logger(__name__)

EVERY_S = 0.5
AT_ONCE = 500


async def run(platform: Platform) -> None:
    """Looks until it is cancelled."""
    while True:
        if await expire(platform) < AT_ONCE:
            await asyncio.sleep(EVERY_S)


@again_on_deadlock
async def expire(platform: Platform) -> int:
    """Ends some of those whose deadline has passed, and cancels what depends on them. Returns how many were found."""
    at = platform.clock.now_ms()
    async with platform.database.read() as db:
        late = await tasks.blocked_past(db, at, AT_ONCE)
    if not late:
        return 0
    async with platform.database.transaction() as db:
        # Locked, and looked at again: the last that it waits for may have ended, or it was given more time.
        found = [task for task in await tasks.lock(db, late) if task.status == TaskStatus.BLOCKED]
        found = [task for task in found if task.deadline_at is not None and task.deadline_at <= at]
        await tasks.end(db, platform.shard, found, TaskStatus.EXPIRED, at, dict(EXPIRED_ERROR))
        expired = [task.id for task in found]
        _, cancelled = await dependencies.resolve(db, platform.shard, expired, at)
    platform.announcer.tell(Change((*expired, *cancelled)))
    return len(late)
