"""Keeps the totals that `/metrics` shows: counted in memory as the recorder records, written each second.

So they cost the recorder's transactions nothing. Who is killed loses the last second's, which a rate does not show; what
has ended and what was submitted is not counted here but follows from the counters, exactly.
"""

import asyncio

from rota.coordinator.recorder import Recorder
from rota.operations.platform import Platform
from rota.store import totals

EVERY_S = 1.0


async def run(platform: Platform, recorder: Recorder) -> None:
    """Writes until it is cancelled, and once more then."""
    try:
        while True:
            await asyncio.sleep(EVERY_S)
            await save(platform, recorder)
    finally:
        await save(platform, recorder)


async def save(platform: Platform, recorder: Recorder) -> None:
    """Writes what was counted since the last time; what cannot be written is kept for the next."""
    amounts, recorder.totals = recorder.totals, {}
    if not amounts:
        return
    try:
        async with platform.database.transaction() as db:
            await totals.add(db, platform.shard, amounts)
    except BaseException:
        for key, amount in amounts.items():
            recorder.totals[key] = recorder.totals.get(key, 0) + amount
        raise
