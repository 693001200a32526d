"""Commits changes at a rate, each with the instant just before its commit as the task's title: `python -m bench.api.changer`."""

import asyncio
import itertools
import json
import time

from rota.clock import SystemClock
from rota.domain.events import Change
from rota.domain.tasks import NewTask
from rota.operations.platform import Platform
from rota.store import functions, queues

BATCHES_A_SECOND = 20  # as a recorder commits what came meanwhile
TASKS = 5_000
FUNCTION, QUEUE = "noop", "default"
OFFER = {
    "name": FUNCTION,
    "description": "",
    "args_schema": {"type": "object", "properties": {}},
    "queue": QUEUE,
    "default_priority": 5,
    "max_attempts": 3,
    "executor": "ASYNC",
}


async def prepare(platform: Platform) -> list[str]:
    """Makes the tasks that will change; their ids."""
    now = SystemClock().now_ms()
    async with platform.database.transaction() as db:
        await queues.ensure(db, [QUEUE], platform.settings.level_ms, now)
        await functions.offer(db, [OFFER], now)
    found: list[str] = []
    while len(found) < TASKS:
        found += [task.id for task in await platform.submission.submit(None, [NewTask(function=FUNCTION)] * 1_000)]
    await platform.submission.drain()
    return found


async def change(platform: Platform, task_ids: list[str], rate: int, seconds: int) -> int:
    """Changes tasks, a batch a transaction, in even steps; how many changes were committed."""
    size = max(1, rate // BATCHES_A_SECOND)
    turn = itertools.cycle(task_ids)
    begun, committed = time.monotonic(), 0
    while (now := time.monotonic()) < begun + seconds:
        ahead_s = committed / rate - (now - begun)
        if ahead_s > 0:
            await asyncio.sleep(ahead_s)
        batch = list(itertools.islice(turn, size))
        rows = [(task_id, str(time.monotonic_ns()), platform.clock.now_ms()) for task_id in batch]
        async with platform.database.transaction() as db:
            await db.update("tasks", "id", {"id": "text", "title": "text", "changed_at": "bigint"}, rows)
        # Waited for: this process is ended as soon as it has committed all.
        await platform.announcer.announce(Change(tuple(batch)))
        committed += size
    return committed


async def main() -> None:
    from bench.api.server import asked_of_parent, settings
    from rota.wiring import open_platform

    async with open_platform(settings()) as platform:
        print("true", flush=True)
        async for asked in asked_of_parent():
            print(json.dumps(await change(platform, asked["task_ids"], asked["rate"], asked["seconds"])), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
