"""Promotes what is due, expires what waits past its deadline, takes back what ended leases held: twice a second."""

import asyncio

from rota.logs import get_logger
from rota.operations.platform import Platform
from rota.store import queues

log = get_logger(__name__)

EVERY_S = 0.5


async def run(platform: Platform) -> None:
    """Sweeps until it is cancelled."""
    while True:
        async with platform.database.read() as db:
            names = [queue.name for queue in await queues.all_queues(db)]
        for name in names:
            await sweep(platform, name)
        await asyncio.sleep(EVERY_S)


async def sweep(platform: Platform, queue: str) -> None:
    """Sweeps one queue until nothing is left to move."""
    while True:
        swept = await platform.broker.sweep(queue)
        if swept.lost:
            log.warning("took back tasks whose worker is gone", queue=queue, tasks=swept.lost)
        if not swept.more:
            return
