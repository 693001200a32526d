"""Does what was asked for many tasks: each action a few tasks in its turn, with rests, going on where the last leader stopped."""

import asyncio
from collections.abc import Awaitable, Callable

from rota.broker.client import REDIS_GONE
from rota.domain.bulk import KEPT_DAYS
from rota.domain.retention import DAY_MS
from rota.logs import get_logger
from rota.operations import bulk
from rota.operations.platform import Platform
from rota.store import bulk as store

log = get_logger(__name__)

LOOK_EVERY_S = 0.25
PRUNE_EVERY_S = 600.0
PRUNE_AT_ONCE = 1_000
REST_SHARE = 1  # it rests as long as it works: others write meanwhile

Rest = Callable[[float], Awaitable[None]]


async def run(platform: Platform) -> None:
    """Works until it is cancelled."""
    loop = asyncio.get_running_loop()
    prune_at = 0.0
    while True:
        if loop.time() >= prune_at:
            await prune(platform)
            prune_at = loop.time() + PRUNE_EVERY_S
        if not await turn(platform):
            await asyncio.sleep(LOOK_EVERY_S)


async def turn(platform: Platform, rest: Rest = asyncio.sleep) -> bool:
    """One step of each action that is not finished. False where there was none."""
    async with platform.database.read() as db:
        waiting = await store.unfinished(db)
    loop = asyncio.get_running_loop()
    for action_id in waiting:
        started = loop.time()
        try:
            action = await bulk.step(platform, action_id)
        except REDIS_GONE as error:
            log.warning("an action waits for Redis", action=action_id, error=str(error))
            await rest(LOOK_EVERY_S)
            continue
        if action is not None and action.finished_at is not None:
            log.info("action ended", action=action.id, kind=action.kind, done=action.done, failed=action.failed)
        await rest(REST_SHARE * (loop.time() - started))
    return bool(waiting)


async def prune(platform: Platform) -> int:
    """Forgets actions that ended long ago, their marks first, a few at a time. Returns how many actions."""
    before = platform.clock.now_ms() - KEPT_DAYS * DAY_MS
    pruned = PRUNE_AT_ONCE
    while pruned == PRUNE_AT_ONCE:
        async with platform.database.transaction() as db:
            pruned = await store.prune_marks(db, before, PRUNE_AT_ONCE)
    async with platform.database.transaction() as db:
        return await store.prune(db, before)
