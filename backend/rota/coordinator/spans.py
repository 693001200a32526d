"""Adds the seconds of what happened up into longer spans, so that no chart reads a day second by second."""

import asyncio

from rota.operations.platform import Platform
from rota.store import ticks

EVERY_S = 15.0
# A second may still be written a moment after it has ended.
SETTLED_S = 10


async def run(platform: Platform) -> None:
    """Adds up what has ended until it is cancelled."""
    while True:
        await add_up(platform)
        await asyncio.sleep(EVERY_S)


async def add_up(platform: Platform) -> None:
    """One round: all spans that have ended and were not added up yet."""
    until = platform.clock.now_ms() // 1000 - SETTLED_S
    more = True
    while more:
        async with platform.database.transaction() as db:
            more = await ticks.add_up(db, until)
